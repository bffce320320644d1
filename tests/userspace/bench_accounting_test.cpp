// SPDX-License-Identifier: GPL-2.0
// What plaitbench counts: arrivals against a model that remembers everything, percentiles against
// a sorted list, stamps and paces.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <vector>

#include "arrivals.hpp"
#include "histogram.hpp"
#include "pace.hpp"
#include "secret.hpp"
#include "stamp.hpp"

namespace {

using plaitbench::Arrivals;
using plaitbench::Histogram;
using plaitbench::Kind;
using plaitbench::Pacer;
using plaitbench::Stamp;

Arrivals::Count count_of(const std::vector<std::uint32_t>& sequences) {
  Arrivals arrivals;
  for (const auto sequence : sequences)
    arrivals.take(sequence, 100);
  return arrivals.count();
}

TEST(BenchArrivals, a_stream_in_order_is_received_once) {
  const auto count = count_of({0, 1, 2, 3});
  EXPECT_EQ(count.received, 4U);
  EXPECT_EQ(count.octets, 400U);
  EXPECT_EQ(count.reordered + count.duplicates + count.stale, 0U);
}

TEST(BenchArrivals, what_comes_after_a_higher_number_is_reordered) {
  const auto count = count_of({0, 2, 1, 3, 5, 4});
  EXPECT_EQ(count.received, 6U);
  EXPECT_EQ(count.reordered, 2U);
}

TEST(BenchArrivals, a_second_arrival_is_no_first) {
  const auto count = count_of({0, 1, 1, 2, 0});
  EXPECT_EQ(count.received, 3U);
  EXPECT_EQ(count.duplicates, 2U);
  EXPECT_EQ(count.reordered, 0U);
}

TEST(BenchArrivals, what_is_older_than_the_window_is_neither) {
  const auto far = static_cast<std::uint32_t>(Arrivals::window) + 5;
  const auto count = count_of({far, 0, 6});
  EXPECT_EQ(count.received, 2U);
  EXPECT_EQ(count.stale, 1U);
  EXPECT_EQ(count.reordered, 1U);
}

TEST(BenchArrivals, nothing_is_before_the_first_number) {
  EXPECT_EQ(count_of({0xffff'ffff}).stale, 1U);
}

TEST(BenchArrivals, numbers_go_on_after_32_bits) {
  Arrivals arrivals;
  std::uint64_t sequence = 0;
  for (; sequence < 3 * (std::uint64_t{1} << 31); sequence += std::uint64_t{1} << 30) {
    arrivals.take(static_cast<std::uint32_t>(sequence), 1);
  }
  arrivals.take(static_cast<std::uint32_t>(sequence - 1), 1);
  EXPECT_EQ(arrivals.count().received, 7U);
  EXPECT_EQ(arrivals.count().duplicates, 0U);
}

RC_GTEST_PROP(BenchArrivals, agrees_with_a_model_that_remembers_all, ()) {
  const auto sequences = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange(0, 300));
  std::set<std::uint32_t> seen;
  std::uint64_t reordered = 0;
  std::uint64_t duplicates = 0;
  for (const auto sequence : sequences) {
    const bool behind = !seen.empty() && sequence < *seen.rbegin();
    const bool fresh = seen.insert(sequence).second;
    reordered += fresh && behind ? 1 : 0;
    duplicates += fresh ? 0 : 1;
  }
  const auto count = count_of(sequences);
  RC_ASSERT(count.received == seen.size());
  RC_ASSERT(count.reordered == reordered);
  RC_ASSERT(count.duplicates == duplicates);
  RC_ASSERT(count.stale == 0U);
}

RC_GTEST_PROP(BenchArrivals, any_numbers_are_counted_once_each,
              (const std::vector<std::uint32_t>& any)) {
  const auto count = count_of(any);
  RC_ASSERT(count.received + count.duplicates + count.stale == any.size());
}

TEST(BenchHistogram, nothing_has_no_percentile) {
  const Histogram empty;
  EXPECT_EQ(empty.percentile(50), 0U);
  EXPECT_EQ(empty.min(), 0U);
  EXPECT_EQ(empty.mean(), 0);
}

TEST(BenchHistogram, small_numbers_are_exact) {
  Histogram histogram;
  for (std::uint64_t i = 1; i <= 100; i++)
    histogram.add(i);
  EXPECT_EQ(histogram.percentile(50), 50U);
  EXPECT_EQ(histogram.percentile(99), 99U);
  EXPECT_EQ(histogram.percentile(100), 100U);
  EXPECT_EQ(histogram.percentile(0), 1U);
  EXPECT_DOUBLE_EQ(histogram.mean(), 50.5);
}

TEST(BenchHistogram, takes_the_largest_number) {
  Histogram histogram;
  histogram.add(~std::uint64_t{0});
  EXPECT_EQ(histogram.percentile(50), ~std::uint64_t{0});
}

RC_GTEST_PROP(BenchHistogram, percentiles_are_those_of_a_sorted_list_and_1_6_percent,
              (std::vector<std::uint64_t> values, double percent)) {
  RC_PRE(!values.empty());
  const double part = std::fabs(std::fmod(percent, 100));
  Histogram histogram;
  for (const auto value : values)
    histogram.add(value);
  std::ranges::sort(values);
  const auto rank = std::max(1.0, std::ceil(part / 100 * static_cast<double>(values.size())));
  const auto exact = values[static_cast<std::size_t>(rank) - 1];
  const auto found = histogram.percentile(part);
  RC_ASSERT(found >= exact);
  RC_ASSERT(found - exact <= exact / 64 + 1);
}

RC_GTEST_PROP(BenchHistogram, comes_back_from_json, (const std::vector<std::uint32_t>& values)) {
  Histogram histogram;
  for (const auto value : values)
    histogram.add(value);
  const auto json = histogram.to_json();
  RC_ASSERT(Histogram::from_json(json).to_json() == json);
}

TEST(BenchHistogram, refuses_what_is_none) {
  for (const auto* text :
       {R"({})", R"({"columns":{}})", R"({"columns":[[1]]})", R"({"columns":[[1,"2"]]})",
        R"({"columns":[[1,1]],"min":5,"max":3,"mean":1})",
        R"({"columns":[[1,18446744073709551615]],"min":1,"max":1,"mean":1})"}) {
    EXPECT_THROW(Histogram::from_json(plaitbench::Json::parse(text)), plaitbench::ProtocolError)
        << text;
  }
}

RC_GTEST_PROP(BenchStamp, comes_back_from_octets,
              (std::uint16_t trial, std::uint32_t sequence, std::uint64_t time)) {
  const Stamp stamp{.trial = trial,
                    .sequence = sequence,
                    .kind = *rc::gen::element(Kind::load, Kind::probe, Kind::echo),
                    .time_ns = time & plaitbench::stamp_time_mask};
  std::array<std::byte, plaitbench::stamp_size> octets{};
  plaitbench::write_stamp(octets, stamp);
  RC_ASSERT(plaitbench::read_stamp(octets) == stamp);
}

TEST(BenchStamp, is_laid_out_as_drawn) {
  std::array<std::byte, plaitbench::stamp_size> octets{};
  plaitbench::write_stamp(
      octets,
      {.trial = 0x0102, .sequence = 0x03040506, .kind = Kind::probe, .time_ns = 0x0708090a0b0c});
  const std::array<unsigned, plaitbench::stamp_size> expected{0x70, 0x62, 1, 2, 3, 4,  5,  6,
                                                              2,    0,    7, 8, 9, 10, 11, 12};
  for (std::size_t i = 0; i < expected.size(); i++) {
    EXPECT_EQ(std::to_integer<unsigned>(octets[i]), expected[i]) << i;
  }
}

TEST(BenchStamp, is_not_read_from_other_datagrams) {
  std::array<std::byte, plaitbench::stamp_size> octets{};
  EXPECT_FALSE(plaitbench::read_stamp(octets));
  plaitbench::write_stamp(octets, {});
  EXPECT_TRUE(plaitbench::read_stamp(octets));
  EXPECT_FALSE(plaitbench::read_stamp(std::span(octets).first<15>()));
  octets[8] = std::byte{6};
  EXPECT_FALSE(plaitbench::read_stamp(octets));
}

TEST(BenchStamp, times_go_on_after_48_bits) {
  EXPECT_EQ(plaitbench::since_stamp(plaitbench::stamp_time_mask, plaitbench::stamp_time_mask + 6),
            6U);
}

TEST(BenchSecret, goes_through_text_and_datagram) {
  const auto secret = plaitbench::random_secret();
  EXPECT_NE(secret, plaitbench::random_secret());
  EXPECT_EQ(plaitbench::secret_from_text(plaitbench::to_text(secret)), secret);
  EXPECT_FALSE(plaitbench::secret_from_text(plaitbench::to_text(secret).substr(1)));
  EXPECT_FALSE(plaitbench::secret_from_text("zz" + plaitbench::to_text(secret).substr(2)));
  auto hello = plaitbench::secret_datagram(Kind::hello, secret);
  EXPECT_EQ(plaitbench::read_secret(hello, Kind::hello), secret);
  EXPECT_FALSE(plaitbench::read_secret(hello, Kind::challenge));
  EXPECT_EQ(hello.size(), plaitbench::secret_datagram(Kind::challenge, secret).size());
  hello.push_back({});
  EXPECT_FALSE(plaitbench::read_secret(hello, Kind::hello));
}

TEST(BenchPace, deadlines_do_not_depend_on_when_the_last_one_was_met) {
  Pacer pacer(1'000'000, 1000);
  EXPECT_EQ(pacer.due_ns(), 1'000'000U);
  pacer.woke(1'500'000);  // late
  pacer.sent(1);
  EXPECT_EQ(pacer.due_ns(), 2'000'000U);
  EXPECT_EQ(pacer.stalled_ns(), 0U);
}

TEST(BenchPace, a_long_pause_is_lost_to_the_rate_and_not_made_up_for) {
  Pacer pacer(0, 100'000);
  pacer.woke(102'000'000);
  EXPECT_EQ(pacer.stalled_ns(), 100'000'000U);
  pacer.sent(200);
  EXPECT_EQ(pacer.due_ns(), 102'000'000U);
}

TEST(BenchPace, what_a_few_packets_take_is_made_up_for_at_low_rates) {
  EXPECT_EQ(Pacer(0, 10'000'000).longest_lag_ns(), 2'000'000U);
  EXPECT_EQ(Pacer(0, 1000).longest_lag_ns(), 16'000'000U);
  EXPECT_EQ(Pacer(0, 1).longest_lag_ns(), 100'000'000U);
}

TEST(BenchPace, without_a_rate_all_is_due) {
  Pacer pacer(5, 0);
  pacer.sent(1'000'000);
  pacer.woke(1'000'000'000'000);
  EXPECT_EQ(pacer.due_ns(), 5U);
  EXPECT_EQ(pacer.stalled_ns(), 0U);
}

TEST(BenchPace, batches_grow_with_the_rate) {
  EXPECT_EQ(plaitbench::batch_for(100, 64), 1U);
  EXPECT_EQ(plaitbench::batch_for(100'000, 64), 10U);
  EXPECT_EQ(plaitbench::batch_for(10'000'000, 64), 64U);
}

}  // namespace
