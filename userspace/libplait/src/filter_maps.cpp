// SPDX-License-Identifier: GPL-2.0
// Reading the filter's maps. Their layout is netdrv/core/filter.h's.
#include "filter_maps.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <functional>
#include <map>
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

plait_filter_state read_state(int map) {
  const std::uint32_t zero = 0;
  plait_filter_state state{};
  return bpf_map_lookup_elem(map, &zero, &state) == 0 ? state : plait_filter_state{};
}

bpf_map_info info_of(int map) {
  bpf_map_info info{};
  std::uint32_t length = sizeof(info);
  if (bpf_obj_get_info_by_fd(map, &info, &length) != 0) {
    throw FilterError("cannot read the filter's maps: " + std::generic_category().message(errno));
  }
  return info;
}

// Calls visit(key, cookie of its network namespace) for each key, which all begin with that. Not
// more often than there is room: a map that changes meanwhile may begin anew.
void each_key(int map, const bpf_map_info& info,
              const std::function<void(const std::byte*, std::uint64_t)>& visit) {
  std::vector<std::byte> key(info.key_size);
  std::vector<std::byte> next(info.key_size);
  const std::byte* last = nullptr;
  for (std::uint32_t i = 0; i < info.max_entries; i++) {
    if (bpf_map_get_next_key(map, last, next.data()) != 0) return;
    key.swap(next);
    last = key.data();
    std::uint64_t net = 0;
    std::memcpy(&net, last, sizeof(net));
    visit(last, net);
  }
}

// Entries by network namespace, summed up.
FilterMap summed(const std::string& name, std::uint32_t max,
                 const std::map<std::uint64_t, std::uint32_t>& of_nets) {
  FilterMap map{.name = name, .entries = 0, .max = max};
  for (const auto& [net, entries] : of_nets) {
    map.entries += entries;
    if (entries > map.of_net) {
      map.net = net;
      map.of_net = entries;
    }
  }
  return map;
}

}  // namespace

bool filter_state_is_complete(int map) {
  return read_state(map).complete != 0;
}

bool filter_map_is_like(int map, std::uint32_t key_size, std::uint32_t value_size) {
  const auto info = info_of(map);
  return info.key_size == key_size && info.value_size == value_size;
}

FilterMap measure_filter_map(int map, const std::string& name) {
  const auto info = info_of(map);
  std::map<std::uint64_t, std::uint32_t> of_nets;
  each_key(map, info, [&](const std::byte*, std::uint64_t net) { of_nets[net]++; });
  return summed(name, info.max_entries, of_nets);
}

FilterMap measure_filter_windows(int windows, int lanes) {
  const auto max = info_of(windows).max_entries;
  std::map<std::uint64_t, std::uint32_t> of_nets;
  plait_filter_keys keys{};
  each_key(lanes, info_of(lanes), [&](const std::byte* lane, std::uint64_t net) {
    if (bpf_map_lookup_elem(lanes, lane, &keys) == 0 && keys.slot < max) of_nets[net]++;
  });
  explicit_bzero(&keys, sizeof(keys));  // only the slot was wanted
  return summed("windows", max, of_nets);
}

bool filter_state_is_fresh(int map) {
  const auto state = read_state(map);
  timespec now{};
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
    return false;
  }
  const auto age = static_cast<std::uint64_t>(now.tv_sec) - state.heard_ns / nanoseconds;
  return state.patience != 0 && age <= PLAIT_FILTER_PATIENCE_S;
}

void filter_state_clear(int map) {
  const std::uint32_t zero = 0;
  plait_filter_state nothing{};
  nothing.sockets = read_state(map).sockets + 1;  // going back, it could be one that is remembered
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
