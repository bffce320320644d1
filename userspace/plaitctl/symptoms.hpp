// SPDX-License-Identifier: GPL-2.0
// What counters tell of why traffic does not pass.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "doctor.hpp"

namespace plaitctl {

/// By how much a counter of the device rose while it was watched.
std::uint64_t moved_by(const Facts& facts, std::string_view counter);

/// Something was sent or received, or dropped, while it was watched.
bool moved(const Facts& facts);

/// A finding for each counter of drops that moved, the fastest first, or that moved once while
/// nothing ever passed; and one if the peer is not heard at all. explained: findings that have
/// said some of it already.
std::vector<Finding> symptoms(const Facts& facts, const std::vector<Finding>& explained);

}  // namespace plaitctl
