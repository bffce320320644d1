// SPDX-License-Identifier: GPL-2.0
// Each is a few numbers between two bounds that come closer with every trial.
#include "search.hpp"

#include <algorithm>

namespace plaitbench {

std::optional<double> RateSearch::next() const {
  if (left_ == 0) return {};
  if (!begun_) return ceiling_;
  if (high_ - low_ <= resolution_ * high_) return {};
  if (guess_ && *guess_ > low_ && *guess_ < high_) return guess_;
  return (low_ + high_) / 2;
}

void RateSearch::tell(bool passed, double sent) {
  const double wanted = next().value_or(sent);
  begun_ = true;
  guess_ = wanted == guess_ ? std::nullopt : guess_;
  if (left_ > 0) left_--;
  if (passed) {
    low_ = std::max(low_, sent);
    const bool spent = sent < offered_share * wanted && !failed_;
    if (spent || wanted >= high_) high_ = low_;
  } else {
    failed_ = std::min(failed_.value_or(wanted), sent);
    high_ = std::max(low_, std::min(high_, sent));
  }
}

std::optional<double> LossLadder::next() const {
  if (tenths_ == 0 || clean_ == 2) return {};
  return tenths_ / 10.0;
}

void LossLadder::tell(bool lossless) {
  clean_ = lossless ? clean_ + 1 : 0;
  tenths_--;
}

std::optional<std::uint64_t> BurstSearch::next() const {
  const bool close = high_ != 0 && high_ - low_ <= std::max<std::uint64_t>(1, high_ / 16);
  return close || unlimited() ? std::nullopt : std::optional(next_);
}

void BurstSearch::tell(bool passed) {
  (passed ? low_ : high_) = next_;
  next_ = high_ == 0 ? std::min(low_ * 2, longest_) : low_ + (high_ - low_ + 1) / 2;
}

}  // namespace plaitbench
