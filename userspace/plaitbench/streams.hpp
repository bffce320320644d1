// SPDX-License-Identifier: GPL-2.0
// The ends of a TCP trial: bulk over one connection or several, and one octet there and back.
#pragma once

#include <span>

#include "datagrams.hpp"
#include "net.hpp"
#include "trial.hpp"

namespace plaitbench {

/// Writes as much as the connections take for the time of the trial, then ends them.
Sent send_streams(std::span<const Fd> connections, const Spec& spec, const Pulse& pulse);

/// Reads until each has ended.
Received receive_streams(std::span<const Fd> connections, const Spec& spec, const Pulse& pulse);

/// One octet, its answer, the next one, for the time of the trial; packets are transactions.
Sent send_requests(const Fd& connection, const Spec& spec, const Pulse& pulse);

/// Answers until the connection ends.
Received answer_requests(const Fd& connection, const Spec& spec, const Pulse& pulse);

}  // namespace plaitbench
