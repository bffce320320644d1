// SPDX-License-Identifier: GPL-2.0
// core/segment.c on receive: packets appended to a first one. A packet must be taken
// if, and only if, segmentation by the reference would give back all that went in.
#include "merger.h"
#include "reference.h"

using namespace plait_fuzz;
using plait_test::get16;
using plait_test::put16;

namespace {

constexpr u8 kFin = 0x01, kPsh = 0x08, kAck = 0x10, kCwr = 0x80;

// What the caller promises: a length that is the packet's, a partial checksum. An IPv4
// header's own checksum is mostly right, and may be by its other spelling of zero.
void settle(Octets& p, Input& in) {
  const u8 how = in.octet();
  if (p[0] >> 4 == 4 && plait_test::l4_of(p) <= p.size()) {
    put16(p, 2, static_cast<unsigned>(p.size()));
    if (how & 1) {  // an identification with which the checksum is zero
      plait_test::set_ipv4_checksum(p);
      const unsigned sum = get16(p, 4) + get16(p, 10);
      put16(p, 4, (sum & 0xffff) + (sum >> 16));
    }
    if ((how & 6) != 6) plait_test::set_ipv4_checksum(p);
    if (how & 8 && !get16(p, 10)) put16(p, 10, 0xffff);
  } else if (p[0] >> 4 == 6 && p.size() >= 40) {
    put16(p, 4, static_cast<unsigned>(p.size() - 40));
  }
  if (transport(p)) put16(p, plait_test::checksum_at(p), plait_test::partial_checksum(p));
}

// Nine of the longest are more than a length field can hold.
Octets payload(u64 length) {
  return pattern(length & 0x1fff);
}

Octets first_packet(Input& in, PacketSpec& spec) {
  spec = packet_spec(in);
  spec.payload = payload(in.usual({1, 100, 1400, 8191}, 2));
  Octets p = plait_test::make_packet(spec);
  if (in.bit()) damage(p, in, 60);
  settle(p, in);
  return alone(p);
}

// Mostly the packet that comes next, sometimes with a few octets that do not fit.
Octets next_packet(Input& in, PacketSpec spec, const plait_merge& m) {
  const u8 kind = in.octet();
  if (kind >= 240) spec = packet_spec(in);
  spec.seq = m.next_seq;
  spec.id = static_cast<u16>(m.id + m.segments);
  spec.tcp_flags =
      static_cast<u8>(in.usual({kAck, kAck, kAck | kPsh, kAck | kFin, kAck | kCwr}, 1));
  const u32 room = 65535 - m.headers_len - m.payload;
  spec.payload =
      payload(in.usual({m.mss, m.mss, m.mss, m.mss - 1, m.mss + 1, 1, 0, room, room + 1}, 2));
  Octets p = plait_test::make_packet(spec);
  if (kind & 1) damage(p, in, 60);
  settle(p, in);
  return alone(p);
}

bool checksum_is_the_one_written(const Octets& p) {
  Octets q(p);
  plait_test::set_ipv4_checksum(q);
  return q == p;
}

bool may_begin(const Octets& p) {
  const auto t = transport(p);
  const auto headers = headers_length(p);
  if (!headers || t->proto != 6 || p.size() <= *headers) return false;
  if (p[0] >> 4 == 4 && (t->start != 20 || !checksum_is_the_one_written(p))) return false;
  const u8 flags = p[t->start + 13];
  return (flags & kAck) && !(flags & ~(kAck | kPsh | kCwr));
}

// Equal, but for an identification that has no meaning (RFC 6864)?
bool same(const Octets& segment, Octets part) {
  if (part.size() >= 20 && part[0] >> 4 == 4 && (part[6] & 0x40)) {
    if (!checksum_is_the_one_written(part)) return false;
    put16(part, 4, get16(segment, 4));
    plait_test::set_ipv4_checksum(part);
  }
  return segment == part;
}

bool segments_are(const Octets& super, const std::vector<Octets>& parts) {
  const size_t headers = *headers_length(parts[0]), mss = parts[0].size() - headers;
  if ((super.size() - headers + mss - 1) / mss != parts.size()) return false;
  const auto s = segments(super, headers, mss);
  for (size_t i = 0; i < s.size(); i++)
    if (!same(s[i], parts[i])) return false;
  return true;
}

// Would a super-packet of the parts be cut into the parts?
bool belong_together(const std::vector<Octets>& parts) {
  const size_t headers = *headers_length(parts[0]), flags = transport(parts[0])->start + 13;
  Octets super(parts[0]);
  for (size_t i = 1; i < parts.size(); i++) {
    if (parts[i].size() <= headers) return false;
    super[flags] |= parts[i][flags] & (kFin | kPsh);
    super.insert(super.end(), parts[i].begin() + static_cast<long>(headers), parts[i].end());
  }
  return super.size() <= 65535 && segments_are(super, parts);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, size_t size) {
  Input in(data, size);
  PacketSpec spec;
  std::vector<Octets> parts{first_packet(in, spec)};
  if (ip_length(parts[0]) != parts[0].size()) return 0;

  Merger m(parts[0]);
  REQUIRE_EQUAL(m.begun(), may_begin(parts[0]));
  if (!m.begun()) return 0;

  for (int i = 0; i < 16 && !in.empty(); i++) {
    const Octets p = next_packet(in, spec, m.state());
    if (ip_length(p) != p.size()) continue;
    parts.push_back(p);
    const bool expected = belong_together(parts);
    REQUIRE_EQUAL(m.append(p), expected);
    if (!expected) parts.pop_back();
    REQUIRE_EQUAL(m.state().segments, parts.size());
  }

  const Octets merged = m.finish();
  if (parts.size() == 1) {
    REQUIRE_OCTETS(merged, parts[0]);
  } else {
    const size_t headers = *headers_length(merged);
    REQUIRE(segments_are(merged, parts));
    // As one segment it stays as it is: its length and checksums are right.
    REQUIRE_OCTETS(segments(merged, headers, merged.size() - headers)[0], merged);
  }
  return 0;
}
