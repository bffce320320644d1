// SPDX-License-Identifier: GPL-2.0
// Inner IPv4 and IPv6 packets, octet by octet: RFC 791, 8200, 768, 792, 4443.
#include "inner.hpp"

#include <algorithm>

namespace load {

namespace {

constexpr u8 kIcmp = 1, kIcmpV6 = 58, kHops = 64;
constexpr u8 kEchoRequest = 8, kEchoRequestV6 = 128;
constexpr u16 kIdentifier = 0x91a1;  // of echo requests
constexpr u16 kSourcePort = 40000;
constexpr u32 kTransport = 8;  // header of UDP and of an echo request alike

void copy(const plait::Address& address, u8* to) {
  std::ranges::transform(address.octets(), to, [](std::byte b) { return std::to_integer<u8>(b); });
}

}  // namespace

u32 Inner::least() const {
  return (from.is_ipv6() ? PLAIT_IPV6_LEN : PLAIT_IPV4_LEN) + kTransport;
}

// UDP's checksum is the pseudo-header's sum (flag C); an echo's is whole, over a payload of
// zeroes.
u8 Inner::write(u8* at, u32 len, u32 number) const {
  const bool v6 = from.is_ipv6();
  const u32 header = least() - kTransport, rest = len - header;
  const u8 icmp = v6 ? kIcmpV6 : kIcmp, protocol = echo ? icmp : PLAIT_PROTO_UDP;
  std::memset(at, 0, len);
  if (v6) {
    at[0] = 0x60;
    plait_put_be16(at + 4, static_cast<u16>(rest));
    at[6] = protocol;
    at[7] = kHops;
    copy(from, at + 8);
    copy(to, at + 24);
  } else {
    at[0] = 0x45;
    plait_put_be16(at + 2, static_cast<u16>(len));
    plait_put_be16(at + 6, 0x4000);  // DF
    at[8] = kHops;
    at[9] = protocol;
    copy(from, at + 12);
    copy(to, at + 16);
    plait_ipv4_csum(at, PLAIT_IPV4_LEN);
  }
  u8* const transport = at + header;
  const u64 pseudo_header = plait_csum_addresses(at) + protocol + rest;
  if (!echo) {
    plait_put_be16(transport, kSourcePort);
    plait_put_be16(transport + 2, kInnerPort);
    plait_put_be16(transport + 4, static_cast<u16>(rest));
    plait_put_be16(transport + 6, plait_csum_fold(pseudo_header));
    return PLAIT_INNER_PARTIAL_CSUM;
  }
  transport[0] = v6 ? kEchoRequestV6 : kEchoRequest;
  plait_put_be16(transport + 4, kIdentifier);
  plait_put_be16(transport + 6, static_cast<u16>(number));
  const u64 sum = plait_csum_words(transport, kTransport) + (v6 ? pseudo_header : 0);
  plait_put_be16(transport + 2, static_cast<u16>(~plait_csum_fold(sum)));
  return 0;
}

}  // namespace load
