// SPDX-License-Identifier: GPL-2.0
// One run: a server, a plan, and what came out on standard output.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "plan.hpp"
#include "stop.hpp"

namespace plaitbench {

struct ClientOptions {
  std::string host;
  std::uint16_t port = 0;
  std::optional<std::string> device;
  Plan plan;
  bool json = false;
  bool quiet = false;   ///< no progress
  std::string command;  ///< as it was given, for the report
};

/// Throws what ended it before its time.
void run_client(const ClientOptions& options, const Stop& stop);

}  // namespace plaitbench
