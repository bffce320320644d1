// SPDX-License-Identifier: GPL-2.0
// Inner IP packets and source symbols, well-formed ones. Session number s talks
// from 10.9.s.1 and fd09:s::1 to 10.9.s.2 and fd09:s::2.
#pragma once

#include "dice.hpp"
#include "engine.hpp"

namespace forge {

/// What an inner packet's IP header says.
struct Ip {
  unsigned int version = 4;  // or 6
  std::uint8_t session = 0;
  std::uint8_t protocol = PLAIT_PROTO_UDP;
  std::uint8_t ecn = 0;
  std::uint16_t fragment = 0;  // IPv4's flags and offset
  std::uint8_t options = 0;    // octets of IPv4 options, a multiple of 4
};

/// Where seqflow listens, and where nobody does.
constexpr std::uint16_t kSinkPort = 5301;
constexpr std::uint16_t kClosedPort = 9;

std::size_t header_length(const Ip& ip);

/// An IP packet around a payload; IPv4's header checksum is right.
Octets ip_packet(const Ip& ip, const Octets& payload);

/// The transport checksum of a packet: partial (flag C), or whole.
void write_checksum(Octets& packet, bool partial);

Octets udp_packet(Ip ip, std::uint16_t port, const Octets& payload, bool partial);
Octets tcp_packet(Ip ip, std::uint32_t sequence, std::uint8_t flags, const Octets& payload,
                  bool partial);

/// What `seqflow receive` takes for packet `number` of flow `flow`; at least 12 octets.
Octets seqflow_payload(std::uint32_t flow, std::uint32_t number, std::size_t size);

/// A source symbol: inner header, then `rest`. Bucket and DSN are by chance.
Octets symbol(Dice& dice, const Octets& rest, bool partial);

Octets joined(const Octets& a, const Octets& b);

}  // namespace forge
