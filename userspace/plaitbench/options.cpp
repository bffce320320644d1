// SPDX-License-Identifier: GPL-2.0
// Each option is checked when it is read, and says what it takes.
#include "options.hpp"

#include <fmt/format.h>

#include <functional>
#include <stdexcept>

#include "session.hpp"

namespace plaitbench {
namespace {

// What a person gave; the rest is the plan's.
struct Given {
  std::optional<std::string> tests, sizes, rate;
  std::optional<double> seconds, tolerance, resolution;
  std::optional<unsigned> streams, batch;
  bool quick = false;
  bool reverse = false;
};

// As CLI11 wants a check: nothing, or what is wrong.
CLI::Validator check(const std::string& name, const std::function<void(const std::string&)>& read) {
  return {[read](std::string& text) -> std::string {
            try {
              read(text);
            } catch (const std::invalid_argument& error) {
              return error.what();
            }
            return {};
          },
          name};
}

Plan plan_of(const Given& given) {
  constexpr double hundred = 100;
  Plan plan = given.quick ? Plan::quick() : Plan::usual();
  if (given.tests) plan.tests = parse_tests(*given.tests);
  if (given.rate) plan.rate = parse_rate(*given.rate);
  plan.sizes = given.sizes.value_or(plan.sizes);
  plan.seconds = given.seconds.value_or(plan.seconds);
  plan.tolerance = given.tolerance.value_or(plan.tolerance * hundred) / hundred;
  plan.resolution = given.resolution.value_or(plan.resolution * hundred) / hundred;
  plan.streams = given.streams.value_or(plan.streams);
  plan.batch = given.batch.value_or(plan.batch);
  plan.reverse = given.reverse;
  return plan;
}

void add_plan_options(CLI::App& command, Given& given, ClientOptions& client) {
  constexpr double shortest_trial = 0.1;
  constexpr double finest = 0.1;
  constexpr double coarsest = 50;
  command
      .add_option("--tests,-t", given.tests,
                  "Some of throughput,loss,latency,bursts,tcp,rr; all of them, if not given")
      ->type_name("LIST")
      ->check(check("", [](const std::string& text) { parse_tests(text); }));
  command
      .add_option("--sizes,-s", given.sizes,
                  "Lengths of IP packets from 64 to 9000, mtu (the largest that fits), imix "
                  "(7 of 64, 4 of 576, 1 of 1500 octets); 64,512,mtu,imix")
      ->type_name("LIST")
      ->check(check("", check_sizes));
  command
      .add_option("--rate,-r", given.rate,
                  "The highest rate to be offered: bits of IP packets a second (100M, 2.5G), or "
                  "packets (50kpps); what the sender can, if not given")
      ->type_name("RATE")
      ->check(check("", [](const std::string& text) { parse_rate(text); }));
  command.add_option("--time,-T", given.seconds, "Seconds that one trial takes; 3")
      ->type_name("SECONDS")
      ->check(CLI::Range(shortest_trial, Spec::longest_seconds));
  command
      .add_option("--loss-tolerance", given.tolerance,
                  "Percent of loss that a trial may have and still pass; 0")
      ->type_name("PERCENT")
      ->check(CLI::Range(0.0, coarsest));
  command
      .add_option("--resolution", given.resolution,
                  "Percent of the rate between the highest that passes and the lowest that does "
                  "not, at which a throughput search ends; 2")
      ->type_name("PERCENT")
      ->check(CLI::Range(finest, coarsest));
  command.add_option("--streams,-P", given.streams, "TCP connections of the bulk test; 1")
      ->type_name("N")
      ->check(CLI::Range(1U, Spec::most_streams));
  command
      .add_option("--batch", given.batch,
                  "Packets that are sent at once at high rates; 1 is the smoothest, and slow; 64")
      ->type_name("N")
      ->check(CLI::Range(1U, Spec::most_batch));
  command.add_flag("--reverse,-R", given.reverse, "The server sends, the client receives");
  command.add_flag("--quick,-q", given.quick,
                   "A first look, in about a minute: sizes 64,mtu; trials of a second");
  command.add_flag("--json,-j", client.json, "Print JSON, with each trial's raw figures");
  command.add_flag("--no-progress", client.quiet, "No progress bar, on a terminal either");
}

CLI::Option* add_port(CLI::App& command, std::uint16_t& port) {
  port = default_port;
  return command
      .add_option("--port,-p", port,
                  fmt::format("The server's port, TCP and UDP; {}", default_port))
      ->type_name("PORT")
      ->check(CLI::Range(1, UINT16_MAX));
}

}  // namespace

Command parse_command(CLI::App& app, int argc, const char* const* argv) {
  Given given;
  ServerOptions server;
  ClientOptions client;
  TwoHostsOptions local;
  std::string address;
  std::string device;
  std::string cipher;

  auto& serve = *app.add_subcommand("server", "Wait for clients, one at a time");
  add_port(serve, server.port);
  serve.add_option("--bind,-B", address, "Only at this address; at all, if not given")
      ->type_name("ADDRESS")
      ->check(check("", [](const std::string& text) { plait::Address::parse(text); }));

  auto& measure =
      *app.add_subcommand("client", "Measure the way to a server, and say what limits it");
  measure.add_option("host", client.host, "The server's name or address: the one in the tunnel")
      ->required()
      ->type_name("HOST");
  add_port(measure, client.port);
  measure
      .add_option("--dev,-d", device,
                  "The device that must lead there, plait0 say; else the one that the route names "
                  "is measured")
      ->type_name("DEV");
  add_plan_options(measure, given, client);

  auto& here = *app.add_subcommand(
      "local", "Both on this machine, in two network namespaces made for it: needs root");
  auto* plain = here.add_flag("--plain,--no-tunnel", local.plain,
                              "The bare veth between them: needs no module");
  here.add_option("--cipher", cipher, "chacha20-poly1305 or aes-256-gcm; the first")
      ->type_name("NAME")
      ->check(CLI::IsMember({"chacha20-poly1305", "aes-256-gcm"}))
      ->excludes(plain);
  constexpr unsigned most_lanes = 16;
  here.add_option("--lanes", local.lanes, "Lanes of the device; 1")
      ->type_name("N")
      ->check(CLI::Range(1U, most_lanes))
      ->excludes(plain);
  constexpr unsigned smallest_mtu = 1280;
  constexpr unsigned largest_mtu = 65'535;
  here.add_option("--mtu", local.mtu, "MTU of the veth; 1500")
      ->type_name("OCTETS")
      ->check(CLI::Range(smallest_mtu, largest_mtu));
  add_plan_options(here, given, client);

  app.parse(argc, argv);
  if (app.get_subcommands().empty()) {
    throw CLI::RequiredError("one of server, client HOST and local");
  }

  Command command;
  if (serve.parsed()) {
    if (!address.empty()) server.address = plait::Address::parse(address);
    command.server = server;
    return command;
  }
  client.plan = plan_of(given);
  if (!device.empty()) client.device = device;
  for (int i = 0; i < argc; i++) {
    client.command += (i == 0 ? "" : " ") + std::string(argv[i]);
  }
  command.client = client;
  if (here.parsed()) {
    if (!cipher.empty()) local.cipher = plait::cipher_from_string(cipher).value();
    command.local = local;
  }
  return command;
}

}  // namespace plaitbench
