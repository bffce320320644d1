// SPDX-License-Identifier: GPL-2.0
// One trial: what is asked of both ends, and what each says of it afterwards. The same names on
// the control connection and in the output of --json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "counters.hpp"
#include "cpu.hpp"
#include "histogram.hpp"
#include "json.hpp"

namespace plaitbench {

/// What is to be done. from_json() refuses what is out of bounds: a server does what strangers ask.
struct Spec {
  enum class Traffic { udp, stream, request };  ///< request: one octet there and one back, by TCP

  static constexpr double longest_seconds = 3600;
  static constexpr unsigned most_streams = 16;
  static constexpr std::size_t longest_pattern = 16;
  static constexpr unsigned most_batch = 256;

  Traffic traffic = Traffic::udp;
  bool reverse = false;  ///< the server sends
  double seconds = 1;

  std::uint16_t trial = 0;              ///< in each datagram
  std::vector<std::uint32_t> payloads;  ///< UDP payload of one packet after the other, again and
                                        ///< again
  double rate = 0;                      ///< packets a second, 0: as fast as can be
  double probes = 0;                    ///< of them, how many a second are to be echoed
  unsigned batch = 64;                  ///< packets at once, at the most
  std::uint64_t burst = 0;              ///< bursts of that many packets in place of a rate
  unsigned repeat = 1;                  ///< how many bursts
  unsigned pause_ms = 200;              ///< between two

  unsigned streams = 1;  ///< TCP connections
};

Json to_json(const Spec& spec);
/// Throws ProtocolError.
Spec spec_from_json(const Json& json);

/// What the sending end has done.
struct Sent {
  std::uint64_t packets = 0;
  std::uint64_t octets = 0;  ///< payload
  double seconds = 0;
  double stalled_seconds = 0;       ///< lost to the rate by pauses
  std::uint64_t blocked = 0;        ///< times that the send buffer was full for 100 ms
  std::uint64_t no_buffers = 0;     ///< times that the kernel had no room (ENOBUFS)
  double thread = 0;                ///< share of one CPU that the sending thread used
  bool segmentation = false;        ///< UDP_SEGMENT was used
  std::uint64_t retransmitted = 0;  ///< TCP segments
  Histogram round_trips;            ///< ns, of probes, or of requests
};
Json to_json(const Sent& sent);
Sent sent_from_json(const Json& json);

/// What the receiving end has seen.
struct Received {
  std::uint64_t packets = 0;  ///< different ones
  std::uint64_t octets = 0;
  double seconds = 0;  ///< TCP: from the first to the last
  std::uint64_t reordered = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t stale = 0;
  std::uint64_t overflowed = 0;  ///< dropped because the socket's buffer was full
  std::uint64_t buffer = 0;      ///< of the socket, octets
  double thread = 0;             ///< share of one CPU that the receiving thread used
};
Json to_json(const Received& received);
Received received_from_json(const Json& json);

/// What its host did meanwhile.
struct HostUse {
  CpuUse cpu;
  Counters moved;
};
Json to_json(const HostUse& use);
HostUse host_use_from_json(const Json& json);

/// The share of a CPU from which on a thread has no time left.
constexpr double full_cpu = 0.95;

/// All of it, with both ends.
struct Trial {
  Spec spec;
  Sent sent;
  Received received;
  HostUse sender;
  HostUse receiver;

  /// Packets a second that were really sent.
  [[nodiscard]] double sent_rate() const;
  /// Packets a second that arrived.
  [[nodiscard]] double received_rate() const;
  [[nodiscard]] std::uint64_t lost() const;
  /// A share of what was sent; 1 if nothing was.
  [[nodiscard]] double loss() const;
  /// The sender kept up with the rate that was wanted; always, if none was.
  [[nodiscard]] bool offered() const;
  /// It did not, though it had time and room: its host did not run it.
  [[nodiscard]] bool paused() const;
};

}  // namespace plaitbench
