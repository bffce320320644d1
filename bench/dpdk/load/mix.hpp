// SPDX-License-Identifier: GPL-2.0
// In which order a generator makes what: kinds by weight, evenly spread, without chance, so
// that each count is known beforehand.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace load {

enum class Kind {
  valid,     ///< authentic, with a number of its own
  forged,    ///< right form and receiver index, wrong header tag
  spoilt,    ///< right header tag, altered ciphertext
  replayed,  ///< a valid one that was sent before
};
constexpr std::size_t kKinds = 4;
constexpr std::array<const char*, kKinds> kKindNames{"valid", "forged", "spoilt", "replayed"};

using Weights = std::array<unsigned, kKinds>;

/// From "valid=8,forged=1"; throws std::invalid_argument that says what would be right.
Weights parse_mix(const std::string& text);

class Mix {
 public:
  /// @loss_percent: of the valid ones, are made and not sent.
  Mix(const Weights& weights, unsigned loss_percent);

  /// The next one's kind. A replay is put off until there is something to repeat.
  Kind next(bool can_replay);

  /// Whether the next valid one gets lost.
  bool loses();

 private:
  Weights weights_;
  long sum_ = 0;
  std::array<long, kKinds> due_{};
  unsigned loss_percent_, loss_due_ = 0;
};

}  // namespace load
