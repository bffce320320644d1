// SPDX-License-Identifier: GPL-2.0
// Reading the filter's maps.
#pragma once

#include <vector>

#include "plait/filter.hpp"

namespace plait {

/// Map plait_state: may the filter judge, by what it was told and when?
bool filter_state_is_fresh(int map);

/// Nothing was told: every filter with this map lets everything pass.
void filter_state_clear(int map);

/// The .bss of a filter: has its interface left?
bool filter_has_moved(int map);

/// Map plait_counts, summed over the CPUs. Throws FilterError if it cannot be read.
std::vector<FilterCounter> read_filter_counters(int map);

}  // namespace plait
