// SPDX-License-Identifier: GPL-2.0
// This host as a trial sees it: who it is, which device leads to the peer, what it counts, how
// busy it is. All in the network namespace of the calling thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "counters.hpp"
#include "cpu.hpp"
#include "json.hpp"
#include "plait/client.hpp"
#include "rtnl.hpp"
#include "trial.hpp"

namespace plaitbench {

/// The device that leads to an address; throws std::runtime_error if none does, or another than
/// the one that is wanted.
tools::Link device_to(const plait::Address& peer, const std::optional<std::string>& wanted);

/// Looks at one device, and at what is below it if it is plait's.
class Host {
 public:
  explicit Host(tools::Link device);

  [[nodiscard]] const tools::Link& device() const { return device_; }

  /// name, release, plaitbench, commit, cpus, cpu, module, device: what a report needs to say
  /// what was measured.
  Json describe();

  Counters counters();

 private:
  void add_link_counters(Counters& counters) const;
  void add_plait_counters(Counters& counters);
  Json describe_device();

  tools::Link device_;
  std::optional<plait::Client> client_;   // if it is a plait device
  std::vector<std::uint32_t> underlays_;  // what each strand leaves by; 0: not known
};

/// One trial's share of what a host counts.
class HostWatch {
 public:
  explicit HostWatch(Host& host);

  /// The traffic is over: what the CPUs do now is not its own.
  void stop_cpu();

  /// What has moved until now.
  HostUse use();

 private:
  Host& host_;
  Counters before_;
  std::vector<CpuTime> cpu_before_;
  std::optional<CpuUse> cpu_;
};

}  // namespace plaitbench
