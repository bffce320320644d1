// SPDX-License-Identifier: GPL-2.0
// What a plait host has to count when datagrams reach it: the engine's checks
// (netdrv/core), OpenSSL's AEAD, and docs/protocol.md section 5 in C++.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sealed.hpp"

namespace forge {

/// What one sendmsg() carries: one datagram, or several by UDP_SEGMENT.
struct Buffer {
  std::vector<Octets> datagrams;
  std::uint8_t ecn = 0;
};

/// Counters by name: verdict.h's, and "packets" and "bytes" of the device.
using Counts = std::map<std::string, std::uint64_t>;

class Receiver {
 public:
  Receiver(const std::vector<Keys>& sessions, std::uint32_t window_span);

  /// Takes a buffer as plait.ko does: in order, each datagram for the device whose
  /// receiver index it has.
  void take(const Buffer& buffer);

  /// What would become of one datagram now; records nothing.
  plait_verdict judge(const Octets& datagram) const;

  /// Of the UDP port, for buffers that hold nothing of a device's.
  const Counts& port() const { return port_; }
  /// Of the device of a session.
  const Counts& device(std::size_t session) const { return sessions_.at(session)->counts; }

  static const char* name_of(plait_verdict verdict);

 private:
  struct Session {
    Keys keys;
    plait_rx_keys rx{};
    std::vector<u64> bits;
    Counts counts;
  };

  plait_rx_dgram check(const Octets& datagram) const;
  Session* owner_of(const Octets& datagram) const;
  void take(const Octets& datagram, std::uint8_t ecn);
  static void deliver(Session& session, const Octets& symbol, std::uint8_t ecn);
  static void deliver_packet(Counts& counts, Octets packet, std::uint8_t ecn, bool partial);

  std::vector<std::unique_ptr<Session>> sessions_;
  Counts port_;
};

}  // namespace forge
