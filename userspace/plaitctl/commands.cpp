// SPDX-License-Identifier: GPL-2.0
// Putting grammars of words under CLI11: usage, help, and the call of the action.
#include "commands.hpp"

#include <fmt/format.h>
#include <net/if.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstdio>
#include <map>
#include <system_error>
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

// The subcommand of that name or alias, if there is one.
const CLI::App* find_command(const CLI::App& parent, const std::string& name) {
  for (const auto* command : parent.get_subcommands(nullptr)) {
    if (command->check_name(name)) return command;
  }
  return nullptr;
}

// "device, strand, key or genkey"
std::string names_of(const CLI::App& parent) {
  std::string text;
  const auto commands = parent.get_subcommands(nullptr);
  for (std::size_t i = 0; i < commands.size(); i++) {
    text += i == 0 ? "" : i + 1 == commands.size() ? " or " : ", ";
    text += commands[i]->get_name();
  }
  return text;
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
  command.formatter(std::make_shared<WordsFormatter>(words))->footer(words.examples());
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
  words.name("DEV", Need::optional, link_name(*device), "only of this device");
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

std::vector<std::string> with_help(const CLI::App& root, std::span<const char* const> arguments) {
  std::vector<std::string> words(arguments.begin(), arguments.end());
  const CLI::App* parent = &root;
  for (auto& word : words) {
    if (parent == nullptr || parent->get_subcommands(nullptr).empty()) break;
    if (word.starts_with("-")) continue;
    if (word == "help") {
      word = "--help";
      break;
    }
    parent = find_command(*parent, word);
  }
  return words;
}

void check_command(const CLI::App& root, std::span<const std::string> arguments) {
  if (arguments.empty()) {
    throw UsageError(fmt::format("give a command: {}; or --help", names_of(root)));
  }
  const CLI::App* parent = &root;
  for (const std::string& word : arguments) {
    if (parent->get_subcommands(nullptr).empty()) return;
    if (word.starts_with("-")) continue;
    const auto* command = find_command(*parent, word);
    if (command == nullptr) {
      throw UsageError(parent == &root
                           ? fmt::format("unknown command '{}': give {}", word, names_of(root))
                           : fmt::format("unknown verb '{}' after {}: give {}", word,
                                         parent->get_name(), names_of(*parent)));
    }
    parent = command;
  }
}

void print(const std::string& text) {
  if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
    throw std::system_error(errno, std::generic_category(), "standard output");
  }
}

void note(const std::string& text) {
  fmt::print(stderr, "plaitctl: note: {}\n", text);
}

void print_or_note(const std::string& text, const std::string& if_empty) {
  print(text);
  if (text.empty()) note(if_empty);
}

}  // namespace plaitctl
