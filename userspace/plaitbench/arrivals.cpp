// SPDX-License-Identifier: GPL-2.0
// A window of bits behind the highest number, as an anti-replay window has it.
#include "arrivals.hpp"

#include <algorithm>

namespace plaitbench {

void Arrivals::take(std::uint32_t sequence, std::size_t octets) {
  // The number of 64 bits that is nearest to the one due, on either side of it.
  const auto ahead = static_cast<std::int32_t>(sequence - static_cast<std::uint32_t>(next_));
  if (ahead < 0 && static_cast<std::uint64_t>(-std::int64_t{ahead}) > std::min(next_, window)) {
    count_.stale++;
    return;
  }
  const std::uint64_t number = next_ + static_cast<std::uint64_t>(std::int64_t{ahead});
  if (ahead >= 0) {
    forget_until(number + 1);
  }
  if (!mark(number)) {
    count_.duplicates++;
    return;
  }
  count_.received++;
  count_.octets += octets;
  if (ahead < 0) count_.reordered++;
}

// The bits of numbers from next_ on are those of numbers a window before: they go.
void Arrivals::forget_until(std::uint64_t next) {
  if (next - next_ >= window) {
    std::ranges::fill(seen_, 0);
  } else {
    for (std::uint64_t number = next_; number < next; number++) {
      seen_[number % window / word_bits] &= ~(std::uint64_t{1} << number % word_bits);
    }
  }
  next_ = next;
}

bool Arrivals::mark(std::uint64_t sequence) {
  auto& word = seen_[sequence % window / word_bits];
  const std::uint64_t bit = std::uint64_t{1} << sequence % word_bits;
  const bool fresh = (word & bit) == 0;
  word |= bit;
  return fresh;
}

}  // namespace plaitbench
