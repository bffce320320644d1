// SPDX-License-Identifier: GPL-2.0
// plaitctl top: what moves, as a live view on a terminal, or one table after the other.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <thread>

#include "commands.hpp"
#include "rates.hpp"
#include "terminal.hpp"

namespace plaitctl {
namespace {

using Milliseconds = std::chrono::milliseconds;

struct Arguments {
  std::optional<std::string> device;
  double interval = 1;  // seconds
  bool once = false;

  [[nodiscard]] Milliseconds time() const {
    return Milliseconds(static_cast<Milliseconds::rep>(interval * 1000));
  }
};

std::string now() {
  return fmt::format("{:%H:%M:%S}", fmt::localtime(std::time(nullptr)));
}

// On a terminal, until q.
void live(Session& session, const Arguments& arguments) {
  Sample before = take_sample(session.client(), arguments.device);
  std::string text = "one moment\n";
  const Terminal terminal;
  for (;;) {
    terminal.show(text);
    switch (terminal.wait(arguments.time())) {
      case Terminal::Event::quit:
        return;
      case Terminal::Event::resize:
        break;
      case Terminal::Event::time: {
        Sample after = take_sample(session.client(), arguments.device);
        text = fmt::format("plaitctl top  {}  every {:g} s  q quits\n\n{}", now(),
                           arguments.interval, view_rates(rates(before, after)));
        before = std::move(after);
        break;
      }
    }
  }
}

// Anywhere: a table each time, or an array of JSON a line.
void printed(Session& session, const Arguments& arguments) {
  Sample before = take_sample(session.client(), arguments.device);
  do {
    std::this_thread::sleep_for(arguments.time());
    Sample after = take_sample(session.client(), arguments.device);
    const auto moving = rates(before, after);
    if (session.json) {
      print(rates_json(moving).dump() + "\n");
    } else {
      print(view_rates(moving) + (arguments.once ? "" : "\n"));
    }
    before = std::move(after);
  } while (!arguments.once);
}

}  // namespace

void add_top_command(CLI::App& root, Session& session) {
  constexpr double min_interval = 0.1;
  constexpr double max_interval = 3600;
  auto arguments = std::make_shared<Arguments>();
  Words words;
  words.name("DEV", Need::optional, link_name(arguments->device), "only this device");
  auto& command = add_command(root, {"top"}, "Live view of rates, drops and limits",
                              std::move(words), [arguments, &session] {
                                if (session.json || arguments->once || !Terminal::is_there()) {
                                  printed(session, *arguments);
                                } else {
                                  live(session, *arguments);
                                }
                              });
  command.add_option("--interval,-i", arguments->interval, "Seconds between two looks, 1")
      ->type_name("SECONDS")
      ->check(CLI::Range(min_interval, max_interval));
  command.add_flag("--once,-1", arguments->once, "One table, then end");
}

}  // namespace plaitctl
