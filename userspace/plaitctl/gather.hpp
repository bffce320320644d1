// SPDX-License-Identifier: GPL-2.0
// The facts that a diagnosis rests on, from the module, rtnetlink, /proc and nft.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "doctor.hpp"

namespace plaitctl {

/// Of one device, or of every plait device, each watched for that time, all at once. What the
/// module refuses is left out, or told in Facts::refusal. probe: ask the peers too whether they
/// listen, by datagrams of no meaning.
std::vector<Facts> gather(const std::optional<std::string>& device, std::chrono::milliseconds time,
                          bool probe);

}  // namespace plaitctl
