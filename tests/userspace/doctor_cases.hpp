// SPDX-License-Identifier: GPL-2.0
// A healthy tunnel, ways to spoil it, and the test that each such case goes through
// (doctor_test.cpp).
#pragma once

#include <gtest/gtest.h>
#include <linux/neighbour.h>

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "doctor.hpp"
#include "plait.h"

namespace doctor_cases {

using plaitctl::Facts;

inline constexpr std::uint32_t ifindex = 5;
inline constexpr std::uint32_t underlay = 2;

inline void count(Facts& facts, std::uint16_t attribute, std::uint64_t before,
                  std::uint64_t after) {
  facts.state.before.stats.set(attribute, before);
  facts.state.after.stats.set(attribute, after);
}

// A tunnel in use, with nothing wrong.
inline Facts healthy() {
  Facts facts;
  facts.device = "plait0";
  facts.loaded = true;
  facts.permitted = true;
  facts.kernel = "6.12.0";
  facts.link = tools::Link{};
  facts.link->ifindex = ifindex;
  facts.link->name = "plait0";
  facts.link->kind = "plait";
  facts.link->up = true;
  facts.link->carrier = true;
  facts.seconds = 1;
  plait::Device device;
  device.ifindex = ifindex;
  device.name = "plait0";
  device.port = 7777;
  device.mtu = 1408;
  device.strands = 1;
  device.carrier = true;
  facts.state = {.before = device, .after = device};
  count(facts, PLAIT_A_STATS_TX_DATAGRAMS, 1000, 2000);
  count(facts, PLAIT_A_STATS_RX_DATAGRAMS, 500, 1500);

  Facts::Path path;
  path.strand.after.id = {.ifindex = ifindex, .id = 0};
  path.strand.after.local = plait::Address::parse("192.0.2.1");
  path.strand.after.remote = plait::Address::parse("198.51.100.2");
  path.strand.after.port = path.strand.after.remote_port = 7777;
  path.strand.after.path_mtu = 1500;
  path.strand.before = path.strand.after;
  path.way.ifindex = underlay;
  path.next_hop = {.before = NUD_REACHABLE, .after = NUD_REACHABLE};
  path.link = tools::Link{};
  path.link->ifindex = underlay;
  path.link->name = "eth0";
  path.link->up = path.link->carrier = true;
  facts.paths = {path};

  plait::Key key;
  key.id = {.ifindex = ifindex, .session = 1, .epoch = 0};
  key.activation = plait::Activation::active;
  key.sealed = 1000;
  key.soft_limit = 1 << 20;
  key.hard_limit = 1 << 24;
  facts.keys = {key};
  facts.prefixes = {plait::Prefix(), plait::Prefix::parse("::/0")};
  facts.addresses = {plait::Address::parse("10.7.0.1")};
  facts.routes = {plait::Prefix::parse("10.7.0.0/24")};
  return facts;
}

struct Case {
  const char* name;
  std::function<void(Facts&)> spoil;
  std::vector<std::string> ids;  // of what must be found, in order
  std::string evidence;          // a part of the first one's
  std::string remedy;            // a part of the first one's
};

inline void PrintTo(const Case& one, std::ostream* out) {
  *out << one.name;
}

// The peer is not heard: what is sent is lost.
inline void silent(Facts& facts) {
  count(facts, PLAIT_A_STATS_RX_DATAGRAMS, 0, 0);
}

// The one remark on these facts.
inline std::string remark(const std::function<void(Facts&)>& spoil) {
  auto facts = healthy();
  spoil(facts);
  const auto said = remarks(facts);
  return said.size() == 1 ? said[0] : std::to_string(said.size()) + " remarks";
}

class Doctor : public testing::TestWithParam<Case> {};

inline std::string name_of(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

}  // namespace doctor_cases
