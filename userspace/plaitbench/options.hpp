// SPDX-License-Identifier: GPL-2.0
// The command line: what of a plan a person may change, and how it is called.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "client.hpp"
#include "namespaces.hpp"
#include "plait/address.hpp"

namespace plaitbench {

struct ServerOptions {
  std::optional<plait::Address> address;
  std::uint16_t port = 0;
};

/// What the command line asks for: one of the three.
struct Command {
  std::optional<ServerOptions> server;
  std::optional<ClientOptions> client;
  std::optional<TwoHostsOptions> local;  ///< with client's options, too
};

/// Reads it. Throws CLI::ParseError, of help as well; app is what can show it.
Command parse_command(CLI::App& app, int argc, const char* const* argv);

}  // namespace plaitbench
