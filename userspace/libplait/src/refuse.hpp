// SPDX-License-Identifier: GPL-2.0
// From a refusal to the exception of its cause.
#pragma once

#include "plait/error.hpp"

namespace plait {

/// Throws NotPermitted, NotFound, Exists, Invalid or, for any other error number, Error.
[[noreturn]] void refuse(const Refusal& refusal);

}  // namespace plait
