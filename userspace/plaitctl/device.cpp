// SPDX-License-Identifier: GPL-2.0
// plaitctl device: add, set, del, show.
#include "commands.hpp"

namespace plaitctl {
namespace {

constexpr std::uint32_t max_lanes = 16;
constexpr std::uint32_t max_window = 1U << 31;

constexpr auto window_help = "replay window in packet numbers, a power of two";
constexpr auto dscp_help = "DSCP of outer packets: one value, or the inner packet's";

void add_new(CLI::App& group, Session& session) {
  auto device = std::make_shared<plait::NewDevice>();
  Words words;
  words.name("NAME", Need::required, link_name(device->name), "name of the device to make")
      .pair("lanes", "N", Need::optional, number(device->lanes, 1, max_lanes), "queue pairs")
      .pair("window", "N", Need::optional, number(device->window, 1, max_window), window_help)
      .pair("dscp", "N|inherit", Need::optional, dscp(device->dscp), dscp_help)
      .example("plaitctl device add plait0 lanes 2");
  add_command(group, {"add", "new"}, "Make a device; it needs a strand and a key next",
              std::move(words), [device, &session] { session.client().device_new(*device); });
}

void add_set(CLI::App& group, Session& session) {
  struct Arguments {
    std::string name;
    plait::DeviceChange change;
  };
  auto arguments = std::make_shared<Arguments>();
  Words words;
  words.name("NAME", Need::required, link_name(arguments->name), "name of the device")
      .pair("window", "N", Need::optional, number(arguments->change.window, 1, max_window),
            std::string(window_help) + ", for keys installed from now on")
      .pair("dscp", "N|inherit", Need::optional, dscp(arguments->change.dscp), dscp_help)
      .pair("mtu-fixed", "on|off", Need::optional, on_off(arguments->change.mtu_fixed),
            "on: the MTU stays as it is; off: it follows the path again")
      .example("plaitctl device set plait0 dscp inherit");
  add_command(group, {"set"}, "Change a device", std::move(words), [arguments, &session] {
    const auto& change = arguments->change;
    if (!change.window && !change.dscp && !change.mtu_fixed) {
      throw UsageError("nothing to change: give window, dscp or mtu-fixed");
    }
    session.client().device_set(arguments->name, change);
  });
}

void add_del(CLI::App& group, Session& session) {
  auto name = std::make_shared<std::string>();
  Words words;
  words.name("NAME", Need::required, link_name(*name), "name of the device");
  add_command(group, {"del", "delete"}, "Remove a device, its strands and keys", std::move(words),
              [name, &session] { session.client().device_del(*name); });
}

}  // namespace

void add_device_commands(CLI::App& root, Session& session) {
  CLI::App& group = add_group(root, {"device", "dev"}, "Tunnels: add, set, del, show");
  add_new(group, session);
  add_set(group, session);
  add_del(group, session);
  add_show(group, "Show devices", [&session](const std::optional<std::string>& name) {
    print_or_note(view(session.devices(name), session.format()), no_device);
  });
}

}  // namespace plaitctl
