// SPDX-License-Identifier: GPL-2.0
// Chance with a seed: the same numbers with every compiler and library, so that
// a failing run is repeated by its seed alone.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace forge {

using Octets = std::vector<std::uint8_t>;

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t number() { return engine_(); }

  /// 0 … limit - 1; the bias of a remainder does not matter here.
  std::uint64_t below(std::uint64_t limit) { return engine_() % limit; }

  /// least … most.
  std::uint64_t between(std::uint64_t least, std::uint64_t most) {
    return least + below(most - least + 1);
  }

  bool one_in(std::uint64_t n) { return below(n) == 0; }

  Octets octets(std::size_t length) {
    Octets out(length);
    for (auto& octet : out) {
      octet = static_cast<std::uint8_t>(engine_());
    }
    return out;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace forge
