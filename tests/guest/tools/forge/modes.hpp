// SPDX-License-Identifier: GPL-2.0
// What the forge can send: an endless stream of buffers for each mode.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "packets.hpp"
#include "receiver.hpp"

namespace forge {

/// What a stream is made from.
struct Workshop {
  std::vector<Keys> sessions;
  std::uint64_t counter;      ///< the first packet-number counter
  std::uint32_t window_span;  ///< the receiver's
  const Receiver* receiver;   ///< to judge by, before anything is sent
  Dice dice;
  std::size_t aggregates;  ///< random and mutate: one send in so many is an aggregate

  Keys& keys() { return sessions.front(); }
};

/// Gives the next buffer, of at most `left` datagrams.
using Stream = std::function<Buffer(std::size_t left)>;

/// Throws if there is no such mode. The workshop must outlive the stream.
Stream make_stream(const std::string& mode, Workshop& shop);

// One each, in random.cpp, mutate.cpp, replay.cpp, inner.cpp and valid.cpp.
Stream random_stream(Workshop& shop);
Stream mutate_stream(Workshop& shop);
Stream replay_stream(Workshop& shop);
Stream inner_stream(Workshop& shop);
Stream valid_stream(Workshop& shop);
Stream mix_stream(Workshop& shop);

/// An aggregate's datagrams must fit into the underlay's MTU, IPv6 included.
constexpr std::size_t kLongestSegment = 1400;
/// How many of a length fit into one sendmsg().
std::size_t segments_of(std::size_t length, std::size_t left);

/// A datagram of a length that is accepted if it is let: a UDP packet, or padding
/// where there is no room for one. At least PLAIT_SOURCE_OVERHEAD octets.
Octets sealed_of_length(Workshop& shop, const Keys& keys, std::uint64_t counter,
                        std::size_t length);

/// A datagram that must be refused, and why.
struct Spoilt {
  Octets datagram;
  std::string how;
  plait_verdict expected;
};

/// Any way of spoiling that can make a datagram of `length` octets.
Spoilt spoil(Workshop& shop, const Keys& keys, std::uint64_t counter, std::size_t length);

}  // namespace forge
