// SPDX-License-Identifier: GPL-2.0
// Client and server on one machine, in two network namespaces made for the run.
#pragma once

#include "client.hpp"
#include "namespaces.hpp"
#include "stop.hpp"

namespace plaitbench {

/// client: its host, port and device are set here.
void run_local(const TwoHostsOptions& hosts, ClientOptions client, const Stop& stop);

}  // namespace plaitbench
