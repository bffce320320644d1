// SPDX-License-Identifier: GPL-2.0
// Times in a table of fixed size whose columns are 1/64 of their value wide: percentiles that are
// at most 1.6 % too high, whatever the range.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "json.hpp"

namespace plaitbench {

class Histogram {
 public:
  Histogram() : columns_(column_count) {}

  void add(std::uint64_t value);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t min() const { return count_ == 0 ? 0 : min_; }
  [[nodiscard]] std::uint64_t max() const { return max_; }
  [[nodiscard]] double mean() const;

  /// The smallest value that at least percent of all do not exceed, or up to 1.6 % more; 0 if
  /// there are none. percent: 0 to 100.
  [[nodiscard]] std::uint64_t percentile(double percent) const;

  /// count, min, max, mean, and "columns": [lowest value, how many] of those that are not empty.
  [[nodiscard]] Json to_json() const;
  /// The reverse; throws ProtocolError.
  static Histogram from_json(const Json& json);

 private:
  static constexpr unsigned precision_bits = 6;
  static constexpr std::size_t column_count = std::size_t{64 - precision_bits + 1}
                                              << precision_bits;

  static std::size_t column_of(std::uint64_t value);
  static std::uint64_t lowest_of(std::size_t column);

  std::vector<std::uint64_t> columns_;
  std::uint64_t count_ = 0;
  std::uint64_t min_ = ~std::uint64_t{0};
  std::uint64_t max_ = 0;
  double sum_ = 0;
};

/// count, min_us, mean_us, p50_us, p90_us, p99_us, p99_9_us, max_us, of nanoseconds.
Json percentiles_json(const Histogram& times_ns);

}  // namespace plaitbench
