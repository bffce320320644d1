// SPDX-License-Identifier: GPL-2.0
// What arrives at this host that tells where strands lead: ICMP errors about what they sent, and
// datagrams from elsewhere than the strand sends to. It listens only; the kernel hands it no
// datagram of a strand whose peer is where it should be.
#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plait/address.hpp"

namespace plaitctl {

struct Endpoint {
  plait::Address address;
  std::uint16_t port = 0;

  bool operator==(const Endpoint&) const = default;
};

/// A strand as the wire has it.
struct Line {
  std::uint16_t port = 0;  ///< this end's
  Endpoint remote;
};

/// An ICMP error about a UDP datagram.
struct Bounce {
  enum class Why { port, host, network, prohibited, time };
  plait::Address from;     ///< who says so
  std::uint16_t port = 0;  ///< this end's, which sent the datagram
  Endpoint to;             ///< where it was sent
  Why why = Why::host;

  bool operator==(const Bounce&) const = default;
};

/// A datagram that looks like one of plait's.
struct Arrival {
  Endpoint from;
  std::uint16_t port = 0;   ///< this end's
  std::uint32_t index = 0;  ///< its receiver index

  bool operator==(const Arrival&) const = default;
};

struct Overheard {
  std::vector<Bounce> bounces;
  std::vector<Arrival> arrivals;  ///< from elsewhere than any line of the port leads
};

/// Listens from its making on, in the network namespace of its thread. What it cannot listen for
/// (CAP_NET_RAW is needed), it says.
class Ears {
 public:
  explicit Ears(std::span<const Line> lines);
  Ears(const Ears&) = delete;
  Ears& operator=(const Ears&) = delete;
  ~Ears();

  /// All that came meanwhile, up to a few hundred of each kind.
  [[nodiscard]] Overheard collect() const;

  /// Why it does not hear everything; empty if it does.
  [[nodiscard]] const std::string& deafness() const { return deafness_; }

 private:
  struct Ear {
    int fd = -1;
    bool ipv6 = false;
    bool icmp = false;
  };
  std::vector<Ear> ears_;
  std::string deafness_;
};

/// What a filter may have of a socket's memory: 20 KiB before Linux 6.7 (net.core.optmem_max).
constexpr std::size_t most_lines = 100;

/// A program for the kernel that lets only UDP datagrams to a port of the lines through which come
/// from no remote of that port. It sees them from their IP header on. Empty if they are more than
/// most_lines.
std::vector<sock_filter> arrival_filter(std::span<const Line> lines, bool ipv6);

/// From an IP header on; nullopt if it is something else, or cut short.
std::optional<Arrival> decode_arrival(std::span<const std::byte> packet);
std::optional<Bounce> decode_bounce(std::span<const std::byte> packet);
/// IPv6 hands over what follows its header only, and the source beside it.
std::optional<Bounce> decode_bounce6(std::span<const std::byte> message,
                                     const plait::Address& from);

}  // namespace plaitctl
