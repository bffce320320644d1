// SPDX-License-Identifier: GPL-2.0
// How the XDP filter is shown: where it is, how full its maps are, what it has counted.
#pragma once

#include <string>
#include <vector>

#include "plait/filter.hpp"
#include "view.hpp"

namespace plaitctl {

/// Filters and the maps that they share; each text is empty if there is no filter.
std::string view(const std::vector<plait::Filter>& filters,
                 const std::vector<plait::FilterMap>& maps, Format format);

/// The counters of one interface's filter.
struct CountersOf {
  std::string interface;
  std::vector<plait::FilterCounter> counters;
};
/// The table leaves out those that are zero unless with_zeros; JSON has every one.
std::string view(const std::vector<CountersOf>& all, bool with_zeros, Format format);

}  // namespace plaitctl
