// SPDX-License-Identifier: GPL-2.0
// plaitctl: control of the plait network driver. Exit status: 0 done, 1 refused by the
// kernel, 2 wrong usage (of words, values or files); doctor: 1 if it found something.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <span>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "commands.hpp"

namespace {

constexpr int exit_refused = 1;
constexpr int exit_usage = 2;

int complain(int status, const char* what, const char* hint = "") {
  fmt::print(stderr, "plaitctl: {}{}\n", what, hint);
  return status;
}

int run(int argc, char** argv) {
  CLI::App app("Control of plait: encrypted layer-3 tunnels over UDP", "plaitctl");
  plaitctl::Session session;
  app.set_version_flag("--version,-V", "plaitctl " PLAIT_VERSION);
  app.add_flag("--json,-j", session.json, "Print JSON, an array of objects: see plaitctl(8)");
  app.require_subcommand(1);
  app.fallthrough();
  app.footer("plaitctl COMMAND VERB --help tells the words of each.");
  plaitctl::add_device_commands(app, session);
  plaitctl::add_strand_commands(app, session);
  plaitctl::add_key_commands(app, session);
  plaitctl::add_prefix_commands(app, session);
  plaitctl::add_stats_commands(app, session);
  plaitctl::add_xdp_commands(app, session);
  plaitctl::add_monitor_command(app, session);
  plaitctl::add_top_command(app, session);
  plaitctl::add_doctor_command(app, session);
  try {
    auto words = plaitctl::with_help(app, std::span<const char* const>(argv, argc).subspan(1));
    plaitctl::check_command(app, words);
    std::ranges::reverse(words);  // as CLI11 wants them
    app.parse(std::move(words));
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    return complain(exit_usage, error.what(), " (try plaitctl --help)");
  }
  return session.status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const plait::Error& error) {
    return complain(exit_refused, error.what());
  } catch (const plaitctl::UsageError& error) {
    return complain(exit_usage, error.what());
  } catch (const std::invalid_argument& error) {  // a key file's content
    return complain(exit_usage, error.what());
  } catch (const std::system_error& error) {  // a file that cannot be read or written
    return complain(exit_usage, error.what());
  } catch (const std::exception& error) {
    return complain(exit_refused, error.what());
  }
}
