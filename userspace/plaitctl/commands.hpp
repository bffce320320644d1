// SPDX-License-Identifier: GPL-2.0
// What every command needs: the connection, the way to print, and how a subcommand with a
// grammar of words is put into the command line.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plait/client.hpp"
#include "view.hpp"
#include "words.hpp"

namespace CLI {
class App;
}

namespace plaitctl {

/// One run of plaitctl: global options, and a connection that is made when first needed.
class Session {
 public:
  bool json = false;
  int status = 0;  ///< exit status of a command that did its work

  [[nodiscard]] Format format() const { return json ? Format::json : Format::table; }
  plait::Client& client();

  /// The index of a plait device; throws plait::Error if it is none.
  std::uint32_t ifindex(const std::string& device) { return client().device_get(device).ifindex; }
  /// The same of a device that need not be named.
  std::optional<std::uint32_t> ifindex(const std::optional<std::string>& device) {
    return device ? std::optional(ifindex(*device)) : std::nullopt;
  }
  /// The device of that name, or all.
  std::vector<plait::Device> devices(const std::optional<std::string>& name) {
    return name ? std::vector{client().device_get(*name)} : client().device_list();
  }
  /// Names of plait devices as they are now.
  NameOf device_names();

 private:
  std::optional<plait::Client> client_;
};

/// The name of any interface in this network namespace, "if7" if there is none.
std::string interface_name(std::uint32_t ifindex);

/// A command's name and its aliases.
using Names = std::vector<std::string>;

/// Adds "NAME words…" to a command. The grammar's targets must live as long as the action.
CLI::App& add_command(CLI::App& parent, const Names& names, const std::string& description,
                      Words words, std::function<void()> action);

/// Adds "show [DEV]" and makes it what the group does when no verb is given. show gets the
/// device's name if there was one.
void add_show(CLI::App& group, const std::string& description,
              std::function<void(const std::optional<std::string>&)> show);

/// Adds a group of verbs, "device", of which one may be given.
CLI::App& add_group(CLI::App& root, const Names& names, const std::string& description);

/// Throws UsageError if a command line's first word is no command, the second no verb of it, or
/// there are no words at all.
void check_command(const CLI::App& root, std::span<const std::string> arguments);

/// The arguments, with --help in the place of "help" where a command or a verb is expected.
std::vector<std::string> with_help(const CLI::App& root, std::span<const char* const> arguments);

/// To standard output, at once. Throws std::system_error if it does not take it.
void print(const std::string& text);

/// "plaitctl: note: …" to standard error.
void note(const std::string& text);

/// To standard output; if that is nothing, a note in its place.
void print_or_note(const std::string& text, const std::string& if_empty);

constexpr auto no_device = "no plait device in this network namespace: plaitctl device add NAME";

void add_device_commands(CLI::App& root, Session& session);
void add_strand_commands(CLI::App& root, Session& session);
void add_key_commands(CLI::App& root, Session& session);
void add_prefix_commands(CLI::App& root, Session& session);
void add_stats_commands(CLI::App& root, Session& session);
void add_xdp_commands(CLI::App& root, Session& session);
void add_monitor_command(CLI::App& root, Session& session);
void add_top_command(CLI::App& root, Session& session);
void add_doctor_command(CLI::App& root, Session& session);

}  // namespace plaitctl
