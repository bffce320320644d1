// SPDX-License-Identifier: GPL-2.0
// The whole of libplait; docs/libplait.md is its short manual.
#pragma once

#include "plait/address.hpp"
#include "plait/client.hpp"
#include "plait/counters.hpp"
#include "plait/error.hpp"
#include "plait/events.hpp"
#include "plait/filter.hpp"
#include "plait/key_material.hpp"
#include "plait/objects.hpp"
