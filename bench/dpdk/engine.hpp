// SPDX-License-Identifier: GPL-2.0
// The protocol engine (netdrv/core), C, for C++: the very code that plait.ko runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

extern "C" {
#include "check.h"
#include "lifetime.h"
#include "number.h"
#include "packet.h"
}
