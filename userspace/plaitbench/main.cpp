// SPDX-License-Identifier: GPL-2.0
// plaitbench: what a tunnel, or any path between two hosts, carries. Exit status: 0 measured, 1 it
// could not be, 2 wrong usage, 130 interrupted.
#include <fmt/format.h>
#include <sys/prctl.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "client.hpp"
#include "local.hpp"
#include "options.hpp"
#include "server.hpp"
#include "stop.hpp"

namespace {

constexpr int exit_failed = 1;
constexpr int exit_usage = 2;
constexpr int exit_interrupted = 130;

void log_line(const std::string& text) {
  fmt::print("{}\n", text);
  (void)std::fflush(stdout);
}

int run(int argc, char** argv) {
  CLI::App app(
      "What a path between two hosts carries, a plait tunnel above all: throughput, loss, latency, "
      "bursts, TCP; and what limited it",
      "plaitbench");
  app.set_version_flag("--version,-V", "plaitbench " PLAIT_VERSION);
  app.footer(
      "On one host:    plaitbench server\n"
      "On the other:   plaitbench client 10.7.0.2 --quick\n"
      "On one machine: sudo plaitbench local --quick\n"
      "plaitbench client --help tells what can be asked for; see plaitbench(8).");
  plaitbench::Command command;
  try {
    command = plaitbench::parse_command(app, argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "plaitbench: {} (try plaitbench --help)\n", error.what());
    return exit_usage;
  }
  plaitbench::watch_signals();
  // A sender sleeps until a deadline, not until some time around it.
  prctl(PR_SET_TIMERSLACK, 1);
  const plaitbench::Stop stop;
  if (command.server) {
    plaitbench::Server(command.server->address, command.server->port, stop, log_line).run();
  } else if (command.local) {
    plaitbench::run_local(*command.local, *command.client, stop);
  } else {
    plaitbench::run_client(*command.client, stop);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const plaitbench::Interrupted&) {
    (void)std::fputs("plaitbench: interrupted\n", stderr);
    return exit_interrupted;
  } catch (const std::exception& error) {
    fmt::print(stderr, "plaitbench: {}\n", error.what());
    return exit_failed;
  }
}
