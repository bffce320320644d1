// SPDX-License-Identifier: GPL-2.0
// Inner packets for the tests: builders, and naive readings of RFC 1071 and of the
// pseudo-header that share nothing with the engine.
#ifndef PLAIT_TESTS_UNIT_PACKETS_H
#define PLAIT_TESTS_UNIT_PACKETS_H

#include <cstdint>
#include <vector>

#include "core.h"

namespace plait_test {

using Octets = std::vector<u8>;

struct PacketSpec {
  int version = 4;
  u8 proto = PLAIT_PROTO_TCP;
  u8 tclass = 0;
  u16 id = 1;
  bool df = true;
  u32 seq = 1000;
  u8 tcp_flags = 0x10;   // ACK
  Octets ip_options{};   // multiple of 4, IPv4 only
  Octets tcp_options{};  // multiple of 4
  Octets payload = Octets(100, 0xab);
};

inline void put16(Octets& o, size_t at, unsigned v) {
  o[at] = static_cast<u8>(v >> 8);
  o[at + 1] = static_cast<u8>(v);
}

inline void put32(Octets& o, size_t at, u32 v) {
  put16(o, at, v >> 16);
  put16(o, at + 2, v & 0xffff);
}

inline unsigned get16(const Octets& o, size_t at) {
  return o[at] << 8U | o[at + 1];
}

// RFC 1071 the slow way: add 16-bit words one by one, with end-around carry.
inline unsigned naive_sum(const u8* p, size_t len) {
  unsigned sum = 0;
  for (size_t i = 0; i < len; i += 2) {
    sum += static_cast<unsigned>(p[i]) << 8 | (i + 1 < len ? p[i + 1] : 0U);
    if (sum > 0xffff) sum = (sum & 0xffff) + 1;
  }
  return sum;
}

inline size_t l4_of(const Octets& p) {
  return p[0] >> 4 == 4 ? (p[0] & 15U) * 4 : 40;
}
inline u8 proto_of(const Octets& p) {
  return p[0] >> 4 == 4 ? p[9] : p[6];
}

inline Octets pseudo_header(const Octets& p) {
  Octets pseudo = p[0] >> 4 == 4 ? Octets(p.begin() + 12, p.begin() + 20)
                                 : Octets(p.begin() + 8, p.begin() + 40);
  size_t len = p.size() - l4_of(p);
  for (unsigned v : {0U, static_cast<unsigned>(proto_of(p)), static_cast<unsigned>(len >> 8),
                     static_cast<unsigned>(len & 0xff)})
    pseudo.push_back(static_cast<u8>(v));
  return pseudo;
}

inline size_t checksum_at(const Octets& p) {
  return l4_of(p) + (proto_of(p) == PLAIT_PROTO_TCP ? 16 : 6);
}

inline unsigned partial_checksum(const Octets& p) {
  Octets pseudo = pseudo_header(p);
  return naive_sum(pseudo.data(), pseudo.size());
}

inline void set_ipv4_checksum(Octets& p) {
  put16(p, 10, 0);
  put16(p, 10, ~naive_sum(p.data(), l4_of(p)) & 0xffff);
}

// A packet with the lengths and the partial checksum that belong to it.
inline Octets make_packet(const PacketSpec& s) {
  size_t l4 = s.version == 4 ? 20 + s.ip_options.size() : 40;
  size_t l4_len = s.proto == PLAIT_PROTO_TCP ? 20 + s.tcp_options.size() : 8;
  Octets p(l4 + l4_len);

  if (s.version == 4) {
    p[0] = static_cast<u8>(0x40 | l4 / 4);
    p[1] = s.tclass;
    put16(p, 2, static_cast<unsigned>(p.size() + s.payload.size()));
    put16(p, 4, s.id);
    put16(p, 6, s.df ? 0x4000 : 0);
    p[8] = 64;
    p[9] = s.proto;
    put32(p, 12, 0xc0000201);
    put32(p, 16, 0xc6336402);
    std::copy(s.ip_options.begin(), s.ip_options.end(), p.begin() + 20);
    set_ipv4_checksum(p);
  } else {
    put32(p, 0, 6U << 28 | static_cast<u32>(s.tclass) << 20 | 0x12345);
    put16(p, 4, static_cast<unsigned>(l4_len + s.payload.size()));
    p[6] = s.proto;
    p[7] = 64;
    put32(p, 8, 0x20010db8);
    p[23] = 1;
    put32(p, 24, 0x20010db8);
    p[39] = 2;
  }
  put16(p, l4, 40000);
  put16(p, l4 + 2, 443);
  if (s.proto == PLAIT_PROTO_TCP) {
    put32(p, l4 + 4, s.seq);
    put32(p, l4 + 8, 77);
    p[l4 + 12] = static_cast<u8>(l4_len / 4 << 4);
    p[l4 + 13] = s.tcp_flags;
    put16(p, l4 + 14, 502);
    std::copy(s.tcp_options.begin(), s.tcp_options.end(), p.begin() + static_cast<long>(l4) + 20);
  } else {
    put16(p, l4 + 4, static_cast<unsigned>(l4_len + s.payload.size()));
  }
  p.insert(p.end(), s.payload.begin(), s.payload.end());
  put16(p, checksum_at(p), partial_checksum(p));
  return p;
}

inline bool ipv4_checksum_holds(const Octets& p) {
  return p[0] >> 4 != 4 || naive_sum(p.data(), l4_of(p)) == 0xffff;
}

// All segments of a super-packet, as the engine makes them. Each lies alone in
// memory, so that a step outside is seen.
inline std::vector<Octets> segment_all(const Octets& super, u32 mss) {
  u32 headers = plait_headers_length(super.data(), static_cast<u32>(super.size()));
  Octets only_headers(super.begin(), super.begin() + headers);
  plait_segmenter s;
  u32 count = plait_segment_begin(&s, only_headers.data(), headers,
                                  static_cast<u32>(super.size()) - headers, mss);
  std::vector<Octets> out;
  size_t at = headers;
  for (u32 i = 0; i < count; i++) {
    Octets segment(headers);
    u32 payload = plait_segment_headers(&s, i, segment.data());
    segment.insert(segment.end(), super.begin() + static_cast<long>(at),
                   super.begin() + static_cast<long>(at + payload));
    at += payload;
    out.push_back(segment);
  }
  return out;
}

}  // namespace plait_test

#endif  // PLAIT_TESTS_UNIT_PACKETS_H
