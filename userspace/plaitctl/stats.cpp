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
  words.verb({"show", "list"})
      .name("DEV", Need::optional, link_name(arguments->device), "only of this device")
      .example("plaitctl stats plait0 --all");
  add_command(root, {"stats"}, "Counters that are not zero, and what they mean", std::move(words),
              [arguments, &session] {
                print_or_note(view_stats(session.devices(arguments->device), arguments->with_zeros,
                                         session.format()),
                              no_device);
              })
      .add_flag("--all,-a", arguments->with_zeros, "Those that are zero too");
}

}  // namespace plaitctl
