// SPDX-License-Identifier: GPL-2.0
// What the shared library exports: all that is marked PLAIT_API, and nothing else.
#pragma once

#define PLAIT_API __attribute__((visibility("default")))
