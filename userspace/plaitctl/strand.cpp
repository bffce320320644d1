// SPDX-License-Identifier: GPL-2.0
// plaitctl strand: add, set, del, show.
#include <fmt/format.h>

#include "commands.hpp"

namespace plaitctl {
namespace {

constexpr std::uint32_t max_id = 255;
constexpr std::uint16_t max_port = 65535;

constexpr auto id_help = "the strand's number, 0 if not given";
constexpr auto link_help = "underlay interface, or any";
constexpr auto fwmark_help = "mark of outer packets, for ip rule; 0 is none";
constexpr auto fragment_help = "whether outer packets may be fragmented; off in a new strand";
constexpr std::uint32_t max_fwmark = 0xffffffff;

void add_new(CLI::App& group, Session& session) {
  struct Arguments {
    std::string device;
    plait::NewStrand strand;
  };
  auto arguments = std::make_shared<Arguments>();
  auto& strand = arguments->strand;
  Words words;
  words.name("DEV", Need::required, link_name(arguments->device), "the device")
      .pair("remote", "ADDR", Need::required, address(strand.remote), "the peer's address")
      .pair("port", "P", Need::required, number(strand.port, 1, max_port), "own UDP port")
      .pair("remote-port", "P", Need::optional, number(strand.remote_port, 1, max_port),
            "the peer's UDP port, the same as port if not given")
      .pair("local", "ADDR", Need::optional, address(strand.local), "own address")
      .pair("link", "IF", Need::optional, interface(strand.link), link_help)
      .pair("fwmark", "N", Need::optional, number(strand.fwmark, 0, max_fwmark), fwmark_help)
      .pair("fragment", "on|off", Need::optional, on_off(strand.fragment), fragment_help)
      .pair("id", "N", Need::optional, number(strand.id.id, 0, max_id), id_help)
      .example("plaitctl strand add plait0 remote 198.51.100.2 port 7777");
  add_command(group, {"add", "new"}, "Give a device an underlay path", std::move(words),
              [arguments, &session] {
                arguments->strand.id.ifindex = session.ifindex(arguments->device);
                session.client().strand_new(arguments->strand);
              });
}

void add_set(CLI::App& group, Session& session) {
  struct Arguments {
    std::string device;
    std::uint32_t id = 0;
    plait::StrandChange change;
  };
  auto arguments = std::make_shared<Arguments>();
  auto& change = arguments->change;
  Words words;
  words.name("DEV", Need::required, link_name(arguments->device), "the device")
      .pair("id", "N", Need::optional, number(arguments->id, 0, max_id), id_help)
      .pair("remote", "ADDR", Need::optional, address(change.remote), "the peer's address")
      .pair("port", "P", Need::optional, number(change.port, 1, max_port), "own UDP port")
      .pair("remote-port", "P", Need::optional, number(change.remote_port, 1, max_port),
            "the peer's UDP port")
      .pair("local", "ADDR", Need::optional, address(change.local), "own address")
      .pair("link", "IF", Need::optional, interface(change.link), link_help)
      .pair("fwmark", "N", Need::optional, number(change.fwmark, 0, max_fwmark), fwmark_help)
      .pair("fragment", "on|off", Need::optional, on_off(change.fragment), fragment_help)
      .example("plaitctl strand set plait0 remote 198.51.100.3 remote-port 7778");
  add_command(group, {"set"}, "Change a strand", std::move(words), [arguments, &session] {
    const auto& change = arguments->change;
    if (!change.local && !change.remote && !change.port && !change.remote_port && !change.link &&
        !change.fwmark && !change.fragment) {
      throw UsageError(
          "nothing to change: give remote, port, remote-port, local, link, fwmark or fragment");
    }
    session.client().strand_set({session.ifindex(arguments->device), arguments->id}, change);
  });
}

void add_del(CLI::App& group, Session& session) {
  struct Arguments {
    std::string device;
    std::uint32_t id = 0;
  };
  auto arguments = std::make_shared<Arguments>();
  Words words;
  words.name("DEV", Need::required, link_name(arguments->device), "the device")
      .pair("id", "N", Need::optional, number(arguments->id, 0, max_id), id_help);
  add_command(group, {"del", "delete"}, "Take a strand away", std::move(words),
              [arguments, &session] {
                session.client().strand_del({session.ifindex(arguments->device), arguments->id});
              });
}

}  // namespace

void add_strand_commands(CLI::App& root, Session& session) {
  CLI::App& group = add_group(root, {"strand"}, "Underlay paths: add, set, del, show");
  add_new(group, session);
  add_set(group, session);
  add_del(group, session);
  add_show(group, "Show strands", [&session](const std::optional<std::string>& device) {
    const auto ifindex = session.ifindex(device);
    print_or_note(view(session.client().strand_list(ifindex), session.device_names(),
                       interface_name, session.format()),
                  fmt::format("no strand: plaitctl strand add {} remote ADDR port 7777",
                              device.value_or("DEV")));
  });
}

}  // namespace plaitctl
