// SPDX-License-Identifier: GPL-2.0
// The engine's headers for C++: they are C that kernel, BPF and user space
// share, so linkage is settled here and not in them.
#ifndef PLAIT_TESTS_UNIT_CORE_H
#define PLAIT_TESTS_UNIT_CORE_H

#ifdef __cplusplus
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
extern "C" {
#endif

#include "bundle.h"
#include "check.h"
#include "number.h"
#include "packet.h"
#include "prefix.h"
#include "segment.h"
#include "siphash.h"
#include "verdict.h"
#include "window.h"
#include "wire.h"

#ifdef __cplusplus
}
#endif

#endif  // PLAIT_TESTS_UNIT_CORE_H
