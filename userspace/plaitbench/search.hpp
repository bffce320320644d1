// SPDX-License-Identifier: GPL-2.0
// Which trial comes next: searches that are told how each went, and end by themselves. RFC 2544's
// sections 26.1 (throughput), 26.3 (frame loss rate) and 26.4 (back-to-back frames).
#pragma once

#include <cstdint>
#include <optional>

namespace plaitbench {

/// The highest rate that passes, by halving what lies between one that did and one that did not.
class RateSearch {
 public:
  /// ceiling: the first to be tried. resolution: a fraction; the search ends when no more than
  /// that of the upper end lies between, or after max_trials.
  RateSearch(double ceiling, double resolution, unsigned max_trials)
      : ceiling_(ceiling), resolution_(resolution), left_(max_trials), high_(ceiling) {}

  /// The rate to try, or nothing: done.
  [[nodiscard]] std::optional<double> next() const;

  /// How it went: the rate that was really sent, never more than was wanted, and whether enough of
  /// it arrived. Less than 98 % of what was wanted is all that the sender has, unless it once had
  /// more: nothing above it is tried.
  void tell(bool passed, double sent);

  /// What to try after the ceiling, if that has failed: what arrived of it, say.
  void guess(double rate) { guess_ = rate; }

  /// The highest that passed, 0 if none did.
  [[nodiscard]] double best() const { return low_; }
  /// The lowest that did not pass; nothing if each did.
  [[nodiscard]] std::optional<double> failed() const { return failed_; }

 private:
  double ceiling_;
  double resolution_;
  unsigned left_;
  double low_ = 0;
  double high_;
  bool begun_ = false;
  std::optional<double> guess_;
  std::optional<double> failed_;
};

/// The share of the wanted rate below which it counts as not offered.
constexpr double offered_share = 0.98;

/// Rates from all down in tenths, until two in a row lost nothing.
class LossLadder {
 public:
  /// The share of the ceiling to try: 1, 0.9 … 0.1; nothing: done.
  [[nodiscard]] std::optional<double> next() const;
  void tell(bool lossless);

 private:
  int tenths_ = 10;
  int clean_ = 0;
};

/// The longest burst that passes: doubles until one does not, then halves what lies between,
/// until that is no more than a sixteenth.
class BurstSearch {
 public:
  BurstSearch(std::uint64_t first, std::uint64_t longest) : longest_(longest), next_(first) {}

  [[nodiscard]] std::optional<std::uint64_t> next() const;
  void tell(bool passed);

  [[nodiscard]] std::uint64_t best() const { return low_; }
  /// The longest that there is to be tried has passed.
  [[nodiscard]] bool unlimited() const { return low_ >= longest_; }

 private:
  std::uint64_t longest_;
  std::uint64_t low_ = 0;
  std::uint64_t high_ = 0;  // the shortest that failed; 0: none did
  std::uint64_t next_;
};

}  // namespace plaitbench
