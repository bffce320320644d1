// SPDX-License-Identifier: GPL-2.0
// The protocol engine's headers (netdrv/core), which are C, for C++.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

extern "C" {
#include "check.h"
#include "packet.h"
#include "segment.h"
#include "verdict.h"
#include "window.h"
#include "wire.h"
}
