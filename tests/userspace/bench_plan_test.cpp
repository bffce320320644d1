// SPDX-License-Identifier: GPL-2.0
// What a person asks plaitbench for, and the trials that its tests make of it, on a path whose
// limit is known.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>

#include "plan.hpp"
#include "progress.hpp"
#include "report.hpp"
#include "suite.hpp"

namespace {

using plaitbench::Outcome;
using plaitbench::Plan;
using plaitbench::Rate;
using plaitbench::Size;
using plaitbench::Spec;
using plaitbench::Suite;
using Which = plaitbench::Test;
using plaitbench::Trial;

constexpr std::uint32_t header = 28;

std::string names(const std::vector<Size>& sizes) {
  std::string text;
  for (const auto& size : sizes)
    text += size.name + " ";
  return text;
}

TEST(BenchPlan, sizes_are_those_that_fit) {
  const auto list = plaitbench::parse_sizes("64,1500,mtu,imix,1408", 1408);
  EXPECT_EQ(names(list.sizes), "64 1408 imix ");
  EXPECT_EQ(list.too_large, (std::vector<std::string>{"1500"}));
}

TEST(BenchPlan, imix_is_seven_four_one) {
  const auto size = plaitbench::parse_sizes("imix", 9000).sizes.at(0);
  EXPECT_EQ(std::ranges::count(size.octets, 64U), 7);
  EXPECT_EQ(std::ranges::count(size.octets, 576U), 4);
  EXPECT_EQ(std::ranges::count(size.octets, 1500U), 1);
  EXPECT_NEAR(size.mean(), 354.3, 0.1);
  EXPECT_EQ(plaitbench::parse_sizes("imix", 1408).sizes.at(0).octets[6], 1408U);
}

TEST(BenchPlan, payloads_are_what_headers_leave) {
  const auto size = plaitbench::parse_sizes("64", 1500).sizes.at(0);
  EXPECT_EQ(size.payloads(48), std::vector<std::uint32_t>{16});
}

TEST(BenchPlan, jumbo_sizes_end_at_9000) {
  EXPECT_EQ(names(plaitbench::parse_sizes("mtu", 65'536).sizes), "9000 ");
  EXPECT_EQ(names(plaitbench::parse_sizes("9000", 9000).sizes), "9000 ");
}

TEST(BenchPlan, wrong_words_are_refused_with_what_would_be_right) {
  const auto says = [](const std::function<void()>& what, const char* text) {
    try {
      what();
      FAIL() << "accepted; should say " << text;
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
    }
  };
  for (const auto* word : {"63", "9001", "big", "64x", "64,,mtu", "-64", ""}) {
    says([&] { plaitbench::check_sizes(word); }, "from 64 to 9000");
  }
  says([] { plaitbench::parse_sizes("1500", 1408); }, "up to 1408 octets");
  says([] { plaitbench::parse_tests("throughput,speed"); }, "\"speed\" is no test");
  says([] { plaitbench::parse_tests(""); }, "throughput,loss");
  for (const auto* word : {"", "fast", "100m", "0", "-5", "1e99", "nan", "kpps", "10 M"}) {
    says([&] { plaitbench::parse_rate(word); }, "bits a second");
  }
}

TEST(BenchPlan, tests_are_in_the_order_given_and_once) {
  EXPECT_EQ(plaitbench::parse_tests("rr,tcp,rr"), (std::vector<Which>{Which::rr, Which::tcp}));
}

TEST(BenchPlan, rates_are_bits_or_packets) {
  const Size size{.name = "125", .octets = {125}};
  EXPECT_DOUBLE_EQ(plaitbench::parse_rate("100M").packets_per_second(size), 100'000);
  EXPECT_DOUBLE_EQ(plaitbench::parse_rate("2.5G").packets_per_second(size), 2'500'000);
  EXPECT_DOUBLE_EQ(plaitbench::parse_rate("50kpps").packets_per_second(size), 50'000);
  EXPECT_DOUBLE_EQ(plaitbench::parse_rate("1000").packets_per_second(size), 1);
}

// A path that carries so many packets a second, and a sender that has no more than its own.
class Path {
 public:
  Path(double limit, double sender, std::uint64_t buffer)
      : limit_(limit), sender_(sender), buffer_(buffer) {}

  Trial run(const Spec& spec) {
    trials++;
    Trial trial;
    trial.spec = spec;
    trial.sent.seconds = spec.seconds;
    if (spec.burst != 0) {
      trial.sent.packets = spec.burst * spec.repeat;
      trial.received.packets = std::min(spec.burst, buffer_) * spec.repeat;
      return trial;
    }
    const double rate = spec.rate > 0 ? std::min(spec.rate, sender_) : sender_;
    trial.sent.packets = static_cast<std::uint64_t>(rate * spec.seconds);
    trial.received.packets = static_cast<std::uint64_t>(std::min(rate, limit_) * spec.seconds);
    trial.sent.thread = rate >= sender_ ? 1 : 0.5;
    if (spec.probes > 0) trial.sent.round_trips.add(1000);
    return trial;
  }

  unsigned trials = 0;

 private:
  double limit_;
  double sender_;
  std::uint64_t buffer_;
};

Outcome on_path(Path& path, const Plan& plan, Which test) {
  Suite suite(
      plan, header, [&](const Spec& spec) { return path.run(spec); }, [](const std::string&) {});
  auto outcome = suite.run(test, plaitbench::parse_sizes("512", 1500).sizes.at(0));
  EXPECT_LE(path.trials, suite.most_trials(test));
  return outcome;
}

TEST(BenchSuite, throughput_is_the_limit_of_the_path) {
  Path path(100'000, 1'000'000, 0);
  const auto outcome = on_path(path, Plan::usual(), Which::throughput);
  EXPECT_LE(outcome.best, 100'000);
  EXPECT_GE(outcome.best, 98'000);
  EXPECT_FALSE(outcome.at_least);
  EXPECT_EQ(outcome.verdict.limit, plaitbench::Limit::path);
  EXPECT_EQ(outcome.trials.front().spec.payloads, std::vector<std::uint32_t>{512 - header});
}

TEST(BenchSuite, throughput_beyond_the_sender_is_at_least_what_it_has) {
  Path path(10'000'000, 1'000'000, 0);
  const auto outcome = on_path(path, Plan::usual(), Which::throughput);
  EXPECT_EQ(path.trials, 1U);
  EXPECT_DOUBLE_EQ(outcome.best, 1'000'000);
  EXPECT_TRUE(outcome.at_least);
  EXPECT_EQ(outcome.verdict.limit, plaitbench::Limit::sender_cpu);
}

TEST(BenchSuite, no_rate_above_the_one_that_is_asked_for_is_offered) {
  Path path(10'000'000, 1'000'000, 0);
  Plan plan = Plan::usual();
  plan.rate = Rate{.value = 1000, .packets = true};
  const auto outcome = on_path(path, plan, Which::throughput);
  EXPECT_DOUBLE_EQ(outcome.best, 1000);
  EXPECT_EQ(outcome.verdict.limit, plaitbench::Limit::rate_reached);
}

TEST(BenchSuite, a_rate_that_the_sender_does_not_reach_is_not_said_to_pass) {
  Path path(10'000'000, 1000, 0);
  Plan plan = Plan::usual();
  plan.rate = Rate{.value = 5000, .packets = true};
  const auto outcome = on_path(path, plan, Which::throughput);
  EXPECT_DOUBLE_EQ(outcome.best, 1000);
  EXPECT_EQ(outcome.verdict.limit, plaitbench::Limit::sender_cpu);
}

TEST(BenchSuite, a_trial_whose_sender_was_not_run_is_repeated) {
  unsigned trials = 0;
  Plan plan = Plan::usual();
  plan.rate = Rate{.value = 1000, .packets = true};
  Suite suite(
      plan, header,
      [&](const Spec& spec) {
        Trial trial;
        trial.spec = spec;
        trial.sent.seconds = 1;
        trial.sent.packets = trial.received.packets = trials++ < 2 ? 500 : 1000;
        return trial;
      },
      [](const std::string&) {});
  const auto outcome = suite.run(Which::throughput, plaitbench::parse_sizes("64", 1500).sizes[0]);
  EXPECT_EQ(trials, 3U);
  EXPECT_DOUBLE_EQ(outcome.best, 1000);
}

TEST(BenchSuite, loss_is_looked_at_from_the_top) {
  Path path(750'000, 1'000'000, 0);
  const auto outcome = on_path(path, Plan::usual(), Which::loss);
  ASSERT_EQ(outcome.trials.size(), 5U);
  EXPECT_NEAR(outcome.trials[0].loss(), 0.25, 0.001);
  EXPECT_NEAR(outcome.trials[2].loss(), 0.0625, 0.001);
  EXPECT_EQ(outcome.trials[4].loss(), 0);
}

TEST(BenchSuite, latency_is_that_of_three_loads) {
  Path path(100'000, 1'000'000, 0);
  const auto outcome = on_path(path, Plan::usual(), Which::latency);
  ASSERT_EQ(outcome.trials.size(), 3U);
  EXPECT_NEAR(outcome.trials[0].spec.rate, 10'000, 1);
  EXPECT_NEAR(outcome.trials[1].spec.rate, 50'000, 1);
  EXPECT_NEAR(outcome.trials[2].spec.rate, 90'000, 1);
  EXPECT_EQ(outcome.trials[0].sent.round_trips.count(), 1U);
}

TEST(BenchSuite, the_longest_burst_is_what_the_path_holds) {
  Path path(0, 0, 3000);
  const auto outcome = on_path(path, Plan::usual(), Which::bursts);
  EXPECT_LE(outcome.best, 3000);
  EXPECT_GE(outcome.best, 2800);
  EXPECT_FALSE(outcome.at_least);
}

TEST(BenchReport, a_table_names_the_limit_and_says_why) {
  Path path(10'000'000, 1'000'000, 0);
  const auto text = plaitbench::view_outcomes({on_path(path, Plan::usual(), Which::throughput)});
  EXPECT_NE(text.find("THROUGHPUT"), std::string::npos) << text;
  EXPECT_NE(text.find("at least 4.1 Gbit/s"), std::string::npos) << text;
  EXPECT_NE(text.find("sender-cpu"), std::string::npos) << text;
  EXPECT_NE(text.find("512 B: sender: plaitbench used 100 % of a CPU"), std::string::npos) << text;
}

TEST(BenchReport, json_has_every_trial) {
  Path path(100'000, 1'000'000, 0);
  const auto outcome = on_path(path, Plan::usual(), Which::throughput);
  const plaitbench::About about{.command = "plaitbench client there",
                                .time = "2026-11-28T12:00:00Z",
                                .reverse = false,
                                .mtu = 1500,
                                .client = {{"name", "here"}},
                                .server = {}};
  const auto json = plaitbench::report_json(about, {outcome});
  EXPECT_EQ(json["client"]["name"], "here");
  const auto& result = json["results"][0];
  EXPECT_EQ(result["test"], "throughput");
  EXPECT_EQ(result["size"], "512");
  EXPECT_EQ(result["trials"].size(), outcome.trials.size());
  EXPECT_EQ(result["limited_by"]["limit"], "path");
  EXPECT_DOUBLE_EQ(result["bits_per_second"].get<double>(), outcome.best * 512 * 8);
}

TEST(BenchProgress, is_a_bar_and_what_goes_on) {
  EXPECT_EQ(plaitbench::progress_line(1, 2, "loss 64", 80),
            "[##########----------]  50 %  loss 64");
  EXPECT_EQ(plaitbench::progress_line(9, 2, "x", 80), "[####################] 100 %  x");
  EXPECT_EQ(plaitbench::progress_line(0, 0, "a long story", 10), "[---------");
}

}  // namespace
