// SPDX-License-Identifier: GPL-2.0
// Events as the kernel would multicast them, and how monitor tells them.
#include "events.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <ctime>

#include "monitor.hpp"
#include "netlink_builder.hpp"
#include "plait.h"

namespace {

using plait::EventKind;

constexpr std::uint16_t family = 0x20;

Octets device() {
  return attribute(PLAIT_A_DEVICE | NLA_F_NESTED,
                   attribute(PLAIT_A_DEVICE_IFINDEX, raw(std::uint32_t{5})) +
                       attribute(PLAIT_A_DEVICE_IFNAME, "plait0") +
                       attribute(PLAIT_A_DEVICE_MTU, raw(std::uint32_t{1388})) +
                       attribute(PLAIT_A_DEVICE_CARRIER, raw(std::uint8_t{1})));
}

Octets key() {
  return attribute(PLAIT_A_KEY | NLA_F_NESTED,
                   attribute(PLAIT_A_KEY_IFINDEX, raw(std::uint32_t{5})) +
                       attribute(PLAIT_A_KEY_SESSION, raw(std::uint32_t{1})) +
                       attribute(PLAIT_A_KEY_EPOCH, raw(std::uint32_t{2})) +
                       attribute(PLAIT_A_KEY_CIPHER, raw(std::uint32_t{PLAIT_CIPHER_AES256GCM})) +
                       attribute(PLAIT_A_KEY_ACTIVE, raw(std::uint8_t{PLAIT_KEY_ON_RECEIPT})) +
                       attribute(PLAIT_A_KEY_SEALED, raw(std::uint64_t{12'345})) +
                       attribute(PLAIT_A_KEY_HARD_LIMIT, raw(std::uint64_t{20'000})));
}

Octets event(std::uint32_t kind, const Octets& more) {
  return message(family, 0,
                 raw(genlmsghdr{.cmd = PLAIT_CMD_EVENT, .version = 1, .reserved = 0}) +
                     attribute(PLAIT_A_EVENT_KIND, raw(kind)) + more);
}

plait::Event decoded(std::uint32_t kind, const Octets& more) {
  const auto events = plait::decode_events(event(kind, more), family);
  EXPECT_EQ(events.size(), 1U);
  return events.empty() ? plait::Event{} : events.front();
}

TEST(Events, carry_their_device_and_the_key_or_strand_they_are_about) {
  const auto installed = decoded(PLAIT_EVENT_KIND_KEY_INSTALLED, device() + key());
  EXPECT_EQ(installed.kind, EventKind::key_installed);
  EXPECT_EQ(installed.device.name, "plait0");
  EXPECT_EQ(installed.device.ifindex, 5U);
  ASSERT_TRUE(installed.key);
  EXPECT_EQ(installed.key->id.epoch, 2U);
  EXPECT_EQ(installed.key->activation, plait::Activation::on_receipt);
  EXPECT_FALSE(installed.strand);
  EXPECT_FALSE(decoded(PLAIT_EVENT_KIND_CARRIER_UP, device()).key);
}

TEST(Events, several_in_one_receive_come_in_order) {
  const auto events = plait::decode_events(event(PLAIT_EVENT_KIND_CARRIER_DOWN, device()) +
                                               event(PLAIT_EVENT_KIND_KEY_REMOVED, device()),
                                           family);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].kind, EventKind::carrier_down);
  EXPECT_EQ(events[1].kind, EventKind::key_removed);
}

TEST(Events, a_kind_of_a_newer_kernel_keeps_its_number) {
  const auto newer = decoded(77, device());
  EXPECT_EQ(newer.kind, EventKind::unknown);
  EXPECT_EQ(newer.number, 77U);
}

TEST(Events, what_is_no_event_and_what_is_cut_short_is_left_out) {
  EXPECT_TRUE(plait::decode_events(event(1, device()), family + 1).empty());
  const auto whole = event(PLAIT_EVENT_KIND_KEY_INSTALLED, device() + key());
  for (std::size_t length = 0; length < whole.size(); length++) {
    EXPECT_TRUE(plait::decode_events(std::span(whole).first(length), family).empty()) << length;
  }
}

TEST(Events, every_kind_of_the_uapi_has_a_name) {
  for (std::uint32_t kind = 1; kind <= PLAIT_EVENT_KIND_MTU_CHANGED; kind++) {
    EXPECT_NE(to_string(EventKind{kind}), "unknown") << kind;
  }
  EXPECT_EQ(to_string(EventKind::lost), "lost");
  EXPECT_EQ(to_string(EventKind{99}), "unknown");
}

class Monitor : public testing::Test {
 protected:
  Monitor() {
    setenv("TZ", "UTC", 1);
    tzset();
  }
  plaitctl::Time time_ =
      plaitctl::Time(std::chrono::seconds(1'795'548'830)) + std::chrono::milliseconds(42);
};

TEST_F(Monitor, tells_an_event_in_a_line) {
  EXPECT_EQ(plaitctl::event_line(decoded(PLAIT_EVENT_KIND_KEY_INSTALLED, device() + key()), time_),
            "2026-11-24 19:33:50.042  plait0  key-installed  session 1, epoch 2, aes-256-gcm, "
            "on-receipt");
  EXPECT_EQ(
      plaitctl::event_line(decoded(PLAIT_EVENT_KIND_KEY_LIMIT_NEAR, device() + key()), time_),
      "2026-11-24 19:33:50.042  plait0  key-limit-near  session 1, epoch 2, 12.3k sealed of 20.0k");
  EXPECT_EQ(plaitctl::event_line(decoded(PLAIT_EVENT_KIND_CARRIER_UP, device()), time_),
            "2026-11-24 19:33:50.042  plait0  carrier-up");
  const auto remote = raw(std::uint32_t{0x026433c6});  // 198.51.100.2
  const auto strand =
      attribute(PLAIT_A_STRAND | NLA_F_NESTED,
                attribute(PLAIT_A_STRAND_REMOTE, remote) +
                    attribute(PLAIT_A_STRAND_REMOTE_PORT, raw(std::uint16_t{7777})));
  EXPECT_EQ(
      plaitctl::event_line(decoded(PLAIT_EVENT_KIND_STRAND_CHANGED, device() + strand), time_),
      "2026-11-24 19:33:50.042  plait0  strand-changed  strand 0 to 198.51.100.2:7777");
  EXPECT_EQ(plaitctl::event_line(decoded(77, device()), time_),
            "2026-11-24 19:33:50.042  plait0  unknown  number 77, of a newer kernel module");
  EXPECT_EQ(plaitctl::event_line(decoded(PLAIT_EVENT_KIND_MTU_CHANGED, device()), time_),
            "2026-11-24 19:33:50.042  plait0  mtu-changed  1388 octets");
  plait::Event lost;
  lost.kind = EventKind::lost;
  EXPECT_EQ(plaitctl::event_line(lost, time_).substr(0, 31), "2026-11-24 19:33:50.042  -  los");
}

TEST_F(Monitor, tells_an_event_in_json) {
  const auto name = [](std::uint32_t) { return std::string("eth0"); };
  const auto json =
      plaitctl::event_json(decoded(PLAIT_EVENT_KIND_KEY_INSTALLED, device() + key()), time_, name);
  EXPECT_EQ(json["time"], "2026-11-24T19:33:50.042Z");
  EXPECT_EQ(json["event"], "key-installed");
  EXPECT_EQ(json["device"], "plait0");
  EXPECT_EQ(json["key"]["device"], "plait0");
  EXPECT_EQ(json["key"]["epoch"], 2);
  EXPECT_FALSE(json.contains("strand"));
  EXPECT_EQ(json["mtu"], 1388);
  EXPECT_EQ(json["carrier"], true);
}

}  // namespace
