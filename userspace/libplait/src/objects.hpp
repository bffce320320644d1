// SPDX-License-Identifier: GPL-2.0
// Objects out of the attributes that the kernel sends: what is absent or malformed keeps its
// default.
#pragma once

#include <vector>

#include "attributes.hpp"
#include "plait/objects.hpp"

namespace plait {

Device decode_device(const Attributes& attributes);
Strand decode_strand(const Attributes& attributes);
Key decode_key(const Attributes& attributes);
/// All entries of one message, malformed ones left out.
std::vector<DevicePrefix> decode_prefixes(const Attributes& attributes);

/// As PLAIT_A_DEVICE_DSCP and IFLA_PLAIT_DSCP carry it.
std::uint8_t encode(const Dscp& dscp);

}  // namespace plait
