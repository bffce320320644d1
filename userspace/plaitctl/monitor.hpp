// SPDX-License-Identifier: GPL-2.0
// How an event is told: a line for people, or JSON.
#pragma once

#include <chrono>
#include <string>

#include "json.hpp"
#include "plait/events.hpp"

namespace plaitctl {

using Time = std::chrono::system_clock::time_point;

/// "2026-11-24 19:33:50.123  plait0  key-installed  session 1, epoch 1, …", local time.
std::string event_line(const plait::Event& event, Time time);
/// Time in UTC, by ISO 8601. link_name: of underlay interfaces.
Json event_json(const plait::Event& event, Time time, const NameOf& link_name);

}  // namespace plaitctl
