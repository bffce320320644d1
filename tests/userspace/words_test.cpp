// SPDX-License-Identifier: GPL-2.0
// "keyword value" arguments: what is taken, and how wrong ones are explained.
#include "words.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace {

using plaitctl::Need;
using plaitctl::Words;

class Grammar : public testing::Test {
 protected:
  Grammar() {
    words_.name("DEV", Need::required, plaitctl::text(device_), "the device")
        .pair("remote", "ADDR", Need::required, plaitctl::address(remote_), "the peer's address")
        .pair("port", "P", Need::optional, plaitctl::number(port_, 1, 65535), "own UDP port")
        .pair("link", "IF", Need::optional, plaitctl::interface(link_), "underlay interface")
        .flag(
            "inactive", [this] { active_ = false; }, "do not send with it");
  }

  void parse(const std::vector<std::string>& words) { words_.parse(words); }

  std::string complaint(const std::vector<std::string>& words) {
    try {
      words_.parse(words);
    } catch (const plaitctl::UsageError& error) {
      return error.what();
    }
    return "accepted";
  }

  Words words_;
  std::string device_;
  plait::Address remote_;
  std::optional<std::uint16_t> port_;
  std::optional<std::uint32_t> link_;
  bool active_ = true;
};

TEST_F(Grammar, takes_pairs_in_any_order_after_the_name) {
  parse({"plait0", "inactive", "port", "7777", "remote", "2001:db8::1", "link", "lo"});
  EXPECT_EQ(device_, "plait0");
  EXPECT_EQ(port_, 7777);
  EXPECT_EQ(remote_.to_string(), "2001:db8::1");
  EXPECT_EQ(link_, 1U);
  EXPECT_FALSE(active_);
}

TEST_F(Grammar, leaves_alone_what_is_not_given) {
  parse({"plait0", "remote", "192.0.2.1"});
  EXPECT_FALSE(port_);
  EXPECT_TRUE(active_);
}

TEST_F(Grammar, a_name_may_look_like_a_keyword) {
  parse({"port", "remote", "192.0.2.1"});
  EXPECT_EQ(device_, "port");
}

TEST_F(Grammar, explains_what_is_wrong_and_what_would_be_right) {
  EXPECT_EQ(complaint({}), "\"DEV\" is missing: the device");
  EXPECT_EQ(complaint({"plait0"}), "\"remote ADDR\" is missing: the peer's address");
  EXPECT_EQ(complaint({"plait0", "prot", "5"}),
            "unknown word 'prot': the words are DEV remote ADDR [port P] [link IF] [inactive]");
  EXPECT_EQ(complaint({"plait0", "remote", "192.0.2.1", "port"}),
            "\"port\" lacks its value P: own UDP port");
  EXPECT_EQ(complaint({"plait0", "port", "1", "port", "2"}), "\"port\" stands twice");
  EXPECT_EQ(complaint({"plait0", "port", "70000"}), "port: 70000 is out of range: give 1 to 65535");
  EXPECT_EQ(complaint({"plait0", "port", "0"}), "port: 0 is out of range: give 1 to 65535");
  EXPECT_EQ(complaint({"plait0", "port", "http"}),
            "port: \"http\" is not a number: give 1 to 65535");
  EXPECT_EQ(complaint({"plait0", "remote", "192.0.2"}),
            "remote: \"192.0.2\" is not an address: give one like 192.0.2.1 or 2001:db8::1");
  EXPECT_EQ(complaint({"plait0", "link", "nonesuch"}),
            "link: no interface \"nonesuch\" here: see `ip link`, or give any");
}

TEST_F(Grammar, describes_itself) {
  EXPECT_EQ(words_.usage(), "DEV remote ADDR [port P] [link IF] [inactive]");
  EXPECT_NE(words_.help().find("remote ADDR          the peer's address\n"), std::string::npos);
}

TEST(Verb, may_stand_first_and_changes_nothing) {
  std::optional<std::string> device;
  Words words;
  words.verb({"show", "list"})
      .name("DEV", Need::optional, plaitctl::link_name(device), "only of this device")
      .example("plaitctl stats plait0")
      .example("plaitctl stats --all");
  const auto parsed = [&](const std::vector<std::string>& given) {
    device.reset();
    words.parse(given);
    return device.value_or("all");
  };
  EXPECT_EQ(parsed({}), "all");
  EXPECT_EQ(parsed({"show"}), "all");
  EXPECT_EQ(parsed({"plait0"}), "plait0");
  EXPECT_EQ(parsed({"show", "plait0"}), "plait0");
  EXPECT_EQ(parsed({"list", "show"}), "show");
  EXPECT_EQ(words.usage(), "[show] [DEV]");
  EXPECT_EQ(words.examples(), "Example: plaitctl stats plait0\n         plaitctl stats --all\n");
}

TEST(LinkName, is_one_that_the_kernel_could_take) {
  const auto complaint = [](const std::string& name) -> std::string {
    try {
      plaitctl::check_link_name(name);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(complaint("plait0"), "accepted");
  EXPECT_EQ(complaint("fifteen-letters"), "accepted");
  EXPECT_EQ(complaint("sixteen--letters"),
            "\"sixteen--letters\" has 16 characters: an interface's name has at most 15");
  for (const auto* wrong : {"", ".", "..", "a/b", "a b", "eth0:1"}) {
    EXPECT_NE(complaint(wrong).find("cannot be an interface's name"), std::string::npos) << wrong;
  }
}

TEST(Rest, takes_all_names_that_follow) {
  std::string device;
  std::vector<std::string> names;
  Words words;
  words.name("DEV", Need::required, plaitctl::text(device), "the device")
      .rest(
          "PREFIX", [&names](const std::string& text) { names.push_back(text); }, "a range");
  words.parse(std::vector<std::string>{"plait0", "a", "b", "c"});
  EXPECT_EQ(device, "plait0");
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(words.usage(), "DEV PREFIX...");
  EXPECT_THROW(words.parse(std::vector<std::string>{"plait0"}), plaitctl::UsageError);
}

TEST(Values, are_on_or_off_or_a_dscp) {
  std::optional<bool> fragment;
  plaitctl::on_off(fragment)("on");
  EXPECT_EQ(fragment, true);
  plaitctl::on_off(fragment)("off");
  EXPECT_EQ(fragment, false);
  EXPECT_THROW(plaitctl::on_off(fragment)("yes"), std::invalid_argument);
  std::optional<plait::Dscp> dscp;
  plaitctl::dscp(dscp)("inherit");
  EXPECT_TRUE(dscp->inherit);
}

TEST(Number, reads_decimal_and_hexadecimal_to_the_very_end_of_the_range) {
  constexpr std::uint64_t top = ~0ULL;
  EXPECT_EQ(plaitctl::parse_number("18446744073709551615", 0, top), top);
  EXPECT_EQ(plaitctl::parse_number("0xDEADbeef", 0, top), 0xdeadbeefU);
  for (const auto* wrong : {"", "-1", "+1", " 1", "1 ", "0x", "1e3", "18446744073709551616"}) {
    EXPECT_THROW(plaitctl::parse_number(wrong, 0, top), std::invalid_argument) << wrong;
  }
}

}  // namespace
