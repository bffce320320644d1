// SPDX-License-Identifier: GPL-2.0
// What limited a trial, as plaitbench reads it from what both ends have counted; and the counters
// and CPU times themselves, from the kernel's text.
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>

#include "counters.hpp"
#include "cpu.hpp"
#include "verdict.hpp"

namespace {

using plaitbench::Counter;
using plaitbench::Counters;
using plaitbench::Limit;
using plaitbench::Spec;
using plaitbench::Trial;

// 1000 packets in a second, as asked for; all came.
Trial good_trial() {
  Trial trial;
  trial.spec.rate = 1000;
  trial.sent.packets = 1000;
  trial.sent.seconds = 1;
  trial.sent.thread = 0.2;
  trial.received.packets = 1000;
  trial.received.buffer = 4096;
  trial.sender.cpu = {
      .cpus = 2, .all = 0.3, .busiest = 0.4, .programs = 0.1, .softirq = 0.1, .stolen = 0};
  trial.receiver.cpu = trial.sender.cpu;
  return trial;
}

Counter drop(const char* where, const char* name, std::uint64_t value) {
  return {.where = where, .name = name, .meaning = "why", .drop = true, .value = value};
}

struct Case {
  const char* name;
  std::function<void(Trial&)> spoil;
  Limit limit;
  const char* says;  // in its first sentence
};

const Case cases[] = {
    {"a_good_trial_reached_its_rate", [](Trial&) {}, Limit::rate_reached, "asked for"},
    {"a_loss_that_nobody_counted_is_the_paths", [](Trial& t) { t.received.packets = 900; },
     Limit::path, "100 packets were lost"},
    {"a_full_socket_is_the_receivers",
     [](Trial& t) {
       t.received.packets = 900;
       t.received.overflowed = 100;
       t.receiver.moved = {drop("udp", "RcvbufErrors", 100)};
     },
     Limit::receiver_socket, "4096 octets was full for 100 packets"},
    {"a_drop_on_the_senders_device_is_named",
     [](Trial& t) {
       t.received.packets = 900;
       t.sender.moved = {drop("plait0", "tx_queue", 90)};
       t.receiver.moved = {drop("plait0", "rx_queue", 10)};
     },
     Limit::sender_drops, "sender: plait0 tx_queue +90 (why)"},
    {"the_larger_drop_stands_first",
     [](Trial& t) {
       t.received.packets = 900;
       t.received.overflowed = 20;
       t.sender.moved = {drop("plait0", "tx_queue", 10)};
       t.receiver.moved = {drop("plait0", "rx_queue", 70)};
     },
     Limit::receiver_drops, "receiver: plait0 rx_queue +70"},
    {"what_only_happened_is_no_drop",
     [](Trial& t) {
       t.received.packets = 900;
       t.receiver.moved = {drop("plait0", "rx_datagrams", 900)};
       t.receiver.moved[0].drop = false;
     },
     Limit::path, "no counter"},
    {"a_busy_receiver_explains_a_loss_without_a_trace",
     [](Trial& t) {
       t.received.packets = 900;
       t.receiver.cpu.busiest = 0.99;
       t.receiver.cpu.softirq = 0.97;
     },
     Limit::receiver_cpu, "99 % busy (softirq: 97 %)"},
    {"a_sender_without_time_did_not_offer_it",
     [](Trial& t) {
       t.sent.packets = t.received.packets = 700;
       t.sent.thread = 0.99;
     },
     Limit::sender_cpu, "99 % of a CPU"},
    {"a_sender_that_was_held_back_did_not_offer_it",
     [](Trial& t) {
       t.sent.packets = t.received.packets = 700;
       t.sent.no_buffers = 12;
     },
     Limit::sender_queue, "no room 12 times"},
    {"a_sender_that_slept_did_not_offer_it",
     [](Trial& t) {
       t.sent.packets = t.received.packets = 700;
       t.sent.stalled_seconds = 0.3;
     },
     Limit::sender_late, "300.0 ms were lost"},
    {"as_fast_as_can_be_ends_at_the_senders_cpu",
     [](Trial& t) {
       t.spec.rate = 0;
       t.sent.thread = 1;
     },
     Limit::sender_cpu, "100 % of a CPU"},
    {"as_fast_as_can_be_without_a_full_queue_ends_at_the_loop", [](Trial& t) { t.spec.rate = 0; },
     Limit::sender_cpu, "plaitbench used 20 %"},
    {"as_fast_as_can_be_ends_at_a_full_queue",
     [](Trial& t) {
       t.spec.rate = 0;
       t.sent.blocked = 3;
     },
     Limit::sender_queue, "plaitbench used 20 %"},
    {"a_cpu_that_another_program_fills_is_no_reason",
     [](Trial& t) {
       t.spec.traffic = Spec::Traffic::stream;
       t.receiver.cpu = {
           .cpus = 2, .all = 0.6, .busiest = 1, .programs = 0.97, .softirq = 0.02, .stolen = 0};
     },
     Limit::path, "neither end was busy"},
    {"a_burst_that_came_needs_no_reason",
     [](Trial& t) {
       t.spec.rate = 0;
       t.spec.burst = 100;
       t.sent.thread = 1;
     },
     Limit::rate_reached, "every burst came whole"},
    {"requests_wait_for_answers", [](Trial& t) { t.spec.traffic = Spec::Traffic::request; },
     Limit::round_trip, "round trip"},
    {"tcp_without_a_busy_end_is_the_paths",
     [](Trial& t) {
       t.spec.traffic = Spec::Traffic::stream;
       t.sent.retransmitted = 7;
     },
     Limit::path, "7 segments were sent again"},
    {"tcp_ends_at_a_busy_receiver",
     [](Trial& t) {
       t.spec.traffic = Spec::Traffic::stream;
       t.received.thread = 0.96;
     },
     Limit::receiver_cpu, "96 % of a CPU"},
};

void PrintTo(const Case& one, std::ostream* out) {
  *out << one.name;
}

class BenchLimit : public testing::TestWithParam<Case> {};

TEST_P(BenchLimit, is) {
  Trial trial = good_trial();
  GetParam().spoil(trial);
  const auto verdict = plaitbench::verdict_of(trial, 0);
  EXPECT_EQ(to_string(verdict.limit), to_string(GetParam().limit));
  ASSERT_FALSE(verdict.evidence.empty());
  EXPECT_NE(verdict.evidence[0].find(GetParam().says), std::string::npos) << verdict.evidence[0];
}

INSTANTIATE_TEST_SUITE_P(, BenchLimit, testing::ValuesIn(cases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(BenchVerdict, loss_within_the_tolerance_is_none) {
  Trial trial = good_trial();
  trial.received.packets = 995;
  EXPECT_EQ(plaitbench::verdict_of(trial, 0.01).limit, Limit::rate_reached);
  EXPECT_EQ(plaitbench::verdict_of(trial, 0.001).limit, Limit::path);
}

TEST(BenchVerdict, what_the_machine_below_took_is_said) {
  Trial trial = good_trial();
  trial.received.packets = 900;
  trial.receiver.cpu.busiest = 0.99;
  trial.receiver.cpu.stolen = 0.3;
  const auto verdict = plaitbench::verdict_of(trial, 0);
  ASSERT_EQ(verdict.evidence.size(), 2U);
  EXPECT_NE(verdict.evidence[1].find("30 %"), std::string::npos);
}

TEST(BenchCounters, only_what_went_up_has_moved) {
  const Counters before{drop("a", "x", 5), drop("a", "y", 5), drop("b", "x", 5)};
  const Counters after{drop("a", "x", 5), drop("a", "y", 8), drop("b", "x", 2),
                       drop("c", "new", 9)};
  const auto moved = plaitbench::moved(before, after);
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].name, "y");
  EXPECT_EQ(moved[0].value, 3U);
}

TEST(BenchCounters, are_read_from_the_kernels_text) {
  const auto counters = plaitbench::parse_udp_counters(
      "Icmp: InMsgs\nIcmp: 4\nUdp: InDatagrams RcvbufErrors SndbufErrors InCsumErrors\n"
      "Udp: 100 7 8 9\nUdpLite: RcvbufErrors\nUdpLite: 99\n",
      "Ip6InReceives 5\nUdp6RcvbufErrors 3\nUdp6MemErrors 1\n");
  std::string text;
  for (const auto& counter : counters) {
    EXPECT_TRUE(counter.drop);
    text += counter.where + "." + counter.name + "=" + std::to_string(counter.value) + " ";
  }
  EXPECT_EQ(text,
            "udp.RcvbufErrors=7 udp.SndbufErrors=8 udp.InCsumErrors=9 udp6.RcvbufErrors=3 "
            "udp6.MemErrors=1 ");
  EXPECT_TRUE(plaitbench::parse_udp_counters("Udp: RcvbufErrors\n", "").empty());
  EXPECT_EQ(plaitbench::parse_backlog_drops("00000010 0000000a 0\n00000010 00000001 0\n").value,
            11U);
  EXPECT_EQ(plaitbench::parse_backlog_drops("").value, 0U);
}

TEST(BenchCpu, use_is_that_of_each_cpu_between_two_looks) {
  const auto before = plaitbench::parse_cpu_times(
      "cpu  9 9 9 9\ncpu0 100 0 100 800 0 0 0 0 0 0\ncpu1 0 0 0 1000 0 0 0 0 0 0\nintr 5\n");
  const auto after = plaitbench::parse_cpu_times(
      "cpu  9 9 9 9\ncpu0 110 0 120 850 0 0 20 0 0 0\ncpu1 0 0 0 1090 0 0 0 10 0 0\n");
  ASSERT_EQ(before.size(), 2U);
  const auto use = plaitbench::cpu_use(before, after);
  EXPECT_EQ(use.cpus, 2U);
  EXPECT_DOUBLE_EQ(use.busiest, 0.5);
  EXPECT_DOUBLE_EQ(use.programs, 0.1);
  EXPECT_DOUBLE_EQ(use.softirq, 0.2);
  EXPECT_DOUBLE_EQ(use.all, 0.3);
  EXPECT_DOUBLE_EQ(use.stolen, 0.05);
}

TEST(BenchCpu, no_time_between_two_looks_is_no_use) {
  const auto times = plaitbench::parse_cpu_times("cpu0 1 2 3 4 5 6 7 8\n");
  EXPECT_EQ(plaitbench::cpu_use(times, times).cpus, 0U);
  EXPECT_EQ(plaitbench::cpu_use(times, times).all, 0);
  EXPECT_EQ(plaitbench::parse_cpu_times("cpu0\n").at(0).total, 0U);
}

}  // namespace
