// SPDX-License-Identifier: GPL-2.0
// The time that the guest's one CPU was idle, in nanoseconds.
#pragma once

#include <cstdint>

namespace gauge {

std::int64_t idle_ns();

}  // namespace gauge
