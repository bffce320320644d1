// SPDX-License-Identifier: GPL-2.0
// What a host has counted during a trial: of the plait device by reason, of its strands, of the
// interfaces, of UDP and of the CPUs' backlogs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json.hpp"

namespace plaitbench {

struct Counter {
  std::string where;    ///< "plait0", "plait0 strand 0", "eth0", "udp", "backlog"
  std::string name;     ///< "rx_queue", "rx_dropped"
  std::string meaning;  ///< in words, empty if the name says it
  bool drop = false;    ///< packets die there; else it only tells what happened
  std::uint64_t value = 0;
};
using Counters = std::vector<Counter>;

/// What has moved: by how much. A counter that went back, or that was not there before, says
/// nothing.
Counters moved(const Counters& before, const Counters& after);

Json to_json(const Counters& counters);
/// Throws ProtocolError.
Counters counters_from_json(const Json& json);

/// The drops of UDP over IPv4, out of /proc/net/snmp, and over IPv6, out of /proc/net/snmp6.
Counters parse_udp_counters(std::string_view snmp, std::string_view snmp6);

/// Packets that found the queue between a driver and the stack full: the second column of
/// /proc/net/softnet_stat, all CPUs together.
Counter parse_backlog_drops(std::string_view softnet_stat);

}  // namespace plaitbench
