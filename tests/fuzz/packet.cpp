// SPDX-License-Identifier: GPL-2.0
// core/packet.c on one packet: its length, where its checksum stands, its flow, its
// ECN field through the tunnel (RFC 6040, figure 4), and sums (RFC 1071).
#include "reference.h"

using namespace plait_fuzz;
using plait_test::naive_sum;
using plait_test::put16;

namespace {

Octets packet(Input& in) {
  if (in.bit()) return in.rest();
  PacketSpec spec = packet_spec(in);
  spec.payload = pattern(in.octet());
  Octets p = plait_test::make_packet(spec);
  damage(p, in, 80);
  if (in.bit()) p.erase(p.end() - in.below(size32(p)), p.end());
  return alone(p);
}

void length_and_checksum_place(const Octets& p) {
  REQUIRE_EQUAL(plait_ip_length(p.data(), size32(p)), ip_length(p).value_or(0));

  plait_csum_place place{};
  const bool found = plait_csum_find(p.data(), size32(p), &place);
  const auto t = transport(p);
  REQUIRE_EQUAL(found, t.has_value());
  if (!found) return;
  REQUIRE_EQUAL(place.start, t->start);
  REQUIRE_EQUAL(place.offset, t->proto == 6 ? 16 : 6);
  REQUIRE(place.start + place.offset + 2U <= p.size());
}

// What does not belong to a flow's name may change and its hash may not; ports, where
// they are, cannot all be without effect.
void flow_hash(const Octets& p, Input& in) {
  const u32 hash = plait_flow_hash(p.data(), size32(p));
  if (p.empty() || (p[0] >> 4 != 4 && p[0] >> 4 != 6) || p.size() < (p[0] >> 4 == 4 ? 20 : 40)) {
    REQUIRE_EQUAL(hash, 0);
    return;
  }
  const bool v4 = p[0] >> 4 == 4;
  const size_t l4 = plait_test::l4_of(p);
  const u8 proto = plait_test::proto_of(p);
  const bool fragment = v4 && ((p[6] & 0x3f) || p[7]);
  const bool ports = (proto == 6 || proto == 17) && !fragment;
  Octets q(p);
  const u8 noise = in.octet() | 1;
  for (size_t i = 0; i < q.size(); i++) {
    const bool addresses = v4 ? i >= 12 && i < 20 : i >= 8 && i < 40;
    const bool form = i == 0 || (v4 ? i == 6 || i == 7 || i == 9 : i == 6);
    if (!addresses && !form && !(ports && i >= l4 && i < l4 + 4)) q[i] ^= noise;
  }
  REQUIRE_EQUAL(plait_flow_hash(q.data(), size32(q)), hash);

  if (!ports || p.size() < l4 + 4) return;
  bool moved = false;
  for (size_t i = l4; i < l4 + 4; i++) {
    q = p;
    q[i] ^= noise;
    moved |= plait_flow_hash(q.data(), size32(q)) != hash;
  }
  REQUIRE(moved);
}

// RFC 6040, figure 4; -1: drop. Rows are the inner field, columns the outer, both in
// the figure's order: Not-ECT, ECT(0), ECT(1), CE.
constexpr int kDrop = -1, kNotEct = 0, kEct0 = 2, kEct1 = 1, kCe = 3;
constexpr int kFigure4[4][4] = {
    {kNotEct, kNotEct, kNotEct, kDrop},
    {kEct0, kEct0, kEct1, kCe},
    {kEct1, kEct1, kEct1, kCe},
    {kCe, kCe, kCe, kCe},
};
constexpr int kPlace[4] = {0, 2, 1, 3};  // of a field's value in the figure

void ecn(const Octets& p) {
  const bool v4 = p[0] >> 4 == 4;
  const Field field = v4 ? Field{14, 2} : Field{10, 2};  // IPv6: bits 4..11 are the class
  const u64 inner = get(p, field);
  REQUIRE_EQUAL(plait_ip_tclass(p.data()), bits(p, v4 ? 8 : 4, 8));

  Octets canonical(p);
  if (v4) plait_test::set_ipv4_checksum(canonical);
  for (unsigned outer = 0; outer < 4; outer++) {
    const int becomes = kFigure4[kPlace[inner]][kPlace[outer]];
    Octets q = alone(p), expected(p);
    REQUIRE_EQUAL(plait_ecn_decapsulate(q.data(), outer),
                  becomes == kDrop ? PLAIT_DROP_RX_ECN : PLAIT_OK);
    if (becomes != kDrop && static_cast<u64>(becomes) != inner) {
      put(expected, field, static_cast<u64>(becomes));
      if (v4 && p == canonical) {
        plait_test::set_ipv4_checksum(expected);
      } else if (v4) {
        // A damaged header must stay as damaged as it was.
        const size_t ihl = plait_test::l4_of(p);
        REQUIRE_EQUAL(naive_sum(q.data(), ihl) % 0xffff, naive_sum(p.data(), ihl) % 0xffff);
        put16(expected, 10, plait_test::get16(q, 10));
      }
    }
    REQUIRE_OCTETS(q, expected);
  }
}

void sums(const Octets& p, Input& in) {
  const u32 even = size32(p) & ~1U;
  REQUIRE_EQUAL(plait_csum_fold(plait_csum_words(p.data(), even)), naive_sum(p.data(), even));
  const u64 any = in.number(8);
  REQUIRE_EQUAL(plait_csum_fold(any), any ? (any - 1) % 0xffff + 1 : 0);
}

void well_formed(const Octets& p) {
  ecn(p);
  const bool v4 = p[0] >> 4 == 4;
  const Octets addresses(p.begin() + (v4 ? 12 : 8), p.begin() + (v4 ? 20 : 40));
  REQUIRE_EQUAL(plait_csum_fold(plait_csum_addresses(p.data())),
                naive_sum(addresses.data(), addresses.size()));
  if (!v4) return;
  Octets q = alone(p), expected(p);
  plait_ipv4_csum(q.data(), static_cast<u32>(plait_test::l4_of(p)));
  plait_test::set_ipv4_checksum(expected);
  REQUIRE_OCTETS(q, expected);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, size_t size) {
  Input in(data, size);
  Octets p = packet(in);
  length_and_checksum_place(p);
  flow_hash(p, in);
  sums(p, in);
  if (const auto length = ip_length(p)) {
    p.resize(*length);
    well_formed(alone(p));
  }
  return 0;
}
