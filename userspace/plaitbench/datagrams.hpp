// SPDX-License-Identifier: GPL-2.0
// The two ends of a UDP trial: many packets a system call on both (sendmmsg with UDP_SEGMENT,
// recvmmsg with UDP_GRO), so that the path is measured and not the tool.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "trial.hpp"

namespace plaitbench {

/// Called every 50 ms or oftener. Throws if there is nobody to send to any more.
using Pulse = std::function<void()>;

/// Sends what spec says on a connected socket, and gathers the echoes of its probes. Throws
/// std::system_error if the kernel refuses for good.
Sent send_datagrams(int fd, const Spec& spec, const Pulse& pulse);

/// Called every 5 ms or so: how many were sent, once that is known. Throws as Pulse.
using Ending = std::function<std::optional<std::uint64_t>()>;

/// Receives until as many came as were sent, or nothing comes any more, and echoes probes to whom
/// the socket is connected to.
Received receive_datagrams(int fd, const Spec& spec, const Ending& ending);

}  // namespace plaitbench
