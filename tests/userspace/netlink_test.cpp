// SPDX-License-Identifier: GPL-2.0
// Objects out of hand-built attributes, and counters by name.
#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "netlink_builder.hpp"
#include "objects.hpp"
#include "plait.h"
#include "verdict.h"

namespace {

Octets u8(std::uint8_t value) {
  return raw(value);
}
Octets u16(std::uint16_t value) {
  return raw(value);
}
Octets u32(std::uint32_t value) {
  return raw(value);
}
Octets u64(std::uint64_t value) {
  return raw(value);
}

TEST(Objects, a_device_is_read_with_its_counters) {
  const auto stats = attribute(PLAIT_A_STATS_RX_TAG, u64(7)) +
                     attribute(PLAIT_A_STATS_TX_DATAGRAMS, u64(1ULL << 40));
  const auto octets =
      attribute(PLAIT_A_DEVICE_IFINDEX, u32(5)) + attribute(PLAIT_A_DEVICE_IFNAME, "plait0") +
      attribute(PLAIT_A_DEVICE_PORT, u16(7777)) + attribute(PLAIT_A_DEVICE_LANES, u32(1)) +
      attribute(PLAIT_A_DEVICE_WINDOW, u32(8192)) + attribute(PLAIT_A_DEVICE_MTU, u32(1408)) +
      attribute(PLAIT_A_DEVICE_CARRIER, u8(1)) + attribute(PLAIT_A_DEVICE_MTU_FIXED, u8(1)) +
      attribute(PLAIT_A_DEVICE_DSCP, u8(46)) + attribute(PLAIT_A_DEVICE_PREFIXES, u32(2)) +
      attribute(PLAIT_A_DEVICE_STATS | NLA_F_NESTED, stats);
  const auto device = plait::decode_device(plait::Attributes(octets));
  EXPECT_EQ(device.ifindex, 5U);
  EXPECT_EQ(device.name, "plait0");
  EXPECT_EQ(device.port, 7777);
  EXPECT_EQ(device.window, 8192U);
  EXPECT_EQ(device.mtu, 1408U);
  EXPECT_TRUE(device.carrier);
  EXPECT_TRUE(device.mtu_fixed);
  EXPECT_EQ(device.dscp, (plait::Dscp{.inherit = false, .value = 46}));
  EXPECT_EQ(device.prefixes, 2U);
  EXPECT_EQ(device.strands, 0U);
  EXPECT_EQ(device.stats["rx_tag"], 7U);
  EXPECT_EQ(device.stats["tx_datagrams"], 1ULL << 40);
  EXPECT_EQ(device.stats["rx_old"], 0U);
}

TEST(Objects, a_strand_is_read_with_and_without_a_local_address) {
  const auto remote = plait::Address::parse("2001:db8::2");
  const auto local = plait::Address::parse("192.0.2.1");
  const Octets octets =
      attribute(PLAIT_A_STRAND_IFINDEX, u32(5)) +
      attribute(PLAIT_A_STRAND_REMOTE, {remote.octets().begin(), remote.octets().end()}) +
      attribute(PLAIT_A_STRAND_PORT, u16(7777)) + attribute(PLAIT_A_STRAND_FWMARK, u32(0x20)) +
      attribute(PLAIT_A_STRAND_FRAGMENT, u8(1)) + attribute(PLAIT_A_STRAND_PATH_MTU, u32(1500)) +
      attribute(PLAIT_A_STRAND_RX_BYTES, u64(1500));
  const auto strand = plait::decode_strand(plait::Attributes(octets));
  EXPECT_EQ(strand.remote, remote);
  EXPECT_FALSE(strand.local);
  EXPECT_EQ(strand.rx_bytes, 1500U);
  EXPECT_EQ(strand.fwmark, 0x20U);
  EXPECT_TRUE(strand.fragment);
  EXPECT_EQ(strand.path_mtu, 1500U);

  const Octets more =
      octets + attribute(PLAIT_A_STRAND_LOCAL, {local.octets().begin(), local.octets().end()});
  EXPECT_EQ(plait::decode_strand(plait::Attributes(more)).local, local);
}

TEST(Objects, a_key_is_read) {
  const auto octets =
      attribute(PLAIT_A_KEY_SESSION, u32(9)) + attribute(PLAIT_A_KEY_EPOCH, u32(3)) +
      attribute(PLAIT_A_KEY_CIPHER, u32(PLAIT_CIPHER_CHACHA20POLY1305)) +
      attribute(PLAIT_A_KEY_LOCAL_INDEX, u32(0xdeadbeef)) +
      attribute(PLAIT_A_KEY_TX_COUNTER, u64(77)) +
      attribute(PLAIT_A_KEY_ACTIVE, u8(PLAIT_KEY_ON_RECEIPT)) +
      attribute(PLAIT_A_KEY_SEALED, u64(5)) + attribute(PLAIT_A_KEY_SOFT_LIMIT, u64(6)) +
      attribute(PLAIT_A_KEY_HARD_LIMIT, u64(7)) +
      attribute(PLAIT_A_KEY_DRIVER, "chacha20-poly1305-lib");
  const auto key = plait::decode_key(plait::Attributes(octets));
  EXPECT_EQ(key.id.session, 9U);
  EXPECT_EQ(key.id.epoch, 3U);
  EXPECT_EQ(key.cipher, plait::Cipher::chacha20_poly1305);
  EXPECT_EQ(key.local_index, 0xdeadbeef);
  EXPECT_EQ(key.tx_counter, 77U);
  EXPECT_EQ(key.activation, plait::Activation::on_receipt);
  EXPECT_EQ(key.sealed, 5U);
  EXPECT_EQ(key.soft_limit, 6U);
  EXPECT_EQ(key.hard_limit, 7U);
  EXPECT_EQ(key.driver, "chacha20-poly1305-lib");
}

TEST(Objects, attributes_of_the_wrong_size_are_left_out) {
  const auto octets = attribute(PLAIT_A_DEVICE_LANES, u8(3)) +
                      attribute(PLAIT_A_DEVICE_WINDOW, Octets{}) +
                      attribute(PLAIT_A_DEVICE_MTU, u32(1408));
  const auto device = plait::decode_device(plait::Attributes(octets));
  EXPECT_EQ(device.lanes, 0U);
  EXPECT_EQ(device.window, 0U);
  EXPECT_EQ(device.mtu, 1408U);
  EXPECT_FALSE(
      plait::decode_strand(plait::Attributes(attribute(PLAIT_A_STRAND_LOCAL, u16(1)))).local);
}

Octets prefix_entry(const char* address, std::uint32_t length) {
  const auto parsed = plait::Address::parse(address);
  return attribute(
      PLAIT_A_PREFIX_ENTRY | NLA_F_NESTED,
      attribute(PLAIT_A_RANGE_ADDRESS, {parsed.octets().begin(), parsed.octets().end()}) +
          attribute(PLAIT_A_RANGE_LENGTH, u32(length)));
}

TEST(Objects, prefixes_come_any_number_in_a_message_and_malformed_ones_are_left_out) {
  const auto octets =
      attribute(PLAIT_A_PREFIX_IFINDEX, u32(5)) + prefix_entry("10.7.0.0", 24) +
      prefix_entry("10.8.0.0", 33) + prefix_entry("fd07::", 64) +
      attribute(PLAIT_A_PREFIX_ENTRY | NLA_F_NESTED, attribute(PLAIT_A_RANGE_LENGTH, u32(8)));
  const auto prefixes = plait::decode_prefixes(plait::Attributes(octets));
  ASSERT_EQ(prefixes.size(), 2U);
  EXPECT_EQ(prefixes[0].ifindex, 5U);
  EXPECT_EQ(prefixes[0].prefix, plait::Prefix::parse("10.7.0.0/24"));
  EXPECT_EQ(prefixes[1].prefix, plait::Prefix::parse("fd07::/64"));
}

TEST(Objects, a_dscp_is_a_number_or_inherited) {
  EXPECT_EQ(plait::encode(plait::dscp_from_string("inherit")), PLAIT_DSCP_INHERIT);
  EXPECT_EQ(plait::encode(plait::dscp_from_string("63")), 63);
  const auto octets = attribute(PLAIT_A_DEVICE_DSCP, u8(PLAIT_DSCP_INHERIT));
  EXPECT_EQ(to_string(plait::decode_device(plait::Attributes(octets)).dscp), "inherit");
  for (const auto* wrong : {"64", "", "256", "ef", "-1"}) {
    EXPECT_THROW(plait::dscp_from_string(wrong), std::invalid_argument) << wrong;
  }
}

TEST(Objects, ciphers_have_names_both_ways) {
  for (const auto* name : {"any", "chacha20-poly1305", "aes-256-gcm"}) {
    EXPECT_EQ(to_string(plait::cipher_from_string(name).value()), name);
  }
  EXPECT_FALSE(plait::cipher_from_string("rot13"));
  EXPECT_EQ(to_string(plait::Cipher{99}), "unknown");
}

TEST(Counters, every_verdict_and_event_has_one_name_and_a_meaning) {
  std::set<std::string_view> names;
  std::set<int> attributes;
  for (const auto& counter : plait::counters()) {
    EXPECT_FALSE(counter.name.empty());
    EXPECT_FALSE(counter.meaning.empty());
    EXPECT_TRUE(names.insert(counter.name).second) << counter.name;
    attributes.insert(counter.attribute);
    EXPECT_NE(counter.kind, plait::CounterKind::unknown);
  }
#define PLAIT_X(NAME, name, meaning) \
  EXPECT_TRUE(attributes.contains(PLAIT_A_STATS_##NAME)) << #NAME;
  PLAIT_DROPS(PLAIT_X)
  PLAIT_EVENTS(PLAIT_X)
#undef PLAIT_X
}

TEST(Counters, one_that_only_a_newer_kernel_knows_is_shown_by_number) {
  plait::Stats stats;
  stats.set(PLAIT_A_STATS_MAX + 1, 3);
  stats.set(16383, 4);  // the largest number that an attribute can have
  const auto entries = stats.entries();
  EXPECT_EQ(entries.size(), plait::counters().size() + 2);
  EXPECT_EQ(entries.end()[-2].name, "attribute_" + std::to_string(PLAIT_A_STATS_MAX + 1));
  EXPECT_EQ(entries.end()[-2].value, 3U);
  EXPECT_EQ(entries.back().name, "attribute_16383");
  EXPECT_EQ(entries.back().value, 4U);
}

}  // namespace
