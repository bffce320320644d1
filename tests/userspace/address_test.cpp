// SPDX-License-Identifier: GPL-2.0
// Addresses and prefixes as text and as ranges.
#include "plait/address.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace {

using plait::Address;
using plait::Prefix;

std::string complaint(const std::string& text) {
  try {
    Prefix::parse(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Prefix, text_goes_both_ways) {
  for (const auto* text :
       {"0.0.0.0/0", "10.7.0.0/24", "10.7.0.1/32", "::/0", "2001:db8::/33", "2001:db8::1/128"}) {
    EXPECT_EQ(Prefix::parse(text).to_string(), text);
  }
  EXPECT_EQ(Prefix::parse("10.7.0.1").to_string(), "10.7.0.1/32");
  EXPECT_EQ(Prefix::parse("fd07::1").to_string(), "fd07::1/128");
  EXPECT_EQ(Prefix().to_string(), "0.0.0.0/0");
}

TEST(Prefix, complaints_tell_what_would_be_right) {
  EXPECT_EQ(complaint("10.7.0.1/24"),
            "\"10.7.0.1/24\" has bits set behind its length: give 10.7.0.0/24");
  EXPECT_EQ(complaint("fd07::1/64"),
            "\"fd07::1/64\" has bits set behind its length: give fd07::/64");
  EXPECT_EQ(complaint("10.7.0.0/33"), "a prefix of 10.7.0.0 has a length of 0 to 32, not 33");
  for (const auto* wrong : {"10.7.0.0/", "10.7.0.0/x", "10.7.0.0/2 4", "10.7.0.0/-1"}) {
    EXPECT_NE(complaint(wrong).find("is not a prefix: give one like"), std::string::npos) << wrong;
  }
  EXPECT_NE(complaint("10.7/16").find("is not an address"), std::string::npos);
}

TEST(Prefix, contains_what_shares_its_bits) {
  const auto prefix = Prefix::parse("10.7.8.0/21");
  EXPECT_TRUE(prefix.contains(Address::parse("10.7.8.0")));
  EXPECT_TRUE(prefix.contains(Address::parse("10.7.15.255")));
  EXPECT_FALSE(prefix.contains(Address::parse("10.7.16.0")));
  EXPECT_FALSE(prefix.contains(Address::parse("10.7.7.255")));
  EXPECT_TRUE(Prefix::parse("::/0").contains(Address::parse("fd07::1")));
  EXPECT_FALSE(Prefix::parse("::/0").contains(Address::parse("10.7.0.1")));
}

TEST(Prefix, overlap_is_one_within_the_other) {
  const auto wide = Prefix::parse("10.0.0.0/8");
  const auto narrow = Prefix::parse("10.7.0.0/24");
  EXPECT_TRUE(wide.overlaps(narrow));
  EXPECT_TRUE(narrow.overlaps(wide));
  EXPECT_TRUE(narrow.overlaps(narrow));
  EXPECT_FALSE(narrow.overlaps(Prefix::parse("10.7.1.0/24")));
  EXPECT_FALSE(Prefix::parse("::/0").overlaps(Prefix()));
}

TEST(Endpoint, puts_ipv6_in_brackets) {
  EXPECT_EQ(endpoint(Address::parse("192.0.2.1"), 7777), "192.0.2.1:7777");
  EXPECT_EQ(endpoint(Address::parse("2001:db8::1"), 7777), "[2001:db8::1]:7777");
}

}  // namespace
