// SPDX-License-Identifier: GPL-2.0
// Events out of the messages that the kernel multicasts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>

#include "plait/events.hpp"

namespace plait {

/// All events in what one receive brought; whatever else is in it, is left out.
std::deque<Event> decode_events(std::span<const std::byte> octets, std::uint16_t family);

}  // namespace plait
