// SPDX-License-Identifier: GPL-2.0
// plaitctl prefix: add, set, del, show; and a word of warning while everything is allowed.
#include "prefix.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "commands.hpp"

namespace plaitctl {

std::string still_everything(const std::string& device, const std::vector<plait::Prefix>& added,
                             const std::vector<plait::Prefix>& list) {
  const auto narrows = [&](const plait::Prefix& everything) {
    return everything.is_everything() && std::ranges::any_of(added, [&](const auto& prefix) {
             return everything.overlaps(prefix) && !prefix.is_everything();
           });
  };
  const auto everything = std::ranges::find_if(list, narrows);
  if (everything == list.end()) {
    return {};
  }
  std::string wanted;
  for (const auto& prefix : list) {
    if (!narrows(prefix)) {
      wanted += " " + prefix.to_string();
    }
  }
  return fmt::format("{} is still allowed, which is everything: plaitctl prefix set {}{}",
                     everything->to_string(), device, wanted);
}

namespace {

struct Arguments {
  std::string device;
  std::vector<plait::Prefix> prefixes;
  bool none = false;
};

std::vector<plait::Prefix> prefixes_of(plait::Client& client, std::uint32_t ifindex) {
  std::vector<plait::Prefix> list;
  for (const auto& entry : client.prefix_list(ifindex)) {
    list.push_back(entry.prefix);
  }
  return list;
}

// none: whether that word may stand in place of prefixes.
void add_verb(CLI::App& group, const Names& names, const std::string& description, bool none,
              std::function<void(std::uint32_t ifindex, const Arguments&)> action,
              Session& session) {
  auto arguments = std::make_shared<Arguments>();
  Words words;
  words.name("DEV", Need::required, link_name(arguments->device), "the device")
      .rest(
          "PREFIX",
          [arguments, none](const std::string& text) {
            if (none && text == "none") {
              arguments->none = true;
            } else {
              arguments->prefixes.push_back(plait::Prefix::parse(text));
            }
            if (arguments->none && !arguments->prefixes.empty()) {
              throw std::invalid_argument("none stands alone: it allows nothing");
            }
          },
          std::string("10.7.0.0/24, fd07::/64, or an address alone") +
              (none ? "; or none, and nothing is allowed" : ""))
      .example(fmt::format("plaitctl prefix {} plait0 10.7.0.0/24 fd07::/64", names.front()));
  add_command(group, names, description, std::move(words),
              [arguments, action = std::move(action), &session] {
                action(session.ifindex(arguments->device), *arguments);
              });
}

}  // namespace

void add_prefix_commands(CLI::App& root, Session& session) {
  CLI::App& group =
      add_group(root, {"prefix"}, "Source addresses taken from the peer: add, set, del, show");
  add_verb(
      group, {"add"}, "Allow more", false,
      [&session](std::uint32_t ifindex, const Arguments& arguments) {
        for (const auto& prefix : arguments.prefixes) {
          session.client().prefix_add(ifindex, prefix);
        }
        const auto still = still_everything(arguments.device, arguments.prefixes,
                                            prefixes_of(session.client(), ifindex));
        if (!still.empty()) {
          note(still);
        }
      },
      session);
  add_verb(
      group, {"set"}, "Allow these and no others, in one step", true,
      [&session](std::uint32_t ifindex, const Arguments& arguments) {
        session.client().prefix_set(ifindex, arguments.prefixes);
      },
      session);
  add_verb(
      group, {"del", "delete"}, "Allow less", false,
      [&session](std::uint32_t ifindex, const Arguments& arguments) {
        for (const auto& prefix : arguments.prefixes) {
          session.client().prefix_del(ifindex, prefix);
        }
      },
      session);
  add_show(group, "Show allowed prefixes", [&session](const std::optional<std::string>& device) {
    const auto ifindex = session.ifindex(device);
    print_or_note(
        view(session.client().prefix_list(ifindex), session.device_names(), session.format()),
        device ? fmt::format("nothing is allowed: plaitctl prefix add {} PREFIX", *device)
               : std::string("nothing is allowed on any plait device"));
  });
}

}  // namespace plaitctl
