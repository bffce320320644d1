// SPDX-License-Identifier: GPL-2.0
// What plaitctl prints, from made-up objects.
#include "view.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "plait.h"
#include "prefix.hpp"
#include "table.hpp"
#include "verdict.h"

namespace {

using nlohmann::json;
using plaitctl::Format;

std::string name_of(std::uint32_t ifindex) {
  return ifindex == 5 ? "plait0" : "eth0";
}

plait::Device device() {
  plait::Device device{.ifindex = 5,
                       .name = "plait0",
                       .port = 7777,
                       .lanes = 1,
                       .window = 8192,
                       .mtu = 1408,
                       .mtu_fixed = false,
                       .carrier = true,
                       .strands = 1,
                       .prefixes = 2,
                       .dscp = {.inherit = true, .value = 0},
                       .stats = {}};
  device.stats.set(PLAIT_A_STATS_RX_TAG, 12);
  device.stats.set(PLAIT_A_STATS_TX_DATAGRAMS, 3'000'000'000);
  return device;
}

plait::Strand strand() {
  plait::Strand strand;
  strand.id = {.ifindex = 5, .id = 0};
  strand.remote = plait::Address::parse("2001:db8::2");
  strand.port = 7777;
  strand.remote_port = 7778;
  strand.link = 2;
  strand.fwmark = 0x20;
  strand.path_mtu = 1500;
  strand.tx_datagrams = 3;
  strand.tx_bytes = 1536;
  return strand;
}

plait::Key key() {
  plait::Key key;
  key.id = {.ifindex = 5, .session = 1, .epoch = 2};
  key.cipher = plait::Cipher::chacha20_poly1305;
  key.local_index = 0x10;
  key.remote_index = 0xdeadbeef;
  key.peer_lanes = 1;
  key.tx_counter = 99;
  key.activation = plait::Activation::active;
  key.sealed = 98;
  key.soft_limit = 1ULL << 60;
  key.hard_limit = 1ULL << 61;
  key.driver = "library";
  return key;
}

TEST(View, devices_are_an_aligned_table) {
  plait::Device second;
  second.name = "office-tunnel";
  second.mtu_fixed = true;
  EXPECT_EQ(view({device(), second}, Format::table),
            "DEVICE         PORT  LANES  WINDOW   MTU                   DSCP  CARRIER  STRANDS"
            "  PREFIXES\n"
            "plait0         7777      1    8192  1408  follows path  inherit  up             1"
            "         2\n"
            "office-tunnel     -      0       0     0  fixed               0  down           0"
            "         0\n");
}

TEST(View, strands_put_ipv6_in_brackets_and_sizes_in_words) {
  EXPECT_EQ(view({strand()}, name_of, name_of, Format::table),
            "DEVICE  ID  LOCAL   REMOTE              LINK  PATH MTU  FWMARK  FRAGMENT"
            "         SENT  ACCEPTED  COPIES  SPOILT\n"
            "plait0   0  *:7777  [2001:db8::2]:7778  eth0      1500    0x20  off     "
            "  3 (1.5 KiB)   0 (0 B)       0       0\n");
}

TEST(View, keys_show_indices_in_hexadecimal) {
  const auto text = view({key()}, name_of, Format::table);
  EXPECT_NE(text.find("0x00000010   0xdeadbeef"), std::string::npos) << text;
  EXPECT_NE(text.find("    98        1.2E        2.3E"), std::string::npos) << text;
  EXPECT_NE(text.find("chacha20-poly1305"), std::string::npos);
}

TEST(View, prefixes_are_a_line_each) {
  EXPECT_EQ(
      view({plait::DevicePrefix{5, plait::Prefix::parse("fd07::/64")}}, name_of, Format::table),
      "DEVICE  PREFIX\nplait0  fd07::/64\n");
}

TEST(Prefixes, a_note_says_when_everything_is_still_allowed_and_how_to_narrow_it) {
  const auto p = [](const char* text) { return plait::Prefix::parse(text); };
  const std::vector everything{p("0.0.0.0/0"), p("::/0")};
  EXPECT_EQ(plaitctl::still_everything("plait0", {p("10.7.0.0/24")},
                                       {p("0.0.0.0/0"), p("::/0"), p("10.7.0.0/24")}),
            "0.0.0.0/0 is still allowed, which is everything: plaitctl prefix set plait0 ::/0 "
            "10.7.0.0/24");
  EXPECT_EQ(plaitctl::still_everything("plait0", {p("10.7.0.0/24"), p("fd07::/64")},
                                       {p("10.7.0.0/24"), p("fd07::/64"), p("::/0")}),
            "::/0 is still allowed, which is everything: plaitctl prefix set plait0 10.7.0.0/24 "
            "fd07::/64");
  // Another family's is no matter, nor is one that was asked for.
  EXPECT_EQ(plaitctl::still_everything("plait0", {p("10.7.0.0/24")}, {p("::/0"), p("10.7.0.0/24")}),
            "");
  EXPECT_EQ(plaitctl::still_everything("plait0", {p("0.0.0.0/0")}, everything), "");
}

TEST(View, nothing_is_an_empty_text_and_an_empty_array) {
  EXPECT_EQ(view(std::vector<plait::Device>{}, Format::table), "");
  EXPECT_EQ(view(std::vector<plait::Key>{}, name_of, Format::table), "");
  EXPECT_EQ(view(std::vector<plait::Strand>{}, name_of, name_of, Format::json), "[]\n");
  EXPECT_EQ(view_stats({}, true, Format::json), "[]\n");
}

TEST(View, json_names_are_those_of_the_manual) {
  EXPECT_EQ(json::parse(view({device()}, Format::json)), json::parse(R"([{
    "ifindex": 5, "name": "plait0", "port": 7777, "lanes": 1, "window": 8192, "mtu": 1408,
    "mtu_fixed": false, "dscp": "inherit", "carrier": true, "strands": 1, "prefixes": 2}])"));
  EXPECT_EQ(json::parse(view({strand()}, name_of, name_of, Format::json)), json::parse(R"([{
    "ifindex": 5, "device": "plait0", "id": 0, "local": null, "port": 7777,
    "remote": "2001:db8::2", "remote_port": 7778, "link": "eth0",
    "fwmark": 32, "fragment": false, "path_mtu": 1500, "tx_datagrams": 3,
    "tx_bytes": 1536, "rx_datagrams": 0, "rx_bytes": 0, "rx_copies": 0,
    "rx_failures": 0}])"));
  EXPECT_EQ(json::parse(view({key()}, name_of, Format::json)), json::parse(R"([{
    "ifindex": 5, "device": "plait0", "session": 1, "epoch": 2, "cipher": "chacha20-poly1305",
    "driver": "library", "local_index": 16, "remote_index": 3735928559, "peer_lanes": 1,
    "tx_counter": 99, "active": true, "on_receipt": false, "sealed": 98,
    "soft_limit": 1152921504606846976, "hard_limit": 2305843009213693952,
    "open_failures": 0}])"));
  EXPECT_EQ(json::parse(view({plait::DevicePrefix{5, plait::Prefix::parse("10.7.0.0/24")}}, name_of,
                             Format::json)),
            json::parse(R"([{"ifindex": 5, "device": "plait0", "prefix": "10.7.0.0/24"}])"));
}

