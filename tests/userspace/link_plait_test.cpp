// SPDX-License-Identifier: GPL-2.0
// link_plait.c between a command line, attributes and output; the test plays `ip`.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#define _Noreturn [[noreturn]]
extern "C" {
#include "iproute2.h"
extern struct link_util plait_link_util;
}
#include "netlink_builder.hpp"
#include "plait.h"
#include "verdict.h"

namespace {

Octets request;      // attributes that link_plait.c added
std::string output;  // what it printed
bool json_context;
bool applies(output_type type) {
  return type == PRINT_ANY || (type == PRINT_JSON) == json_context;
}

template <typename Value>
int print(output_type type, const char* key, const char* format, Value value) {
  if (!applies(type)) return 0;
  std::array<char, 200> text{};
  if (json_context) {
    output += std::string(key) + "=";
    format = std::is_same_v<Value, const char*> ? "%s;" : sizeof(value) == 8 ? "%lu;" : "%u;";
  }
  std::snprintf(text.data(), text.size(), format, value);
  output += text.data();
  return 0;
}

[[noreturn]] void refuse(const char* what) {
  std::fprintf(stderr, "refused: %s\n", what);
  std::abort();
}

}  // namespace

extern "C" {
int show_stats = 1;

int addattr_l(nlmsghdr*, int, int type, const void* data, int length) {
  const auto* octets = static_cast<const std::byte*>(data);
  request = request + attribute(type, Octets(octets, octets + length));
  return 0;
}
int addattr8(nlmsghdr* n, int max, int type, uint8_t data) {
  return addattr_l(n, max, type, &data, sizeof(data));
}
int addattr16(nlmsghdr* n, int max, int type, uint16_t data) {
  return addattr_l(n, max, type, &data, sizeof(data));
}
int addattr32(nlmsghdr* n, int max, int type, uint32_t data) {
  return addattr_l(n, max, type, &data, sizeof(data));
}
int get_u8(uint8_t* value, const char* text, int) {
  return std::sscanf(text, "%hhu", value) == 1 ? 0 : -1;
}
int get_u16(uint16_t* value, const char* text, int) {
  return std::sscanf(text, "%hu", value) == 1 ? 0 : -1;
}
int get_u32(uint32_t* value, const char* text, int) {
  return std::sscanf(text, "%u", value) == 1 ? 0 : -1;
}
unsigned ll_name_to_index(const char* name) {
  return std::strcmp(name, "eth0") == 0 ? 2 : 0;
}
const char* ll_index_to_name(unsigned) {
  return "eth0";
}
void missarg(const char* key) {
  refuse(key);
}
void invarg(const char* why, const char*) {
  refuse(why);
}
void duparg(const char* key, const char*) {
  refuse(key);
}
void print_nl() {
  output += json_context ? "" : "\n";
}
int print_color_string(output_type type, color_attr, const char* key, const char* format,
                       const char* value) {
  return print(type, key, format, value);
}
int print_color_bool(output_type type, color_attr, const char* key, const char*, bool value) {
  return print(type, key, "%s", value ? "true" : "false");
}
int print_color_uint(output_type type, color_attr, const char* key, const char* format,
                     unsigned value) {
  return print(type, key, format, value);
}
int print_color_u64(output_type type, color_attr, const char* key, const char* format,
                    uint64_t value) {
  return print(type, key, format, value);
}
}

