// SPDX-License-Identifier: GPL-2.0
// Putting grammars of words under CLI11: usage, help, and the call of the action.
#include "commands.hpp"

#include <fmt/format.h>
#include <net/if.h>

#include <CLI/CLI.hpp>
#include <array>
#include <map>
#include <utility>

namespace plaitctl {
namespace {

// Help of a command with words: CLI11 knows them as one list only.
class WordsFormatter : public CLI::Formatter {
 public:
  explicit WordsFormatter(const Words& words) : usage_(words.usage()), help_(words.help()) {}

  std::string make_usage(const CLI::App*, std::string name) const override {
    return fmt::format("Usage: {} {}\n{}{}", name, usage_, help_.empty() ? "" : "\n", help_);
  }
  std::string make_positionals(const CLI::App*) const override { return {}; }

 private:
  std::string usage_;
  std::string help_;
};

CLI::App& add_named(CLI::App& parent, const Names& names, const std::string& description) {
  CLI::App& command = *parent.add_subcommand(names.front(), description);
  for (auto alias = names.begin() + 1; alias != names.end(); ++alias) {
    command.alias(*alias);
  }
  return command;
}

}  // namespace

plait::Client& Session::client() {
  if (!client_) {
    client_.emplace();
  }
  return *client_;
}

NameOf Session::device_names() {
  std::map<std::uint32_t, std::string> names;
  for (auto& device : client().device_list()) {
    names.emplace(device.ifindex, std::move(device.name));
  }
  return [names = std::move(names)](std::uint32_t ifindex) {
    const auto name = names.find(ifindex);
    return name == names.end() ? fmt::format("if{}", ifindex) : name->second;
  };
}

std::string interface_name(std::uint32_t ifindex) {
  std::array<char, IF_NAMESIZE> name{};
  return if_indextoname(ifindex, name.data()) != nullptr ? std::string(name.data())
                                                         : fmt::format("if{}", ifindex);
}

CLI::App& add_command(CLI::App& parent, const Names& names, const std::string& description,
                      Words words, std::function<void()> action) {
  CLI::App& command = add_named(parent, names, description);
  command.formatter(std::make_shared<WordsFormatter>(words))->footer("");
  auto given = std::make_shared<std::vector<std::string>>();
  command.add_option("words", *given);
  command.callback([given, words = std::move(words), action = std::move(action)] {
    words.parse(*given);
    action();
  });
  return command;
}

void add_show(CLI::App& group, const std::string& description,
              std::function<void(const std::optional<std::string>&)> show) {
  auto device = std::make_shared<std::optional<std::string>>();
  Words words;
  words.name("DEV", Need::optional, text(*device), "only of this device");
  add_command(group, {"show", "list"}, description, std::move(words),
              [device, show] { show(*device); });
  group.callback([&group, show = std::move(show)] {
    if (group.get_subcommands().empty()) {
      show(std::nullopt);
    }
  });
}

CLI::App& add_group(CLI::App& root, const Names& names, const std::string& description) {
  return *add_named(root, names, description).require_subcommand(0, 1);
}

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
}

}  // namespace plaitctl