TEST(View, stats_tell_what_is_not_zero_and_what_it_means) {
  EXPECT_EQ(view_stats({device()}, false, Format::table),
            "plait0:\n"
            "  COUNTER            VALUE  KIND          MEANING\n"
            "  rx_tag                12  receive drop  wrong header tag\n"
            "  tx_datagrams  3000000000  event         datagrams sent\n");
  plait::Device idle;
  idle.name = "p";
  EXPECT_EQ(view_stats({idle}, false, Format::table), "p: all counters are zero\n");
  const auto all = view_stats({device()}, true, Format::table);
  EXPECT_EQ(static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n')),
            plait::counters().size() + 2);
}

TEST(View, stats_in_json_have_every_counter) {
  const auto stats = json::parse(view_stats({device()}, false, Format::json));
  EXPECT_EQ(stats[0]["device"], "plait0");
  EXPECT_EQ(stats[0]["counters"].size(), plait::counters().size());
  EXPECT_EQ(stats[0]["counters"]["rx_tag"], 12);
  EXPECT_EQ(stats[0]["counters"]["rx_old"], 0);
}

TEST(HumanSize, changes_unit_where_rounding_would_show_1024) {
  EXPECT_EQ(tools::human_size(0), "0 B");
  EXPECT_EQ(tools::human_size(1023), "1023 B");
  EXPECT_EQ(tools::human_size(1024), "1.0 KiB");
  EXPECT_EQ(tools::human_size((1 << 20) - 1), "1.0 MiB");
  EXPECT_EQ(tools::human_size(~0ULL), "16.0 EiB");
}

}  // namespace
