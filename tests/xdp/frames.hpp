// SPDX-License-Identifier: GPL-2.0
// Frames for the XDP tests: made from a description, and read by a parser of the tests' own,
// which says what the stack would do with them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace frames {

using Octets = std::vector<std::uint8_t>;

/// What surrounds a datagram.
struct Wrapping {
  int family = 4;
  unsigned vlans = 0;                      ///< VLAN tags, outer ones 802.1ad
  unsigned options = 0;                    ///< octets of IPv4 options, a multiple of 4
  std::vector<std::uint8_t> extensions{};  ///< IPv6 extension headers by number, 8 octets each
  std::uint16_t fragment = 0;  ///< IPv4 flags and offset; IPv6: not 0 adds a fragment header
  std::array<std::uint8_t, 16> source{192, 0, 2, 1};
  std::array<std::uint8_t, 16> destination{192, 0, 2, 2};
  std::uint16_t source_port = 40000;
  std::uint16_t port = 7777;
  int length_error = 0;  ///< added to the UDP length
  std::uint8_t protocol = 17;
};

Octets make(const Wrapping& wrapping, const Octets& datagram);

/// What the stack makes of a frame.
struct Reading {
  enum class Kind {
    other,     ///< not a whole UDP datagram: a fragment, another protocol, headers too many
    broken,    ///< malformed: the stack drops it by itself
    datagram,  ///< it would be given to a socket
  };
  Kind kind = Kind::other;
  int family = 0;
  std::array<std::uint8_t, 16> destination{};
  std::uint16_t port = 0;
  Octets datagram{};
};

Reading read(const Octets& frame);

}  // namespace frames
