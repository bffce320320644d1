// SPDX-License-Identifier: GPL-2.0
// plaitctl stats: why datagrams and packets die, and what else is counted.
#include <CLI/CLI.hpp>

#include "commands.hpp"

namespace plaitctl {

void add_stats_commands(CLI::App& root, Session& session) {
  struct Arguments {
    std::optional<std::string> device;
    bool with_zeros = false;
  };
  auto arguments = std::make_shared<Arguments>();
  Words words;
  words.name("DEV", Need::optional, text(arguments->device), "only of this device");
  add_command(root, {"stats"}, "Counters that are not zero, and what they mean", std::move(words),
              [arguments, &session] {
                print(view_stats(session.devices(arguments->device), arguments->with_zeros,
                                 session.format()));
              })
      .add_flag("--all,-a", arguments->with_zeros, "Those that are zero too");
}

}  // namespace plaitctl
