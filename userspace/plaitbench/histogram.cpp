// SPDX-License-Identifier: GPL-2.0
// Log-linear columns: values below 64 have one each, then each power of two has 64.
#include "histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace plaitbench {

std::size_t Histogram::column_of(std::uint64_t value) {
  const auto width = static_cast<unsigned>(std::bit_width(value));
  const unsigned shift = width > precision_bits + 1 ? width - precision_bits - 1 : 0;
  return (std::size_t{shift} << precision_bits) + (value >> shift);
}

std::uint64_t Histogram::lowest_of(std::size_t column) {
  const std::size_t row = column >> precision_bits;
  const std::size_t shift = row > 1 ? row - 1 : 0;
  return (column - (shift << precision_bits)) << shift;
}

void Histogram::add(std::uint64_t value) {
  columns_[column_of(value)]++;
  count_++;
  sum_ += static_cast<double>(value);
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

double Histogram::mean() const {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

std::uint64_t Histogram::percentile(double percent) const {
  if (count_ == 0) return 0;
  const auto rank = std::clamp<double>(std::ceil(percent / 100 * static_cast<double>(count_)), 1,
                                       static_cast<double>(count_));
  std::uint64_t below = 0;
  for (std::size_t column = 0; column < columns_.size(); column++) {
    below += columns_[column];
    if (static_cast<double>(below) >= rank) {
      const std::uint64_t highest =
          column + 1 < columns_.size() ? lowest_of(column + 1) - 1 : ~std::uint64_t{0};
      return std::clamp(highest, min_, max_);
    }
  }
  return max_;
}

Json Histogram::to_json() const {
  Json columns = Json::array();
  for (std::size_t column = 0; column < columns_.size(); column++) {
    if (columns_[column] != 0) columns.push_back({lowest_of(column), columns_[column]});
  }
  return {{"count", count_}, {"min", min()}, {"max", max_}, {"mean", mean()}, {"columns", columns}};
}

Histogram Histogram::from_json(const Json& json) {
  constexpr auto any = ~std::uint64_t{0};
  constexpr double most = 1e18;
  const auto& columns = member(json, "columns");
  if (!columns.is_array() || columns.size() > column_count) {
    throw ProtocolError("\"columns\" is no array of a histogram");
  }
  Histogram histogram;
  for (const auto& pair : columns) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number_unsigned() ||
        !pair[1].is_number_unsigned() || pair[1].get<std::uint64_t>() >> 48 != 0) {
      throw ProtocolError("a column of a histogram is no pair of numbers");
    }
    const auto number = pair[1].get<std::uint64_t>();
    histogram.columns_[column_of(pair[0].get<std::uint64_t>())] += number;
    histogram.count_ += number;
  }
  if (histogram.count_ != 0) {
    histogram.min_ = number_of(json, "min", 0, any);
    histogram.max_ = number_of(json, "max", histogram.min_, any);
    histogram.sum_ = real_of(json, "mean", 0, most) * static_cast<double>(histogram.count_);
  }
  return histogram;
}

Json percentiles_json(const Histogram& times_ns) {
  const auto us = [](std::uint64_t ns) { return static_cast<double>(ns) / 1000; };
  return {{"count", times_ns.count()},
          {"min_us", us(times_ns.min())},
          {"mean_us", times_ns.mean() / 1000},
          {"p50_us", us(times_ns.percentile(50))},
          {"p90_us", us(times_ns.percentile(90))},
          {"p99_us", us(times_ns.percentile(99))},
          {"p99_9_us", us(times_ns.percentile(99.9))},
          {"max_us", us(times_ns.max())}};
}

}  // namespace plaitbench
