// SPDX-License-Identifier: GPL-2.0
// Reading the filter's maps. Their layout is netdrv/core/filter.h's.
#include "filter_maps.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <numeric>
#include <string_view>
#include <system_error>

extern "C" {
#include "filter.h"
}

namespace plait {
namespace {

constexpr std::uint64_t nanoseconds = 1'000'000'000;

struct Known {
  std::string_view name;
  std::string_view meaning;
  bool drop;
};

constexpr Known known[] = {
#define PLAIT_X(NAME, name, meaning) {#name, meaning, false},
    PLAIT_FILTER_PASSES(PLAIT_X)
#undef PLAIT_X
#define PLAIT_X(NAME, name, meaning) {#name, meaning, true},
        PLAIT_FILTER_DROPS(PLAIT_X)
#undef PLAIT_X
};

}  // namespace

bool filter_state_is_fresh(int map) {
  const std::uint32_t zero = 0;
  plait_filter_state state{};
  timespec now{};
  if (bpf_map_lookup_elem(map, &zero, &state) != 0 || clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
    return false;
  }
  const auto age = static_cast<std::uint64_t>(now.tv_sec) - state.heard_ns / nanoseconds;
  return state.patience != 0 && age <= PLAIT_FILTER_PATIENCE_S;
}

void filter_state_clear(int map) {
  const std::uint32_t zero = 0;
  const plait_filter_state nothing{};
  bpf_map_update_elem(map, &zero, &nothing, BPF_ANY);
}

bool filter_has_moved(int map) {
  const std::uint32_t zero = 0;
  std::uint32_t moved = 0;
  return bpf_map_lookup_elem(map, &zero, &moved) == 0 && moved != 0;
}

std::vector<FilterCounter> read_filter_counters(int map) {
  const int cpus = libbpf_num_possible_cpus();
  std::vector<FilterCounter> counters;
  std::uint32_t key = 0;
  for (const auto& counter : known) {
    std::vector<std::uint64_t> values(static_cast<std::size_t>(cpus > 0 ? cpus : 0));
    if (values.empty() || bpf_map_lookup_elem(map, &key, values.data()) != 0) {
      throw FilterError("cannot read the filter's counters: " +
                        std::generic_category().message(errno));
    }
    counters.push_back({.name = std::string(counter.name),
                        .meaning = std::string(counter.meaning),
                        .drop = counter.drop,
                        .value = std::accumulate(values.begin(), values.end(), std::uint64_t{0})});
    key++;
  }
  return counters;
}

}  // namespace plait
