// SPDX-License-Identifier: GPL-2.0
// What the kernel's routing side says, read only: interfaces, addresses, routes, neighbours, and
// the way that a packet would take. All in the network namespace of this process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plait/address.hpp"

namespace tools {

struct Link {
  std::uint32_t ifindex = 0;
  std::string name;
  std::string kind;  ///< "plait", "veth"; empty for what is no virtual device
  std::uint32_t mtu = 0;
  bool up = false;
  bool carrier = false;
  bool underlay_elsewhere = false;  ///< it was made in another network namespace
  std::uint64_t rx_packets = 0;
  std::uint64_t tx_packets = 0;
  std::uint64_t rx_bytes = 0;
  std::uint64_t tx_bytes = 0;
  std::uint64_t rx_errors = 0;
  std::uint64_t tx_errors = 0;
  std::uint64_t rx_dropped = 0;
  std::uint64_t tx_dropped = 0;
};

struct LocalAddress {
  std::uint32_t ifindex = 0;
  plait::Address address;
  unsigned length = 0;
};

/// A unicast route.
struct Route {
  plait::Prefix destination;
  std::uint32_t ifindex = 0;  ///< where it leads out, 0 if it has several ways
};

/// Where a packet would go.
struct Way {
  int error = 0;  ///< errno value if it would go nowhere
  std::uint32_t ifindex = 0;
  std::optional<plait::Address> gateway;
  std::optional<plait::Address> source;
};

/// An entry of the neighbour table: whether a host of the link answers.
struct Neighbour {
  std::uint32_t ifindex = 0;
  plait::Address address;
  std::uint16_t state = 0;  ///< NUD_REACHABLE, NUD_FAILED …
};

struct Question {
  plait::Address to;
  std::optional<plait::Address> from;
  std::uint32_t ifindex = 0;  ///< only out of this interface; 0: any
  std::uint32_t fwmark = 0;
};

/// All throw plait::Error if the kernel does not answer.
std::vector<Link> links();
std::vector<LocalAddress> addresses();
/// Of both families, as the table "main" and others have them; not the kernel's table "local".
std::vector<Route> routes();
std::vector<Neighbour> neighbours();
Way way(const Question& question);

/// From what follows the netlink header of one message; nullopt if it is malformed, or for a
/// route that is not unicast or in the table "local".
std::optional<Link> decode_link(std::span<const std::byte> payload);
std::optional<LocalAddress> decode_local_address(std::span<const std::byte> payload);
std::optional<Route> decode_route(std::span<const std::byte> payload);
std::optional<Neighbour> decode_neighbour(std::span<const std::byte> payload);
Way decode_way(std::span<const std::byte> payload);

}  // namespace tools
