// SPDX-License-Identifier: GPL-2.0
// Rtnetlink messages made by hand, and this machine's loopback, which is always there.
#include "rtnl.hpp"

#include <gtest/gtest.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "netlink_builder.hpp"

namespace {

using plait::Address;

Octets octets(const char* address) {
  const auto parsed = Address::parse(address);
  return {parsed.octets().begin(), parsed.octets().end()};
}

Octets link_message() {
  ifinfomsg header{};
  header.ifi_index = 5;
  header.ifi_flags = IFF_UP;
  rtnl_link_stats64 stats{};
  stats.rx_packets = 1;
  stats.tx_packets = 2;
  stats.rx_bytes = 3;
  stats.tx_bytes = 4;
  stats.rx_errors = 5;
  stats.tx_errors = 6;
  stats.rx_dropped = 7;
  stats.tx_dropped = 8;
  return raw(header) + attribute(IFLA_IFNAME, "plait0") +
         attribute(IFLA_MTU, raw(std::uint32_t{1408})) +
         attribute(IFLA_CARRIER, raw(std::uint8_t{1})) + attribute(IFLA_STATS64, raw(stats)) +
         attribute(IFLA_LINKINFO, attribute(IFLA_INFO_KIND, "plait")) +
         attribute(IFLA_LINK_NETNSID, raw(std::int32_t{0}));
}

Octets route_message(rtmsg header, const Octets& attributes) {
  header.rtm_family = header.rtm_family == 0 ? AF_INET : header.rtm_family;
  return raw(header) + attributes;
}

TEST(Rtnl, a_link_is_read) {
  const auto link = tools::decode_link(link_message());
  ASSERT_TRUE(link);
  EXPECT_EQ(link->ifindex, 5U);
  EXPECT_EQ(link->name, "plait0");
  EXPECT_EQ(link->kind, "plait");
  EXPECT_EQ(link->mtu, 1408U);
  EXPECT_TRUE(link->up);
  EXPECT_TRUE(link->carrier);
  EXPECT_TRUE(link->underlay_elsewhere);
  EXPECT_EQ(link->rx_packets, 1U);
  EXPECT_EQ(link->tx_bytes, 4U);
  EXPECT_EQ(link->rx_errors, 5U);
  EXPECT_EQ(link->tx_dropped, 8U);
}

TEST(Rtnl, an_address_is_ones_own_not_the_peers) {
  ifaddrmsg header{};
  header.ifa_index = 5;
  header.ifa_prefixlen = 32;
  const auto with_peer =
      tools::decode_local_address(raw(header) + attribute(IFA_ADDRESS, octets("10.7.0.2")) +
                                  attribute(IFA_LOCAL, octets("10.7.0.1")));
  ASSERT_TRUE(with_peer);
  EXPECT_EQ(with_peer->address, Address::parse("10.7.0.1"));
  EXPECT_EQ(
      tools::decode_local_address(raw(header) + attribute(IFA_ADDRESS, octets("fd07::1")))->address,
      Address::parse("fd07::1"));
  EXPECT_FALSE(tools::decode_local_address(raw(header)));
}

TEST(Rtnl, a_neighbour_has_an_address_and_a_state) {
  ndmsg header{};
  header.ndm_ifindex = 2;
  header.ndm_state = NUD_FAILED;
  const auto one = tools::decode_neighbour(raw(header) + attribute(NDA_DST, octets("192.0.2.99")));
  ASSERT_TRUE(one);
  EXPECT_EQ(one->ifindex, 2U);
  EXPECT_EQ(one->address, Address::parse("192.0.2.99"));
  EXPECT_EQ(one->state, NUD_FAILED);
  EXPECT_FALSE(tools::decode_neighbour(raw(header)));
  EXPECT_FALSE(tools::decode_neighbour(Octets(4)));
}

TEST(Rtnl, only_unicast_routes_of_other_tables_than_local_count) {
  const auto oif = attribute(RTA_OIF, raw(std::uint32_t{5}));
  rtmsg header{};
  header.rtm_type = RTN_UNICAST;
  header.rtm_table = RT_TABLE_MAIN;
  const auto everything = tools::decode_route(route_message(header, oif));
  ASSERT_TRUE(everything);
  EXPECT_EQ(everything->destination.to_string(), "0.0.0.0/0");
  EXPECT_EQ(everything->ifindex, 5U);
  header.rtm_dst_len = 24;
  EXPECT_EQ(tools::decode_route(route_message(header, oif + attribute(RTA_DST, octets("10.7.0.0"))))
                ->destination.to_string(),
            "10.7.0.0/24");
  header.rtm_dst_len = 33;
  EXPECT_FALSE(tools::decode_route(route_message(header, oif)));
  header.rtm_dst_len = 0;
  header.rtm_table = RT_TABLE_LOCAL;
  EXPECT_FALSE(tools::decode_route(route_message(header, oif)));
  header.rtm_table = RT_TABLE_MAIN;
  header.rtm_type = RTN_MULTICAST;
  EXPECT_FALSE(tools::decode_route(route_message(header, oif)));
}

TEST(Rtnl, a_way_may_be_an_answer_that_there_is_none) {
  rtmsg header{};
  header.rtm_type = RTN_UNICAST;
  const auto way =
      tools::decode_way(route_message(header, attribute(RTA_OIF, raw(std::uint32_t{2})) +
                                                  attribute(RTA_GATEWAY, octets("192.0.2.254")) +
                                                  attribute(RTA_PREFSRC, octets("192.0.2.1"))));
  EXPECT_EQ(way.error, 0);
  EXPECT_EQ(way.ifindex, 2U);
  EXPECT_EQ(way.gateway, Address::parse("192.0.2.254"));
  EXPECT_EQ(way.source, Address::parse("192.0.2.1"));
  header.rtm_family = AF_INET6;
  header.rtm_type = RTN_UNREACHABLE;
  EXPECT_EQ(tools::decode_way(route_message(header, {})).error, ENETUNREACH);
}

TEST(Rtnl, what_is_cut_short_is_left_out) {
  const auto whole = link_message();
  for (std::size_t length = 0; length < sizeof(ifinfomsg); length++) {
    EXPECT_FALSE(tools::decode_link(std::span(whole).first(length)));
  }
  for (std::size_t length = sizeof(ifinfomsg); length < whole.size(); length++) {
    EXPECT_TRUE(tools::decode_link(std::span(whole).first(length)));
  }
  EXPECT_FALSE(tools::decode_route(std::span(whole).first(4)));
  EXPECT_EQ(tools::decode_way(std::span(whole).first(4)).error, EPROTO);
}

TEST(Rtnl, this_machine_has_a_loopback_and_a_way_to_it) {
  const auto links = tools::links();
  const auto loopback = std::ranges::find(links, std::string("lo"), &tools::Link::name);
  ASSERT_NE(loopback, links.end());
  const auto addresses = tools::addresses();
  const auto home = Address::parse("127.0.0.1");
  if (!loopback->up ||
      std::ranges::find(addresses, home, &tools::LocalAddress::address) == addresses.end()) {
    GTEST_SKIP() << "lo is down here";
  }
  EXPECT_EQ(tools::way({.to = home, .from = {}, .ifindex = 0, .fwmark = 0}).ifindex,
            loopback->ifindex);
  EXPECT_NO_THROW(tools::routes());
}

}  // namespace
