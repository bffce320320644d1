// SPDX-License-Identifier: GPL-2.0
// plaitctl xdp: attach, detach, reload, status, stats of the filter on underlay interfaces.
#include <fmt/format.h>
#include <net/if.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <thread>

#include "commands.hpp"
#include "plait/client.hpp"
#include "plait/filter.hpp"
#include "xdp_view.hpp"

namespace plaitctl {
namespace {

plait::FilterMode mode_from(const std::string& text) {
  if (text == "native") return plait::FilterMode::native;
  if (text == "generic") return plait::FilterMode::generic;
  throw std::invalid_argument(fmt::format("give native or generic, not \"{}\"", text));
}

// What was attached; a fallback is said aloud.
void tell_attached(const plait::Filter& filter, bool asked, Format format) {
  if (format == Format::json) {
    print(view({filter}, plait::filter_maps(), format));
  } else if (!asked && filter.mode == plait::FilterMode::generic) {
    note(fmt::format(
        "{} runs no XDP in its driver (mode native says why): generic mode, which drops "
        "copies alone and saves next to nothing",
        filter.name));
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

// Devices go with their module. Those of other namespaces are not to be seen from here.
void note_devices_that_go() {
  std::string names;
  for (const auto& device : plait::Client().device_list()) {
    names += (names.empty() ? "" : ", ") + device.name;
  }
  if (!names.empty()) {
    note(fmt::format("these devices go with the module, and their keys: {}", names));
  }
}

// Filters hold the module. They come off and on again around its going and coming.
void reload() {
  auto filters = plait::filter_list();
  if (std::ranges::any_of(filters, [](const auto& f) { return f.name.empty() && !f.moved; })) {
    throw plait::FilterError(
        "filters of other network namespaces hold the module: plaitctl xdp detach there first");
  }
  // Each one, whatever becomes of the others.
  const auto attach = [&filters] {
    std::string failed;
    for (const auto& filter : filters) {
      if (!filter.mode) continue;
      try {
        plait::filter_attach(filter.name, filter.mode);
      } catch (const plait::FilterError& error) {
        failed += fmt::format("{}{}", failed.empty() ? "" : "; ", error.what());
      }
    }
    if (!failed.empty()) throw plait::FilterError("the module was reloaded, but " + failed);
  };
  note_devices_that_go();
  plait::filter_detach_all();
  wait_until_unused();
  try {
    run({"modprobe", "-r", "plait", nullptr});
  } catch (const plait::FilterError&) {
    attach();  // nothing has changed
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
  words.name("IF", Need::required, link_name(arguments->interface), "the underlay interface")
      .pair(
          "mode", "native|generic", Need::optional,
          [arguments](const std::string& text) { arguments->mode = mode_from(text); },
          "in its driver, or in the stack; default: native, or else generic")
      .example("plaitctl xdp attach eth0");
  add_command(group, {"attach"}, "Filter what arrives at an underlay interface", std::move(words),
              [arguments, &session] {
                tell_attached(plait::filter_attach(arguments->interface, arguments->mode),
                              arguments->mode.has_value(), session.format());
              });
}

void add_detach(CLI::App& group) {
  auto interface = std::make_shared<std::optional<std::string>>();
  Words words;
  words.name("IF", Need::optional, link_name(*interface), "the interface; default: all here");
  add_command(group, {"detach"}, "Filter no more, so that the module can be unloaded",
              std::move(words), [interface] {
                if (*interface) {
                  plait::filter_detach(**interface);
                } else {
                  plait::filter_detach_all();
                  if (!plait::filter_list().empty()) {
                    note(
                        "filters of other network namespaces are left, and hold the module: "
                        "plaitctl xdp status");
                  }
                }
              });
}

// Of that interface, or of all.
std::vector<plait::Filter> filters_of(const std::optional<std::string>& interface) {
  auto filters = plait::filter_list();
  if (interface) {
    if (if_nametoindex(interface->c_str()) == 0) {
      throw plait::FilterError(
          fmt::format("there is no interface {} in this network namespace", *interface));
    }
    std::erase_if(filters, [&](const plait::Filter& filter) { return filter.name != *interface; });
    if (filters.empty()) {
      throw plait::FilterError(
          fmt::format("{0} has no filter: plaitctl xdp attach {0}", *interface));
    }
  }
  return filters;
}

void note_if_none(bool none) {
  if (none) note("no interface here has a filter: plaitctl xdp attach IF");
}

void show(Session& session, const std::optional<std::string>& interface) {
  const auto filters = filters_of(interface);
  print(view(filters, plait::filter_maps(), session.format()));
  note_if_none(filters.empty() && !session.json);
}

void add_status(CLI::App& group, Session& session) {
  auto interface = std::make_shared<std::optional<std::string>>();
  Words words;
  words.name("IF", Need::optional, link_name(*interface), "only of this interface");
  add_command(group, {"status", "show", "list"},
              "Which interfaces have a filter, and how full its maps are", std::move(words),
              [interface, &session] { show(session, *interface); });
  group.callback([&group, &session] {
    if (group.get_subcommands().empty()) show(session, std::nullopt);
  });
}

void add_stats(CLI::App& group, Session& session) {
  struct Arguments {
    std::optional<std::string> interface;
    bool with_zeros = false;
  };
  auto arguments = std::make_shared<Arguments>();
  Words words;
  words.verb({"show", "list"})
      .name("IF", Need::optional, link_name(arguments->interface), "only of this interface");
  add_command(group, {"stats"}, "What filters have passed and dropped", std::move(words),
              [arguments, &session] {
                std::vector<CountersOf> all;
                if (arguments->interface) {
                  const auto& name = *arguments->interface;
                  all.push_back({name, plait::filter_counters(name)});
                } else {
                  for (const auto& filter : plait::filter_list()) {
                    if (filter.name.empty()) continue;  // another namespace's
                    all.push_back({filter.name, plait::filter_counters(filter.name)});
                  }
                }
                print(view(all, arguments->with_zeros, session.format()));
                note_if_none(all.empty() && !session.json);
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
  add_status(group, session);
  add_stats(group, session);
}

}  // namespace plaitctl
