// SPDX-License-Identifier: GPL-2.0
// What was heard of the way between this host and the peer.
#pragma once

#include <string>
#include <vector>

#include "doctor.hpp"

namespace plaitctl {

/// A finding if the next hop is silent, the peer's port or host refuses, or the peer is elsewhere.
std::vector<Finding> reach(const Facts& facts, const Facts::Path& path);

/// What of it may be as it should: another source, a probe that nobody refused.
std::vector<std::string> reach_remarks(const Facts& facts, const Facts::Path& path);

}  // namespace plaitctl
