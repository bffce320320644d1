// SPDX-License-Identifier: GPL-2.0
// The engine's rules a second time: see reference.h.
#include "reference.h"

#include <string_view>

namespace plait_fuzz {

using plait_test::get16;
using plait_test::put16;
using plait_test::put32;

u64 bits(const Octets& o, size_t first, size_t count) {
  u64 v = 0;
  for (size_t i = first; i < first + count; i++)
    v = v << 1 | (o.at(i / 8) >> (7 - i % 8) & 1U);
  return v;
}

void put_bits(Octets& o, size_t first, size_t count, u64 value) {
  for (size_t i = first + count; i-- > first; value >>= 1) {
    const u8 bit = static_cast<u8>(1U << (7 - i % 8));
    u8& octet = o.at(i / 8);
    octet = static_cast<u8>(value & 1 ? octet | bit : octet & ~bit);
  }
}

namespace {

// Section 2.2 of the paper: a word is little-endian.
u64 word(const u8* p, size_t octets) {
  u64 v = 0;
  while (octets)
    v = v << 8 | p[--octets];
  return v;
}

u64 rotate(u64 v, unsigned n) {
  return v << n | v >> (64 - n);
}

// Figure 2.1 of the paper: its two halves side by side.
void sip_rounds(std::array<u64, 4>& v, int n) {
  for (; n; n--) {
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
  }
}

Octets tag_message(const Octets& header, size_t from, u64 length) {
  Octets m(header.begin() + static_cast<long>(from), header.begin() + 32);
  m.resize(24);  // the cookie tag's eight zeros
  m.resize(32);
  put_bits(m, size_t{24} * 8, 64, length);
  return m;
}

}  // namespace

Octets siphash(const TagKey& key, const Octets& message) {
  const u64 k0 = word(key.data(), 8), k1 = word(key.data() + 8, 8);
  const std::string_view text = "somepseudorandomlygeneratedbytes";
  const Octets constant(text.begin(), text.end());
  std::array<u64, 4> v{};
  for (size_t i = 0; i < 4; i++)
    v[i] = bits(constant, i * 64, 64) ^ (i % 2 ? k1 : k0);
  Octets padded(message);
  padded.resize(message.size() / 8 * 8 + 8);
  padded.back() = static_cast<u8>(message.size());
  for (size_t at = 0; at < padded.size(); at += 8) {
    const u64 m = word(&padded[at], 8);
    v[3] ^= m;
    sip_rounds(v, 2);
    v[0] ^= m;
  }
  v[2] ^= 0xff;
  sip_rounds(v, 4);

  const u64 hash = v[0] ^ v[1] ^ v[2] ^ v[3];
  Octets out(8);
  for (size_t i = 0; i < 8; i++)
    out[i] = static_cast<u8>(hash >> 8 * i);
  return out;
}

Octets header_tag(const TagKey& key, const Octets& header, u64 length) {
  return siphash(key, tag_message(header, 8, length));
}

Octets cookie_tag(const TagKey& key, const Octets& header, u64 length) {
  return siphash(key, tag_message(header, 16, length));
}

plait_verdict Window::verdict(u64 counter) const {
  if (counter / 64 + span_ / 64 <= top() / 64) return PLAIT_DROP_RX_OLD;
  return accepted_.count(counter) ? PLAIT_DROP_RX_DUPLICATE : PLAIT_OK;
}

void Window::accept(u64 counter) {
  accepted_.insert(counter);
}

std::optional<size_t> ip_length(const Octets& o) {
  size_t header = 0, length = 0;
  if (o.size() >= 20 && o[0] >> 4 == 4) {
    header = size_t{o[0] & 15U} * 4;
    length = get16(o, 2);
    if (header < 20) return std::nullopt;
  } else if (o.size() >= 40 && o[0] >> 4 == 6) {
    header = 40;
    length = 40 + get16(o, 4);
  } else {
    return std::nullopt;
  }
  if (length < header || length > o.size()) return std::nullopt;
  return length;
}

std::optional<Transport> transport(const Octets& packet) {
  Transport t{};
  if (packet.size() >= 20 && packet[0] >> 4 == 4) {
    const bool more_fragments = packet[6] & 0x20;
    const bool offset = (packet[6] & 0x1f) || packet[7];
    if (more_fragments || offset) return std::nullopt;
    t = {size_t{packet[0] & 15U} * 4, packet[9]};
  } else if (packet.size() >= 40 && packet[0] >> 4 == 6) {
    t = {40, packet[6]};
  } else {
    return std::nullopt;
  }
  const size_t least = t.proto == 6 ? 20 : t.proto == 17 ? 8 : packet.size() + 1;
  if (t.start + least > packet.size()) return std::nullopt;
  return t;
}

std::optional<size_t> headers_length(const Octets& packet) {
  const auto t = transport(packet);
  if (!t || t->start < 20) return std::nullopt;
  if (t->proto == 17) return t->start + 8;
  const size_t tcp = (size_t{packet[t->start + 12]} >> 4) * 4;
  if (tcp < 20 || t->start + tcp > packet.size()) return std::nullopt;
  return t->start + tcp;
}

std::vector<Octets> segments(const Octets& super, size_t headers, size_t mss) {
  const auto t = transport(super);
  std::vector<Octets> out;
  for (size_t at = headers; at < super.size(); at += mss) {
    const size_t end = std::min(at + mss, super.size());
    Octets s(super.begin(), super.begin() + static_cast<long>(headers));
    s.insert(s.end(), super.begin() + static_cast<long>(at),
             super.begin() + static_cast<long>(end));

    if (s[0] >> 4 == 4) {
      put16(s, 2, static_cast<unsigned>(s.size()));
      put16(s, 4, get16(super, 4) + static_cast<unsigned>(out.size()));
      plait_test::set_ipv4_checksum(s);
    } else {
      put16(s, 4, static_cast<unsigned>(s.size() - 40));
    }
    if (t->proto == 17) {
      put16(s, t->start + 4, static_cast<unsigned>(s.size() - t->start));
    } else {
      const u64 seq = bits(super, (t->start + 4) * 8, 32);
      put32(s, t->start + 4, static_cast<u32>(seq + at - headers));
      if (end < super.size()) s[t->start + 13] &= static_cast<u8>(~0x09);  // FIN, PSH
      if (!out.empty()) s[t->start + 13] &= 0x7f;                          // CWR
    }
    put16(s, plait_test::checksum_at(s), plait_test::partial_checksum(s));
    out.push_back(s);
  }
  return out;
}

}  // namespace plait_fuzz