namespace {

int parse(std::vector<std::string> words) {
  request.clear();
  std::vector<char*> argv;
  for (auto& word : words)
    argv.push_back(word.data());
  return plait_link_util.parse_opt(&plait_link_util, static_cast<int>(argv.size()), argv.data(),
                                   nullptr);
}

// What `ip -d link show` prints for the attributes in request.
std::string show(bool as_json) {
  json_context = as_json;
  output.clear();
  std::array<rtattr*, IFLA_PLAIT_MAX + 1> tb{};
  auto left = static_cast<int>(request.size());
  for (auto* attr = reinterpret_cast<rtattr*>(request.data()); RTA_OK(attr, left);
       attr = RTA_NEXT(attr, left)) {
    tb[attr->rta_type] = attr;
  }
  plait_link_util.print_opt(&plait_link_util, stdout, tb.data());
  return output;
}

std::string show_xstats(const Octets& counters, bool as_json, int times) {
  json_context = as_json;
  show_stats = times;
  output.clear();
  Octets nest = attribute(IFLA_INFO_XSTATS, counters);
  plait_link_util.print_xstats(&plait_link_util, stdout, reinterpret_cast<rtattr*>(nest.data()));
  return output;
}

TEST(LinkPlait, words_become_attributes_in_network_order_and_back) {
  ASSERT_EQ(parse({"remote", "192.0.2.2", "port", "7777", "dev", "eth0", "window", "8192"}), 0);
  EXPECT_EQ(request, attribute(IFLA_PLAIT_REMOTE, raw(std::array<char, 4>{'\xc0', 0, 2, 2})) +
                         attribute(IFLA_PLAIT_PORT, raw(std::array<char, 2>{'\x1e', '\x61'})) +
                         attribute(IFLA_PLAIT_LINK, raw(std::uint32_t{2})) +
                         attribute(IFLA_PLAIT_WINDOW, raw(std::uint32_t{8192})));
  EXPECT_EQ(show(false), "remote 192.0.2.2 port 7777 dev eth0 window 8192 ");
  EXPECT_EQ(show(true), "remote=192.0.2.2;port=7777;link=eth0;window=8192;");
}

TEST(LinkPlait, ipv6_addresses_have_16_octets) {
  ASSERT_EQ(parse({"local", "2001:db8::1", "remote-port", "5", "lanes", "1"}), 0);
  EXPECT_EQ(show(false), "local 2001:db8::1 remote-port 5 lanes 1 ");
  EXPECT_EQ(show(true), "local=2001:db8::1;remote_port=5;lanes=1;");
}

TEST(LinkPlait, marks_classes_and_fragments_go_both_ways) {
  ASSERT_EQ(parse({"fwmark", "32", "dscp", "inherit", "fragment", "on"}), 0);
  EXPECT_EQ(request, attribute(IFLA_PLAIT_FWMARK, raw(std::uint32_t{32})) +
                         attribute(IFLA_PLAIT_DSCP, raw(std::uint8_t{PLAIT_DSCP_INHERIT})) +
                         attribute(IFLA_PLAIT_FRAGMENT, raw(std::uint8_t{1})));
  EXPECT_EQ(show(false), "fwmark 0x20 dscp inherit fragment on ");
  EXPECT_EQ(show(true), "fwmark=32;dscp=inherit;fragment=true;");
  ASSERT_EQ(parse({"fwmark", "0", "dscp", "46", "fragment", "off"}), 0);
  EXPECT_EQ(show(false), "dscp 46 fragment off ");
  EXPECT_EQ(show(true), "dscp=46;fragment=false;");
}

TEST(LinkPlaitDeathTest, values_out_of_range_are_refused) {
  EXPECT_DEATH(parse({"dscp", "64"}), "not a DSCP, 0 to 63 or inherit");
  EXPECT_DEATH(parse({"dscp", "ef"}), "not a DSCP");
  EXPECT_DEATH(parse({"fragment", "yes"}), "neither on nor off");
}

TEST(LinkPlait, an_unknown_word_is_refused_with_the_help) {
  EXPECT_EQ(parse({"id", "5"}), -1);
}

TEST(LinkPlait, a_link_of_any_and_malformed_attributes_are_not_shown) {
  request = attribute(IFLA_PLAIT_LINK, raw(std::uint32_t{0})) +
            attribute(IFLA_PLAIT_LOCAL, raw(std::uint16_t{1})) +
            attribute(IFLA_PLAIT_PORT, raw(std::uint32_t{1})) +
            attribute(IFLA_PLAIT_LANES, raw(std::uint64_t{1}));
  EXPECT_EQ(show(false), "");
  json_context = false;
  output.clear();
  plait_link_util.print_opt(&plait_link_util, stdout, nullptr);
  EXPECT_EQ(output, "");
}

TEST(LinkPlait, a_counter_of_a_newer_kernel_goes_by_its_number) {
  const auto counters = attribute(16383, raw(std::uint64_t{7}));
  EXPECT_EQ(show_xstats(counters, false, 1),
            "\n    attribute_16383            7  a counter of a newer kernel module\n    ");
  EXPECT_NE(show_xstats(counters, true, 1).find("attribute_16383=7;"), std::string::npos);
}

TEST(LinkPlait, counters_are_shown_when_not_zero_and_all_with_more_statistics) {
  const auto counters = attribute(PLAIT_A_STATS_RX_TAG, raw(std::uint64_t{12})) +
                        attribute(PLAIT_A_STATS_TX_DATAGRAMS, raw(std::uint64_t{1} << 40));
  EXPECT_EQ(show_xstats(counters, false, 1),
            "\n    rx_tag                   12  wrong header tag"
            "\n    tx_datagrams   1099511627776  datagrams sent\n    ");
  EXPECT_EQ(show_xstats({}, false, 1), "");
  const auto all = show_xstats(counters, false, 2);
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), PLAIT_VERDICTS - 1 + PLAIT_EVENT_COUNT + 1);
  const auto json = show_xstats(counters, true, 1);
  EXPECT_NE(json.find("rx_old=0;rx_duplicate=0;"), std::string::npos) << json;
  EXPECT_NE(json.find("tx_datagrams=1099511627776;"), std::string::npos);
}

}  // namespace
