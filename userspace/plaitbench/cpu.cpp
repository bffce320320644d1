// SPDX-License-Identifier: GPL-2.0
// The fields of /proc/stat: user nice system idle iowait irq softirq steal; guest time, which
// follows, is in user already.
#include "cpu.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace plaitbench {
namespace {

constexpr std::size_t user_at = 0;
constexpr std::size_t nice_at = 1;
constexpr std::size_t idle_at = 3;
constexpr std::size_t iowait_at = 4;
constexpr std::size_t softirq_at = 6;
constexpr std::size_t steal_at = 7;
using Fields = std::array<std::uint64_t, steal_at + 1>;

CpuTime time_of(std::string_view numbers) {
  Fields fields{};
  for (auto& field : fields) {
    numbers.remove_prefix(std::min(numbers.find_first_not_of(' '), numbers.size()));
    const auto [end, error] =
        std::from_chars(numbers.data(), numbers.data() + numbers.size(), field);
    if (error != std::errc()) break;
    numbers.remove_prefix(static_cast<std::size_t>(end - numbers.data()));
  }
  CpuTime time{.total = 0,
               .idle = fields[idle_at] + fields[iowait_at],
               .user = fields[user_at] + fields[nice_at],
               .softirq = fields[softirq_at],
               .stolen = fields[steal_at]};
  for (const auto field : fields) {
    time.total += field;
  }
  return time;
}

}  // namespace

std::vector<CpuTime> parse_cpu_times(std::string_view proc_stat) {
  std::vector<CpuTime> times;
  while (!proc_stat.empty()) {
    const auto end = std::min(proc_stat.find('\n'), proc_stat.size());
    const auto line = proc_stat.substr(0, end);
    proc_stat.remove_prefix(std::min(end + 1, proc_stat.size()));
    // "cpu" alone is the sum.
    if (line.starts_with("cpu") && !line.starts_with("cpu ")) {
      times.push_back(time_of(line.substr(std::min(line.find(' '), line.size()))));
    }
  }
  return times;
}

CpuUse cpu_use(const std::vector<CpuTime>& before, const std::vector<CpuTime>& after) {
  CpuUse use;
  CpuTime all;
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); i++) {
    if (after[i].total <= before[i].total) continue;
    const auto share = [total = static_cast<double>(after[i].total - before[i].total)](
                           std::uint64_t from, std::uint64_t to) {
      return to > from ? std::min(1.0, static_cast<double>(to - from) / total) : 0;
    };
    use.cpus++;
    const double busy = 1 - share(before[i].idle, after[i].idle);
    if (busy > use.busiest) {
      use.busiest = busy;
      use.programs = share(before[i].user, after[i].user);
    }
    use.softirq = std::max(use.softirq, share(before[i].softirq, after[i].softirq));
    all.total += after[i].total - before[i].total;
    all.idle += after[i].idle - std::min(before[i].idle, after[i].idle);
    all.stolen += after[i].stolen - std::min(before[i].stolen, after[i].stolen);
  }
  if (all.total > 0) {
    const auto total = static_cast<double>(all.total);
    use.all = 1 - std::min(1.0, static_cast<double>(all.idle) / total);
    use.stolen = static_cast<double>(all.stolen) / total;
  }
  return use;
}

Json to_json(const CpuUse& use) {
  return {{"cpus", use.cpus},         {"all", use.all},         {"busiest", use.busiest},
          {"programs", use.programs}, {"softirq", use.softirq}, {"stolen", use.stolen}};
}

CpuUse cpu_use_from_json(const Json& json) {
  constexpr std::uint64_t most_cpus = 1 << 16;
  return {.cpus = number_of(json, "cpus", 0, most_cpus),
          .all = real_of(json, "all", 0, 1),
          .busiest = real_of(json, "busiest", 0, 1),
          .programs = real_of(json, "programs", 0, 1),
          .softirq = real_of(json, "softirq", 0, 1),
          .stolen = real_of(json, "stolen", 0, 1)};
}

}  // namespace plaitbench
