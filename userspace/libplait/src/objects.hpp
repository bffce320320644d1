// SPDX-License-Identifier: GPL-2.0
// Objects out of the attributes that the kernel sends.
#pragma once

#include "attributes.hpp"
#include "plait/objects.hpp"

namespace plait {

/// What the kernel left out has the object's default.
Device decode_device(const Attributes& attributes);
Strand decode_strand(const Attributes& attributes);
Key decode_key(const Attributes& attributes);

}  // namespace plait
