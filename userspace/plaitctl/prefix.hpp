// SPDX-License-Identifier: GPL-2.0
// What plaitctl says of a list of allowed prefixes.
#pragma once

#include <string>
#include <vector>

#include "plait/address.hpp"

namespace plaitctl {

/// A note for whoever added prefixes to a device's list to narrow it, if 0.0.0.0/0 or ::/0 of
/// their family is in the list and makes them pointless, with the command that helps. Else empty.
std::string still_everything(const std::string& device, const std::vector<plait::Prefix>& added,
                             const std::vector<plait::Prefix>& list);

}  // namespace plaitctl
