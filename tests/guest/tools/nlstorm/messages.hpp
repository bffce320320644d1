// SPDX-License-Identifier: GPL-2.0
// Requests as an honest program could send them: of family plait, and of rtnetlink about
// links of kind plait. They refer to what exists, so that many of them succeed.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tree.hpp"

namespace nlstorm {

/// What the storm knows of its network namespace.
struct World {
  explicit World(Dice& dice);

  std::uint16_t family = 0;
  std::vector<std::uint32_t> devices;  // ifindexes of kind plait
  std::array<Octets, 6> keys;          // few, so that they meet again
};

Message honest_message(const World& world, Dice& dice);

/// A dump of all devices, and what it told.
Message ask_devices(const World& world);
std::vector<std::uint32_t> ifindexes(const std::vector<Octets>& replies);

}  // namespace nlstorm
