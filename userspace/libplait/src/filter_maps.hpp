// SPDX-License-Identifier: GPL-2.0
// Reading the filter's maps.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plait/filter.hpp"

namespace plait {

/// Map plait_state: may the filter judge, by what it was told and when?
bool filter_state_is_fresh(int map);

/// The same map: has every session found room?
bool filter_state_is_complete(int map);

/// Are its elements of these sizes?
bool filter_map_is_like(int map, std::uint32_t key_size, std::uint32_t value_size);

/// How many entries a map of sockets, sessions or lanes has, and of which namespace the most.
FilterMap measure_filter_map(int map, const std::string& name);

/// How many of the windows are some lane's.
FilterMap measure_filter_windows(int windows, int lanes);

/// Nothing was told: every filter with this map lets everything pass.
void filter_state_clear(int map);

/// The .bss of a filter: has its interface left?
bool filter_has_moved(int map);

/// Map plait_counts, summed over the CPUs. Throws FilterError if it cannot be read.
std::vector<FilterCounter> read_filter_counters(int map);

}  // namespace plait
