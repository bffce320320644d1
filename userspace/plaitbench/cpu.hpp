// SPDX-License-Identifier: GPL-2.0
// How busy the CPUs of a host are, out of /proc/stat.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "json.hpp"

namespace plaitbench {

/// One CPU's time since boot, in ticks.
struct CpuTime {
  std::uint64_t total = 0;
  std::uint64_t idle = 0;     ///< waiting for a disk included
  std::uint64_t user = 0;     ///< programs', without their system calls
  std::uint64_t softirq = 0;  ///< most of what the network costs outside of programs
  std::uint64_t stolen = 0;   ///< by other guests of the machine that this one runs on
};

/// A line each of "cpuN" in the text of /proc/stat.
std::vector<CpuTime> parse_cpu_times(std::string_view proc_stat);

/// Shares of the time between two looks, 0 to 1.
struct CpuUse {
  std::uint64_t cpus = 0;
  double all = 0;       ///< of all CPUs together
  double busiest = 0;   ///< of the one that was busiest
  double programs = 0;  ///< that one's share for programs, without their system calls
  double softirq = 0;   ///< of the one that had most of them
  double stolen = 0;    ///< of all together
};

/// CPUs that are not in both are left out.
CpuUse cpu_use(const std::vector<CpuTime>& before, const std::vector<CpuTime>& after);

Json to_json(const CpuUse& use);
CpuUse cpu_use_from_json(const Json& json);

}  // namespace plaitbench
