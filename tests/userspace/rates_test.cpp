// SPDX-License-Identifier: GPL-2.0
// What plaitctl top makes of two samples, and how it fits them to a screen.
#include "rates.hpp"

#include <gtest/gtest.h>

#include "plait.h"
#include "table.hpp"
#include "terminal.hpp"

namespace {

using plaitctl::Sample;
using std::chrono::milliseconds;

Sample sample(milliseconds time) {
  Sample sample;
  sample.time = std::chrono::steady_clock::time_point(time);
  plait::Device device;
  device.ifindex = 5;
  device.name = "plait0";
  device.carrier = true;
  sample.devices = {device};
  plait::Strand strand;
  strand.id = {.ifindex = 5, .id = 0};
  strand.remote = plait::Address::parse("198.51.100.2");
  strand.remote_port = 7777;
  sample.strands = {strand};
  plait::Key old;
  old.id = {.ifindex = 5, .session = 1, .epoch = 0};
  plait::Key key = old;
  key.id.epoch = 1;
  key.activation = plait::Activation::active;
  key.sealed = 50'000;
  key.hard_limit = 1'000'000;
  sample.keys = {old, key};
  tools::Link link;
  link.ifindex = 5;
  link.up = true;
  sample.links = {link};
  return sample;
}

// 2 s in which a megabyte came in as 1000 packets, and 14 datagrams were dropped.
plaitctl::Rates moving() {
  const auto before = sample(milliseconds(1000));
  auto after = sample(milliseconds(3000));
  after.links[0].rx_bytes = 1'000'000;
  after.links[0].rx_packets = 1000;
  after.links[0].tx_packets = 3;
  after.strands[0].rx_bytes = 1'100'000;
  after.strands[0].rx_datagrams = 800;
  after.devices[0].stats.set(PLAIT_A_STATS_RX_OLD, 4);
  after.devices[0].stats.set(PLAIT_A_STATS_RX_TAG, 10);
  after.devices[0].stats.set(PLAIT_A_STATS_RX_DATAGRAMS, 800);
  return rates(before, after);
}

TEST(Rates, are_differences_over_time) {
  const auto moved = moving();
  EXPECT_DOUBLE_EQ(moved.seconds, 2);
  ASSERT_EQ(moved.devices.size(), 1U);
  const auto& device = moved.devices[0];
  EXPECT_TRUE(device.up);
  EXPECT_DOUBLE_EQ(device.flow.in_bits, 4'000'000);
  EXPECT_DOUBLE_EQ(device.flow.in_packets, 500);
  EXPECT_DOUBLE_EQ(device.flow.out_packets, 1.5);
  ASSERT_EQ(device.strands.size(), 1U);
  EXPECT_DOUBLE_EQ(device.strands[0].flow.in_packets, 400);
  ASSERT_EQ(device.drops.size(), 2U);
  EXPECT_EQ(device.drops[0].counter, "rx_tag");
  EXPECT_DOUBLE_EQ(device.drops[0].per_second, 5);
  ASSERT_TRUE(device.key);
  EXPECT_EQ(device.key->id.epoch, 1U);
}

TEST(Rates, what_is_new_or_went_back_does_not_move) {
  auto before = sample(milliseconds(0));
  before.strands[0].rx_bytes = 500;
  before.links.clear();
  auto after = sample(milliseconds(1000));
  after.links[0].rx_bytes = 500;
  const auto still = rates(before, after);
  EXPECT_DOUBLE_EQ(still.devices[0].flow.in_bits, 0);
  EXPECT_DOUBLE_EQ(still.devices[0].strands[0].flow.in_bits, 0);
  // No time between: nothing is divided by it.
  EXPECT_DOUBLE_EQ(rates(after, after).devices[0].flow.in_bits, 0);
}

TEST(Rates, are_a_table_with_strands_and_drops_below) {
  EXPECT_EQ(view_rates(moving()),
            "DEVICE      STATE                      IN      OUT  IN PKT/S  OUT PKT/S"
            "               SEALED\n"
            "plait0      up                 4.0 Mbit/s  0 bit/s       500        1.5"
            "  50.0k of 1.0M (5 %)\n"
            "  strand 0  198.51.100.2:7777  4.4 Mbit/s  0 bit/s       400          0"
            "                    -\n"
            "\n"
            "DROPS ON  COUNTER   /S  MEANING\n"
            "plait0    rx_tag   5.0  wrong header tag\n"
            "plait0    rx_old   2.0  older than the replay window\n");
}

TEST(Rates, tell_when_there_is_nothing) {
  EXPECT_EQ(plaitctl::view_rates({}), "no plait devices in this network namespace\n");
  const auto text = view_rates(rates(sample(milliseconds(0)), sample(milliseconds(1000))));
  EXPECT_NE(text.find("\nnothing is dropped\n"), std::string::npos) << text;
  auto keyless = sample(milliseconds(1000));
  keyless.keys.clear();
  EXPECT_NE(view_rates(rates(keyless, keyless)).find("no key"), std::string::npos);
  keyless.keys_known = false;
  EXPECT_EQ(view_rates(rates(keyless, keyless)).find("no key"), std::string::npos);
}

TEST(Rates, are_an_object_a_device_in_json) {
  const auto json = rates_json(moving());
  ASSERT_EQ(json.size(), 1U);
  EXPECT_EQ(json[0]["device"], "plait0");
  EXPECT_EQ(json[0]["in_bits"], 4e6);
  EXPECT_EQ(json[0]["strands"][0]["in_packets"], 400);
  EXPECT_EQ(json[0]["drops"], plaitctl::Json::parse(R"({"rx_tag": 5.0, "rx_old": 2.0})"));
  EXPECT_EQ(json[0]["epoch"], 1);
}

TEST(Screen, cuts_lines_to_its_width_and_tells_how_many_it_has_no_room_for) {
  EXPECT_EQ(plaitctl::screen("long line\nshort\n", {.columns = 6, .rows = 4}),
            "\x1b[Hlong l\x1b[K\r\nshort\x1b[K\x1b[J");
  EXPECT_EQ(plaitctl::screen("1\n2\n3\n4\n", {.columns = 20, .rows = 3}),
            "\x1b[H1\x1b[K\r\n2\x1b[K\r\n... 2 lines more\x1b[K\x1b[J");
  EXPECT_EQ(plaitctl::screen("1\n2\n", {.columns = 20, .rows = 2}),
            "\x1b[H1\x1b[K\r\n2\x1b[K\x1b[J");
  EXPECT_EQ(plaitctl::screen("", {.columns = 20, .rows = 2}), "\x1b[H\x1b[J");
}

TEST(HumanNumbers, are_short) {
  EXPECT_EQ(tools::human_count(9999), "9999");
  EXPECT_EQ(tools::human_count(12'345), "12.3k");
  EXPECT_EQ(tools::human_count(999'999), "1.0M");
  EXPECT_EQ(tools::human_count(~0ULL), "18.4E");
  EXPECT_EQ(tools::human_rate(0), "0 bit/s");
  EXPECT_EQ(tools::human_rate(1500), "1.5 kbit/s");
  EXPECT_EQ(tools::human_rate(12e9), "12.0 Gbit/s");
}

}  // namespace
