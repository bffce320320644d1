// SPDX-License-Identifier: GPL-2.0
// The engine's headers for C++.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
extern "C" {
#include "core/check.h"
#include "core/filter.h"
#include "core/wire.h"
}
