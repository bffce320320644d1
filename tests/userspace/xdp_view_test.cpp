// SPDX-License-Identifier: GPL-2.0
// What plaitctl prints of the XDP filter, from made-up filters, maps and counters.
#include "xdp_view.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace {

using nlohmann::json;
using plaitctl::CountersOf;
using plaitctl::Format;

plait::Filter filter() {
  return {.ifindex = 2,
          .name = "eth0",
          .net = 77,
          .mode = plait::FilterMode::native,
          .hears = true,
          .moved = false,
          .complete = true};
}

std::vector<plait::FilterMap> maps(std::uint32_t sessions) {
  return {{.name = "sockets", .entries = 1, .max = 4096, .net = 77, .of_net = 1},
          {.name = "sessions", .entries = sessions, .max = 4096, .net = 99, .of_net = sessions - 1},
          {.name = "windows", .entries = 0, .max = 4096}};
}

TEST(XdpView, tells_where_filters_are_and_how_full_their_maps) {
  EXPECT_EQ(plaitctl::view({filter()}, maps(3), Format::table),
            "INTERFACE  MODE    STATE\n"
            "eth0       native  filters\n"
            "\n"
            "MAP       ENTRIES  ROOM FOR  WHEN FULL\n"
            "sockets         1      4096  to further sockets everything passes\n"
            "sessions        3      4096  whatever there are no keys for passes\n"
            "windows         0      4096  of further lanes copies pass\n");
  EXPECT_EQ(plaitctl::view(std::vector<plait::Filter>{}, maps(1), Format::table), "");
}

TEST(XdpView, says_that_there_is_nothing_to_filter_yet) {
  auto none = maps(0);
  none[0].entries = 0;
  const auto text = plaitctl::view({filter()}, none, Format::table);
  EXPECT_NE(text.find("waits: there is no socket of plait's yet\n"), std::string::npos) << text;
}

TEST(XdpView, says_that_sessions_found_no_room_and_who_has_it) {
  auto incomplete = filter();
  incomplete.complete = false;
  const auto text = plaitctl::view({incomplete}, maps(4096), Format::table);
  EXPECT_NE(text.find("filters, but passes what it does not know: sessions found no room\n"),
            std::string::npos)
      << text;
  EXPECT_NE(
      text.find("\nsessions is full: the network namespace of cookie 99 has 4095 of its entries\n"),
      std::string::npos)
      << text;
}

TEST(XdpView, every_reason_not_to_filter_comes_before_a_lack_of_room) {
  const auto state = [](const plait::Filter& one) {
    return plaitctl::view({one}, {}, Format::table);
  };
  auto moved = filter();
  moved.moved = true;
  EXPECT_NE(state(moved).find("moved away"), std::string::npos);
  auto deaf = filter();
  deaf.hears = deaf.complete = false;
  EXPECT_NE(state(deaf).find("hears nothing, passes everything"), std::string::npos);
  auto foreign = filter();
  foreign.name.clear();
  EXPECT_NE(state(foreign).find("if2        native  in another namespace"), std::string::npos);
  auto gone = filter();
  gone.mode.reset();
  EXPECT_NE(state(gone).find("eth0       -     not attached any more"), std::string::npos);
}

TEST(XdpView, json_names_are_those_of_the_manual) {
  EXPECT_EQ(json::parse(plaitctl::view({filter()}, maps(3), Format::json)), json::parse(R"([{
    "ifindex": 2, "interface": "eth0", "netns_cookie": 77, "mode": "native", "hears": true,
    "moved": false, "complete": true, "maps": {
      "sockets": {"entries": 1, "max": 4096, "netns_cookie": 77, "of_netns": 1},
      "sessions": {"entries": 3, "max": 4096, "netns_cookie": 99, "of_netns": 2},
      "windows": {"entries": 0, "max": 4096, "netns_cookie": null, "of_netns": 0}}}])"));
  EXPECT_EQ(plaitctl::view(std::vector<plait::Filter>{}, {}, Format::json), "[]\n");
  EXPECT_EQ(json::parse(plaitctl::view(
                std::vector{CountersOf{"eth0", {{"tag", "wrong header tag", true, 7}}}}, false,
                Format::json)),
            json::parse(R"([{"interface": "eth0", "counters": {"tag": 7}}])"));
}

TEST(XdpView, counters_tell_what_passed_and_what_was_dropped) {
  const CountersOf some{"eth0",
                        {{"pass_valid", "may be accepted", false, 120},
                         {"tag", "wrong header tag", true, 7},
                         {"old", "older than the replay window", true, 0}}};
  const CountersOf none{"eth1", {{"tag", "wrong header tag", true, 0}}};
  EXPECT_EQ(plaitctl::view(std::vector{some, none}, false, Format::table),
            "eth0:\n"
            "  COUNTER     VALUE  KIND     MEANING\n"
            "  pass_valid    120  passed   may be accepted\n"
            "  tag             7  dropped  wrong header tag\n"
            "eth1: all counters are zero\n");
  EXPECT_NE(plaitctl::view(std::vector{none}, true, Format::table).find("tag          0  dropped"),
            std::string::npos);
}

}  // namespace
