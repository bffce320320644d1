// SPDX-License-Identifier: GPL-2.0
// Writing IPv4, IPv6, TCP and UDP headers octet by octet: RFC 791, 8200, 9293, 768.
#include "packets.hpp"

namespace forge {
namespace {

constexpr std::size_t kSeqflowHeader = 12;

// Adds a transport header's length: its payload's pseudo-header has it.
std::uint64_t pseudo_header_sum(const Octets& packet, std::size_t start, std::uint8_t protocol) {
  return plait_csum_addresses(packet.data()) + protocol + (packet.size() - start);
}

}  // namespace

std::size_t header_length(const Ip& ip) {
  return ip.version == 4 ? PLAIT_IPV4_LEN + ip.options : PLAIT_IPV6_LEN;
}

Octets ip_packet(const Ip& ip, const Octets& payload) {
  const std::size_t header = header_length(ip);
  Octets p(header + payload.size());
  if (ip.version == 4) {
    p[0] = static_cast<std::uint8_t>(0x40 | header / 4);
    p[1] = ip.ecn;
    plait_put_be16(&p[2], static_cast<u16>(p.size()));
    plait_put_be16(&p[6], ip.fragment);
    p[8] = 64;
    p[9] = ip.protocol;
    plait_put_be32(&p[12], 0x0a090001U | static_cast<u32>(ip.session) << 8);
    plait_put_be32(&p[16], 0x0a090002U | static_cast<u32>(ip.session) << 8);
    for (std::size_t i = PLAIT_IPV4_LEN; i < header; i++) {
      p[i] = 1;  // no operation
    }
    plait_ipv4_csum(p.data(), static_cast<u32>(header));
  } else {
    p[0] = static_cast<std::uint8_t>(0x60);
    p[1] = static_cast<std::uint8_t>(ip.ecn << 4);
    plait_put_be16(&p[4], static_cast<u16>(payload.size()));
    p[6] = ip.protocol;
    p[7] = 64;
    for (const std::size_t at : {8, 24}) {
      plait_put_be16(&p[at], 0xfd09);
      plait_put_be16(&p[at + 2], ip.session);
      p[at + 15] = at == 8 ? 1 : 2;
    }
  }
  std::copy(payload.begin(), payload.end(), p.begin() + static_cast<std::ptrdiff_t>(header));
  return p;
}

void write_checksum(Octets& packet, bool partial) {
  plait_csum_place place{};
  if (!plait_csum_find(packet.data(), static_cast<u32>(packet.size()), &place)) return;
  const std::uint8_t protocol = packet[0] >> 4 == 4 ? packet[9] : packet[6];
  std::uint8_t* at = &packet[place.start + place.offset];
  plait_put_be16(at, 0);
  std::uint64_t sum = pseudo_header_sum(packet, place.start, protocol);
  if (partial) {
    plait_put_be16(at, plait_csum_fold(sum));
    return;
  }
  Octets even(packet.begin() + place.start, packet.end());
  even.resize((even.size() + 1) & ~1ULL);
  sum += plait_csum_words(even.data(), static_cast<u32>(even.size()));
  const auto checksum = static_cast<u16>(~plait_csum_fold(sum));
  plait_put_be16(at, checksum ? checksum : 0xffff);
}

Octets udp_packet(Ip ip, std::uint16_t port, const Octets& payload, bool partial) {
  Octets udp(PLAIT_UDP_LEN);
  plait_put_be16(&udp[0], 40000);
  plait_put_be16(&udp[2], port);
  plait_put_be16(&udp[4], static_cast<u16>(PLAIT_UDP_LEN + payload.size()));
  ip.protocol = PLAIT_PROTO_UDP;
  Octets packet = ip_packet(ip, joined(udp, payload));
  write_checksum(packet, partial);
  return packet;
}

Octets tcp_packet(Ip ip, std::uint32_t sequence, std::uint8_t flags, const Octets& payload,
                  bool partial) {
  Octets tcp(PLAIT_TCP_LEN);
  plait_put_be16(&tcp[0], 40001);
  plait_put_be16(&tcp[2], kClosedPort);
  plait_put_be32(&tcp[4], sequence);
  tcp[12] = 5 << 4;
  tcp[13] = flags;
  plait_put_be16(&tcp[14], 8192);
  ip.protocol = PLAIT_PROTO_TCP;
  Octets packet = ip_packet(ip, joined(tcp, payload));
  write_checksum(packet, partial);
  return packet;
}

// Made as seqflow.cpp makes it.
Octets seqflow_payload(std::uint32_t flow, std::uint32_t number, std::size_t size) {
  Octets out(size);
  const std::uint32_t header[] = {flow, number, static_cast<std::uint32_t>(size)};
  std::memcpy(out.data(), header, kSeqflowHeader);
  for (std::size_t i = kSeqflowHeader; i < size; i++) {
    out[i] = static_cast<std::uint8_t>(flow * 131 + number * 31 + i * 7);
  }
  return out;
}

Octets symbol(Dice& dice, const Octets& rest, bool partial) {
  Octets out = dice.octets(PLAIT_INNER_LEN);
  // Reserved bits are ignored by the receiver, so they may be anything.
  out[7] = static_cast<std::uint8_t>((out[7] & 0x7f) | (partial ? PLAIT_INNER_PARTIAL_CSUM : 0));
  return joined(out, rest);
}

Octets joined(const Octets& a, const Octets& b) {
  Octets out(a);
  out.insert(out.end(), b.begin(), b.end());
  return out;
}

}  // namespace forge
