// SPDX-License-Identifier: GPL-2.0
// plaitbench's searches on paths whose limit is known, and what they must do with senders that do
// not keep up.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

#include "search.hpp"

namespace {

using plaitbench::BurstSearch;
using plaitbench::LossLadder;
using plaitbench::RateSearch;

// Runs a search on a path that loses nothing up to a limit. Returns the trials.
unsigned on_path(RateSearch& search, double limit) {
  unsigned trials = 0;
  while (const auto rate = search.next()) {
    search.tell(*rate <= limit, *rate);
    trials++;
  }
  return trials;
}

TEST(BenchRateSearch, ends_at_once_if_the_ceiling_passes) {
  RateSearch search(1000, 0.01, 12);
  EXPECT_EQ(on_path(search, 2000), 1U);
  EXPECT_EQ(search.best(), 1000);
  EXPECT_FALSE(search.failed());
}

RC_GTEST_PROP(BenchRateSearch, finds_the_limit_to_its_resolution, ()) {
  const double limit = *rc::gen::inRange(1000, 10'000'000);
  const double ceiling = limit * *rc::gen::inRange(2, 10);
  constexpr double resolution = 0.02;
  RateSearch search(ceiling, resolution, 40);
  search.guess(limit * 1.1);
  const auto trials = on_path(search, limit);
  RC_ASSERT(search.best() <= limit);
  RC_ASSERT(search.failed().value() > limit);
  RC_ASSERT(search.failed().value() - search.best() <= resolution * search.failed().value());
  RC_ASSERT(trials <= 16U);
}

RC_GTEST_PROP(BenchRateSearch, ends_whatever_it_is_told, (const std::vector<bool>& passes)) {
  RateSearch search(1e6, 0.001, 20);
  unsigned trials = 0;
  double last = 0;
  while (const auto rate = search.next()) {
    RC_ASSERT(*rate > 0 && *rate <= 1e6);
    last = *rate;
    search.tell(trials < passes.size() && passes[trials], *rate);
    trials++;
  }
  RC_ASSERT(trials <= 20U);
  RC_ASSERT(last > 0);
}

TEST(BenchRateSearch, gives_up_after_so_many_trials) {
  RateSearch search(1000, 0.0001, 5);
  EXPECT_EQ(on_path(search, 333), 5U);
}

TEST(BenchRateSearch, tries_nothing_above_what_the_sender_has) {
  RateSearch search(1000, 0.01, 12);
  search.tell(true, 600);  // wanted 1000
  EXPECT_FALSE(search.next());
  EXPECT_EQ(search.best(), 600);
  EXPECT_FALSE(search.failed());
}

TEST(BenchRateSearch, goes_on_after_a_weak_moment_of_a_sender_that_once_had_more) {
  RateSearch search(1000, 0.01, 12);
  search.tell(false, 1000);
  search.tell(true, 300);  // wanted 500
  EXPECT_EQ(search.next(), 650);
}

TEST(BenchRateSearch, a_trial_that_was_not_offered_and_failed_bounds_it_from_above) {
  RateSearch search(1000, 0.01, 12);
  search.tell(false, 600);
  EXPECT_EQ(search.next(), 300);
  EXPECT_EQ(search.failed(), 600);
}

TEST(BenchRateSearch, tries_the_guess_after_the_ceiling_has_failed) {
  RateSearch search(1000, 0.01, 12);
  search.guess(700);
  EXPECT_EQ(search.next(), 1000);
  search.tell(false, 1000);
  EXPECT_EQ(search.next(), 700);
  search.tell(true, 700);
  EXPECT_EQ(search.next(), 850);
}

TEST(BenchRateSearch, finds_nothing_where_nothing_passes) {
  RateSearch search(1000, 0.01, 12);
  EXPECT_EQ(on_path(search, 0), 12U);
  EXPECT_EQ(search.best(), 0);
}

TEST(BenchLossLadder, goes_down_in_tenths_until_two_in_a_row_lost_nothing) {
  LossLadder ladder;
  std::vector<double> shares;
  while (const auto share = ladder.next()) {
    shares.push_back(*share);
    ladder.tell(*share <= 0.75);
  }
  EXPECT_EQ(shares, (std::vector<double>{1, 0.9, 0.8, 0.7, 0.6}));
}

TEST(BenchLossLadder, ends_at_a_tenth) {
  LossLadder ladder;
  unsigned rungs = 0;
  for (; ladder.next(); rungs++)
    ladder.tell(false);
  EXPECT_EQ(rungs, 10U);
}

RC_GTEST_PROP(BenchBurstSearch, finds_the_longest_to_a_sixteenth, ()) {
  const auto limit = static_cast<std::uint64_t>(*rc::gen::inRange(0, 100'000));
  BurstSearch search(16, 65'536);
  unsigned trials = 0;
  while (const auto length = search.next()) {
    RC_ASSERT(*length >= 1U && *length <= 65'536U);
    search.tell(*length <= limit);
    trials++;
  }
  RC_ASSERT(trials <= 18U);
  RC_ASSERT(search.best() <= limit);
  RC_ASSERT(search.unlimited() == (limit >= 65'536));
  if (!search.unlimited()) {
    RC_ASSERT(limit - search.best() <= std::max<std::uint64_t>(1, (search.best() + 16) / 15));
  }
}

}  // namespace
