// SPDX-License-Identifier: GPL-2.0
// Parsing a mix, and keeping to it: see mix.hpp.
#include "mix.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <sstream>
#include <stdexcept>

namespace load {

namespace {

constexpr unsigned kWeightMax = 1'000'000;

}  // namespace

Weights parse_mix(const std::string& text) {
  const auto wrong = [&](const std::string& part) {
    return std::invalid_argument("'" + part +
                                 "' in a mix: it is KIND=WEIGHT,..., as valid=8,forged=1; kinds "
                                 "are valid, forged, spoilt and replayed, weights 0 to 1000000");
  };
  Weights weights{};
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    const auto equals = part.find('=');
    const auto kind = std::ranges::find(kKindNames, part.substr(0, equals));
    if (equals == std::string::npos || kind == kKindNames.end()) throw wrong(part);
    unsigned& weight = weights[static_cast<std::size_t>(kind - kKindNames.begin())];
    const char *const begin = part.data() + equals + 1, *const end = part.data() + part.size();
    const auto [stop, error] = std::from_chars(begin, end, weight);
    if (begin == end || error != std::errc{} || stop != end || weight > kWeightMax)
      throw wrong(part);
  }
  if (std::accumulate(weights.begin(), weights.end(), 0U) == 0)
    throw std::invalid_argument("a mix of nothing: give a kind a weight, as valid=1");
  if (weights[static_cast<std::size_t>(Kind::replayed)] != 0 &&
      weights[static_cast<std::size_t>(Kind::valid)] == 0)
    throw std::invalid_argument("a mix with replayed ones needs valid ones, to repeat them");
  return weights;
}

Mix::Mix(const Weights& weights, unsigned loss_percent)
    : weights_(weights),
      sum_(std::accumulate(weights.begin(), weights.end(), 0L)),
      loss_percent_(loss_percent) {}

// Each kind is due by its weight; the one that is most overdue comes, and has had its turn.
Kind Mix::next(bool can_replay) {
  std::size_t best = kKinds;
  for (std::size_t k = 0; k < kKinds; k++) {
    due_[k] += weights_[k];
    const bool possible =
        weights_[k] != 0 && (can_replay || static_cast<Kind>(k) != Kind::replayed);
    if (possible && (best == kKinds || due_[k] > due_[best])) best = k;
  }
  due_[best] -= sum_;
  return static_cast<Kind>(best);
}

bool Mix::loses() {
  loss_due_ += loss_percent_;
  if (loss_due_ < 100) return false;
  loss_due_ -= 100;
  return true;
}

}  // namespace load
