// SPDX-License-Identifier: GPL-2.0
// What arrived of a numbered stream: how many different datagrams, how many twice, how many out
// of order (RFC 4737: after one with a higher number).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace plaitbench {

class Arrivals {
 public:
  /// How far back a second arrival is told from a first.
  static constexpr std::uint64_t window = 1 << 17;

  Arrivals() : seen_(window / word_bits) {}

  void take(std::uint32_t sequence, std::size_t octets);

  struct Count {
    std::uint64_t received = 0;  ///< different ones
    std::uint64_t octets = 0;    ///< of those
    std::uint64_t reordered = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t stale = 0;  ///< older than the window: neither received nor duplicate
  };
  [[nodiscard]] const Count& count() const { return count_; }

 private:
  static constexpr std::uint64_t word_bits = 64;

  void forget_until(std::uint64_t next);
  bool mark(std::uint64_t sequence);

  std::vector<std::uint64_t> seen_;  // a bit each number below next_, the newest window of them
  std::uint64_t next_ = 0;           // one above the highest number so far
  Count count_;
};

}  // namespace plaitbench
