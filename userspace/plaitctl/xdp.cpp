// SPDX-License-Identifier: GPL-2.0
// plaitctl xdp: attach, detach, reload, status, stats of the filter on underlay interfaces.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "commands.hpp"
#include "plait/filter.hpp"
#include "table.hpp"

namespace plaitctl {
namespace {

using Json = nlohmann::ordered_json;
using Align = Table::Align;

std::string mode_of(const plait::Filter& filter) {
  return filter.mode ? to_string(*filter.mode) : "";
}

std::string state_of(const plait::Filter& filter) {
  if (filter.moved) return "moved away: passes everything";
  if (filter.name.empty()) return "in another namespace";
  if (!filter.mode) return "not attached any more: plaitctl xdp detach";
  return filter.hears ? "filters" : "hears nothing, passes everything: detach and attach it";
}

std::string view(const std::vector<plait::Filter>& filters, Format format) {
  if (format == Format::json) {
    Json list = Json::array();
    for (const auto& filter : filters) {
      list.push_back({{"ifindex", filter.ifindex},
                      {"interface", filter.name.empty() ? Json() : Json(filter.name)},
                      {"netns_cookie", filter.net},
                      {"mode", filter.mode ? Json(to_string(*filter.mode)) : Json()},
                      {"hears", filter.hears},
                      {"moved", filter.moved}});
    }
    return list.dump(2) + "\n";
  }
  Table table({{"INTERFACE"}, {"MODE"}, {"STATE"}});
  for (const auto& filter : filters) {
    table.add({filter.name.empty() ? fmt::format("if{}", filter.ifindex) : filter.name,
               mode_of(filter), state_of(filter)});
  }
  return filters.empty() ? "" : table.to_string();
}

std::string view(const std::string& interface, const std::vector<plait::FilterCounter>& counters,
                 bool with_zeros, Format format) {
  if (format == Format::json) {
    Json values = Json::object();
    for (const auto& counter : counters)
      values[counter.name] = counter.value;
    return Json::array({{{"interface", interface}, {"counters", values}}}).dump(2) + "\n";
  }
  Table table({{"COUNTER"}, {"VALUE", Align::right}, {""}, {"MEANING"}});
  bool some = false;
  for (const auto& counter : counters) {
    if (counter.value == 0 && !with_zeros) continue;
    table.add({counter.name, std::to_string(counter.value), counter.drop ? "dropped" : "passed",
               counter.meaning});
    some = true;
  }
  return some ? table.to_string() : "";
}

plait::FilterMode mode_from(const std::string& text) {
  if (text == "native") return plait::FilterMode::native;
  if (text == "generic") return plait::FilterMode::generic;
  throw std::invalid_argument(fmt::format("give native or generic, not \"{}\"", text));
}

// What was attached; a fallback is said aloud.
void tell_attached(const plait::Filter& filter, bool asked, Format format) {
  if (format == Format::json) {
    print(view(std::vector{filter}, format));
  } else if (!asked && filter.mode == plait::FilterMode::generic) {
    fmt::print(stderr,
               "plaitctl: note: the driver of {} cannot run XDP: generic mode, which drops copies "
               "alone and saves next to nothing\n",
               filter.name);
  }
}

// Runs a program with these arguments and waits. Throws if it does not end well.
void run(std::array<const char*, 4> arguments) {
  const pid_t child = fork();
  if (child == 0) {
    execvp(arguments[0], const_cast<char* const*>(arguments.data()));
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
    throw plait::FilterError(fmt::format("{} {} {} failed", arguments[0], arguments[1],
                                         arguments[2] ? arguments[2] : ""));
  }
}

// The kernel lets go of a listener a little after its last name.
void wait_until_unused() {
  using namespace std::chrono_literals;
  for (const auto end = std::chrono::steady_clock::now() + 2s;
       std::chrono::steady_clock::now() < end; std::this_thread::sleep_for(20ms)) {
    std::ifstream file("/sys/module/plait/refcnt");
    std::string count;
    if (!std::getline(file, count) || count == "0") return;
  }
}

// Filters hold the module. They come off and on again around its going and coming.
void reload() {
  auto filters = plait::filter_list();
  if (std::ranges::any_of(filters, [](const auto& f) { return f.name.empty() && !f.moved; })) {
    throw plait::FilterError(
        "filters of other network namespaces hold the module: plaitctl xdp detach there first");
  }
  const auto attach = [&filters] {
    for (const auto& filter : filters) {
      if (filter.mode) plait::filter_attach(filter.name, filter.mode);
    }
  };
  plait::filter_detach_all();
  wait_until_unused();
  try {
    run({"modprobe", "-r", "plait", nullptr});
  } catch (const plait::FilterError&) {
    attach();
    throw;
  }
  run({"modprobe", "plait", nullptr, nullptr});
  attach();
}

void add_attach(CLI::App& group, Session& session) {
  struct Arguments {
    std::string interface;
    std::optional<plait::FilterMode> mode;
  };
  auto arguments = std::make_shared<Arguments>();
  Words words;
  words.name("IF", Need::required, text(arguments->interface), "the underlay interface")
      .pair(
          "mode", "native|generic", Need::optional,
          [arguments](const std::string& text) { arguments->mode = mode_from(text); },
          "in its driver, or in the stack; default: native, or else generic");
  add_command(group, {"attach"}, "Filter what arrives at an underlay interface", std::move(words),
              [arguments, &session] {
                tell_attached(plait::filter_attach(arguments->interface, arguments->mode),
                              arguments->mode.has_value(), session.format());
              });
}

void add_detach(CLI::App& group) {
  auto interface = std::make_shared<std::optional<std::string>>();
  Words words;
  words.name("IF", Need::optional, text(*interface), "the interface; default: all here");
  add_command(group, {"detach"}, "Filter no more, so that the module can be unloaded",
              std::move(words), [interface] {
                if (*interface) {
                  plait::filter_detach(**interface);
                } else {
                  plait::filter_detach_all();
                }
              });
}

void add_stats(CLI::App& group, Session& session) {
  struct Arguments {
    std::string interface;
    bool with_zeros = false;
  };
  auto arguments = std::make_shared<Arguments>();
  Words words;
  words.name("IF", Need::required, text(arguments->interface), "the interface");
  add_command(group, {"stats"}, "What the filter has passed and dropped", std::move(words),
              [arguments, &session] {
                print(view(arguments->interface, plait::filter_counters(arguments->interface),
                           arguments->with_zeros, session.format()));
              })
      .add_flag("--all,-a", arguments->with_zeros, "Counters that are zero too");
}

}  // namespace

void add_xdp_commands(CLI::App& root, Session& session) {
  CLI::App& group =
      add_group(root, {"xdp"}, "The XDP filter: attach, detach, reload, status, stats");
  add_attach(group, session);
  add_detach(group);
  add_command(group, {"reload"}, "Unload and load the module, with the filters around it", Words(),
              [] { reload(); });
  const auto show = [&session] { print(view(plait::filter_list(), session.format())); };
  add_command(group, {"status", "show"}, "Which interfaces have a filter", Words(), show);
  group.callback([&group, show] {
    if (group.get_subcommands().empty()) show();
  });
  add_stats(group, session);
}

}  // namespace plaitctl
