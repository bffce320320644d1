// SPDX-License-Identifier: GPL-2.0
// The kernel's answer to a request, with its extended acknowledgement (extack).
#pragma once

#include <cstddef>
#include <span>

#include "plait/error.hpp"

namespace plait {

/// Decodes an NLMSG_ERROR or NLMSG_DONE message. The request it answers, header included, is
/// what the kernel's attribute offsets are resolved in. Code 0 means success. Anything
/// malformed is left out: a bad extack never hides the error number. A message too short for
/// that has code EPROTO.
Refusal decode_answer(std::span<const std::byte> message, std::span<const std::byte> request);

}  // namespace plait
