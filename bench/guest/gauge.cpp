// SPDX-License-Identifier: GPL-2.0
// gauge: what the guest benchmark measures with. Its words, and the clock itself; the rest is
// in verbs.hpp's files. Prints one line of name=number.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>

#include "verbs.hpp"

namespace {

using gauge::Path;
using gauge::Sampling;

constexpr unsigned kPatience = 120;  // virtual seconds until a stuck run is given up
constexpr std::size_t kStreamsMax = 1000;
constexpr std::size_t kPacketMax = 65535;

// Times a loop of known length: 2 instructions a turn.
void clock_check() {
  constexpr std::int64_t kTurns = 50'000'000;
  gauge::Stretch stretch({});
  stretch.begin();
  std::int64_t left = kTurns;
  asm volatile("1: dec %0\n\tjnz 1b" : "+r"(left) : : "cc");
  stretch.end();
  stretch.report("instructions=" + std::to_string(2 * kTurns));
}

// Everything that the command line may give.
struct Words {
  Path path;
  Sampling sampling;
  std::string ns, how, protocol;
  std::size_t streams = 1, size = 0;
  std::uint64_t warm = 0, bytes = 0, count = 0;
};

CLI::App* verb(CLI::App& app, Words& w, const std::string& name, const std::string& what) {
  CLI::App* command = app.add_subcommand(name, what);
  CLI::Option* file = command->add_option("--profile", w.sampling.file, "write call chains there");
  CLI::Option* period = command->add_option("--period", w.sampling.period_ns, "ns between samples");
  file->needs(period);
  period->needs(file)->check(CLI::PositiveNumber);
  return command;
}

CLI::App* path_verb(CLI::App& app, Words& w, const std::string& name, const std::string& what) {
  CLI::App* command = verb(app, w, name, what);
  command->add_option("from", w.path.from_ns, "network namespace that sends")->required();
  command->add_option("to", w.path.to_ns, "network namespace that receives")->required();
  command->add_option("address", w.path.address, "IPv4 address there")->required();
  return command;
}

void add_verbs(CLI::App& app, Words& w) {
  app.add_subcommand("clock", "time 10^8 instructions")->callback(clock_check);

  CLI::App* tcp = path_verb(app, w, "tcp", "TCP streams");
  tcp->add_option("warm", w.warm, "octets before anything counts")->required();
  tcp->add_option("bytes", w.bytes, "octets, all streams together")->required();
  tcp->add_option("--streams", w.streams, "how many")->check(CLI::Range(1UL, kStreamsMax));
  tcp->callback([&w] { gauge::tcp(w.path, w.streams, w.warm, w.bytes, w.sampling); });

  CLI::App* udp = path_verb(app, w, "udp", "datagrams in trains of 32");
  udp->add_option("size", w.size, "octets of an IPv4 packet")
      ->required()
      ->check(CLI::Range(29UL, kPacketMax));
  udp->add_option("count", w.count, "datagrams")->required();
  udp->callback([&w] { gauge::udp(w.path, w.size, w.count, w.sampling); });

  CLI::App* rr = path_verb(app, w, "rr", "an octet there and one back");
  rr->add_option("protocol", w.protocol, "udp or tcp")
      ->required()
      ->check(CLI::IsMember({"udp", "tcp"}));
  rr->add_option("count", w.count, "round trips")->required();
  rr->callback([&w] { gauge::round_trips(w.path, w.protocol, w.count, w.sampling); });

  CLI::App* pktgen = verb(app, w, "pktgen", "run the kernel's packet generator to its end");
  pktgen->add_option("ns", w.ns, "its network namespace")->required();
  pktgen->add_option("how", w.how, "fifo, or a nice value")
      ->required()
      ->check(CLI::IsMember({"fifo"}) | CLI::Range(-20, 19));
  pktgen->callback([&w] { gauge::pktgen(w.ns, w.how, w.sampling); });

  CLI::App* command = app.add_subcommand("command", "run a command to its end")->prefix_command();
  command->add_option("ns", w.ns, "its network namespace")->required();
  command->callback([command, &w] {
    if (command->remaining().empty()) throw CLI::RequiredError("a command");
    gauge::command(w.ns, command->remaining());
  });
}

int run(int argc, char** argv) {
  CLI::App app("Measures stretches of work in a guest whose clock counts instructions", "gauge");
  Words words;
  app.require_subcommand(1);
  add_verbs(app, words);
  if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) return 1;
  alarm(kPatience);
  CLI11_PARSE(app, argc, argv);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    gauge::die(e.what());
  }
}
