// SPDX-License-Identifier: GPL-2.0
// Well-formed traffic that `seqflow receive` checks, alone (valid) or, for several
// devices of one port, in aggregates among spoilt datagrams (mix).
#include <algorithm>
#include <stdexcept>

#include "modes.hpp"

namespace forge {
namespace {

constexpr std::size_t kShortestPayload = 12;
// What stands around a seqflow payload, IPv6 being the larger.
constexpr std::size_t kAround = PLAIT_SOURCE_OVERHEAD + PLAIT_IPV6_LEN + PLAIT_UDP_LEN;
constexpr std::size_t kShortest = kAround + kShortestPayload;

// One flow a session, each with numbers of its own.
class Flows {
 public:
  explicit Flows(Workshop& shop)
      : shop_(shop), next_(shop.sessions.size()), counters_(shop.sessions.size(), shop.counter) {}

  /// The flow's next packet in a datagram of just that length.
  Octets next(std::size_t session, std::size_t length) {
    const bool partial = shop_.dice.one_in(2);
    const Ip ip{.version = shop_.dice.one_in(2) ? 4U : 6U,
                .session = static_cast<std::uint8_t>(session)};
    const std::size_t room = length - PLAIT_SOURCE_OVERHEAD - header_length(ip) - PLAIT_UDP_LEN;
    const Octets packet = udp_packet(
        ip, kSinkPort, seqflow_payload(static_cast<std::uint32_t>(session), next_[session]++, room),
        partial);
    Header header;
    header.counter = counter(session);
    return seal(shop_.sessions[session], header, symbol(shop_.dice, packet, partial));
  }

  std::uint64_t counter(std::size_t session) { return counters_[session]++; }

 private:
  Workshop& shop_;
  std::vector<std::uint32_t> next_;
  std::vector<std::uint64_t> counters_;
};

Buffer valid(Workshop& shop, Flows& flows, std::size_t left) {
  Buffer buffer;
  const std::size_t session = shop.dice.below(shop.sessions.size());
  const std::size_t length = shop.dice.between(kShortest, kLongestSegment);
  const std::size_t count =
      shop.dice.one_in(3) ? shop.dice.between(1, segments_of(length, left)) : 1;
  for (std::size_t i = 0; i < count; i++) {
    const bool last = count > 1 && i + 1 == count;
    buffer.datagrams.push_back(
        flows.next(session, last ? shop.dice.between(kShortest, length) : length));
  }
  return buffer;
}

// An aggregate with at least one datagram that is of a device's.
Buffer mixed(Workshop& shop, Flows& flows, std::size_t left) {
  Buffer buffer;
  Dice& dice = shop.dice;
  const std::size_t length = dice.between(kShortest, kLongestSegment);
  const std::size_t count = std::max<std::size_t>(2, dice.between(1, segments_of(length, left)));
  const std::size_t certain = dice.below(count);
  for (std::size_t i = 0; i < count; i++) {
    const bool last = i + 1 == count;
    const std::size_t own = last ? dice.between(kShortest, length) : length;
    const std::size_t session = dice.below(shop.sessions.size());
    if (i == certain || dice.one_in(2)) {
      buffer.datagrams.push_back(flows.next(session, own));
    } else if (dice.one_in(8)) {
      buffer.datagrams.push_back(dice.octets(own));
    } else {
      buffer.datagrams.push_back(
          spoil(shop, shop.sessions[session], flows.counter(session), own).datagram);
    }
  }
  return buffer;
}

}  // namespace

Stream valid_stream(Workshop& shop) {
  return [&shop, flows = std::make_shared<Flows>(shop)](std::size_t left) {
    return valid(shop, *flows, left);
  };
}

Stream mix_stream(Workshop& shop) {
  return [&shop, flows = std::make_shared<Flows>(shop)](std::size_t left) {
    return mixed(shop, *flows, left);
  };
}

std::size_t segments_of(std::size_t length, std::size_t left) {
  constexpr std::size_t kMostSegments = 64;  // UDP_MAX_SEGMENTS of 6.1
  constexpr std::size_t kMostOctets = 60000;
  return std::min({kMostSegments, kMostOctets / std::max<std::size_t>(length, 1), left});
}

Stream make_stream(const std::string& mode, Workshop& shop) {
  if (mode == "random") return random_stream(shop);
  if (mode == "mutate") return mutate_stream(shop);
  if (mode == "replay") return replay_stream(shop);
  if (mode == "inner") return inner_stream(shop);
  if (mode == "valid") return valid_stream(shop);
  if (mode == "mix") return mix_stream(shop);
  throw std::invalid_argument("no mode " + mode);
}

}  // namespace forge
