// SPDX-License-Identifier: GPL-2.0
// Replay: authentic datagrams again, late ones in the holes that were left, jumps
// that push the window, old ones below it, and spoilt ones that must not move it.
#include <algorithm>
#include <deque>

#include "modes.hpp"

namespace forge {
namespace {

constexpr std::size_t kLength = 120;     // all alike, so that any may share an aggregate
constexpr std::size_t kMemory = 20000;   // datagrams kept, more than a window's worth
constexpr std::uint64_t kMaxSkip = 200;  // holes for late ones

class Replay {
 public:
  explicit Replay(Workshop& shop) : shop_(shop) {}

  Buffer next(std::size_t left) {
    Buffer buffer;
    std::size_t count = 1;
    if (shop_.dice.one_in(4)) count = shop_.dice.between(1, segments_of(kLength, left));
    for (std::size_t i = 0; i < count; i++) {
      buffer.datagrams.push_back(one());
    }
    return buffer;
  }

 private:
  Octets one() {
    Dice& dice = shop_.dice;
    const auto chance = dice.below(100);
    if (sent_.empty() || chance < 35) return fresh(dice.one_in(4) ? dice.below(kMaxSkip) : 0);
    if (chance < 60) return sent_[dice.below(sent_.size())];
    if (chance < 75) {
      const auto recent = std::min<std::size_t>(sent_.size(), shop_.window_span / 4);
      return sent_[sent_.size() - 1 - dice.below(recent)];
    }
    if (chance < 90 && !holes_.empty()) return late();
    if (chance < 93) return spoilt_far_ahead();
    // Rarely: to the very edge of the window, beyond it, and beyond it whole.
    if (chance == 99 && dice.one_in(10)) {
      return fresh(shop_.window_span - 64 + dice.below(std::uint64_t{2} * shop_.window_span));
    }
    return fresh(0);
  }

  Octets made(std::uint64_t counter) {
    Octets datagram = sealed_of_length(shop_, shop_.keys(), counter, kLength);
    sent_.push_back(datagram);
    if (sent_.size() > kMemory) sent_.pop_front();
    return datagram;
  }

  Octets fresh(std::uint64_t skip) {
    for (std::uint64_t i = 0; i < skip && i < kMaxSkip; i++) {
      holes_.push_back(shop_.counter + i);
    }
    while (holes_.size() > kMemory)
      holes_.pop_front();
    shop_.counter += skip;
    return made(shop_.counter++);
  }

  Octets late() {
    const auto which = shop_.dice.below(holes_.size());
    const std::uint64_t counter = holes_[which];
    holes_.erase(holes_.begin() + static_cast<std::ptrdiff_t>(which));
    return made(counter);
  }

  Octets spoilt_far_ahead() {
    const std::uint64_t counter = shop_.counter + (1ULL << 40) + shop_.dice.below(1ULL << 40);
    Octets datagram = sealed_of_length(shop_, shop_.keys(), counter, kLength);
    datagram[PLAIT_HDR_LEN + shop_.dice.below(kLength - PLAIT_HDR_LEN)] ^= 0x10;
    return datagram;
  }

  Workshop& shop_;
  std::deque<Octets> sent_;
  std::deque<std::uint64_t> holes_;
};

}  // namespace

Stream replay_stream(Workshop& shop) {
  return [replay = std::make_shared<Replay>(shop)](std::size_t left) { return replay->next(left); };
}

}  // namespace forge
