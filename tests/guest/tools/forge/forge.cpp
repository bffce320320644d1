// SPDX-License-Identifier: GPL-2.0
// plait-forge: sends a plait port what no honest peer would, and says on stdout, as
// JSON, which counters that has to move and by how much. --help lists the modes.
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>

#include "modes.hpp"
#include "socket.hpp"

namespace {

using forge::Counts;

constexpr const char* kUsage =
    R"(plait-forge MODE COUNT --to ADDRESS --port PORT --session INDEX:EPOCH:KEYFILE [options]

  random   noise of 0 to 2000 octets, some of it dressed up to pass the first checks
  mutate   sealed datagrams with one thing changed: field, bit, length, key
  replay   authentic datagrams twice, late, and from below the replay window
  inner    authentic datagrams with malformed or odd contents
  valid    authentic UDP packets for `seqflow receive 5301`
  mix      valid and spoilt ones of all sessions, in UDP_SEGMENT aggregates

  --session    as the receiver knows it; KEYFILE is its rx-key. Several for valid and
               mix: number s carries flow s, from 10.9.s.1, fd09:s::1 to 10.9.s.2, fd09:s::2
  --counter N  first packet-number counter (default 0; mutate: 2^40, out of real traffic's way)
  --window N   the receiver's replay window (default 8192)
  --rate N     datagrams a second (default 5000)
  --seed N     default: by chance. The same seed sends the same octets
  --only NAME  send only what must move that counter (random and mutate)
  --aggregates N  random and mutate: one send in N is an aggregate (default 32)
  --to nobody  make everything and send nothing
)";

struct Options {
  std::string mode, address, port;
  std::size_t count = 0;
  std::vector<forge::Keys> sessions;
  std::optional<std::uint64_t> counter;
  std::uint32_t window = PLAIT_WINDOW_SPAN_DEFAULT;
  double rate = 5000;
  std::uint64_t seed = std::random_device{}();
  std::string only;
  std::size_t aggregates = 32;
};

Options parse(const std::vector<std::string>& args) {
  Options options;
  options.mode = args.at(0);
  options.count = std::stoul(args.at(1));
  for (std::size_t i = 2; i < args.size(); i += 2) {
    const std::string& name = args[i];
    const std::string& value = args.at(i + 1);
    if (name == "--to") {
      options.address = value;
    } else if (name == "--port") {
      options.port = value;
    } else if (name == "--session") {
      options.sessions.push_back(forge::Keys::parse(value));
    } else if (name == "--counter") {
      options.counter = std::stoull(value, nullptr, 0);
    } else if (name == "--window") {
      options.window = static_cast<std::uint32_t>(std::stoul(value));
    } else if (name == "--rate") {
      options.rate = std::stod(value);
    } else if (name == "--seed") {
      options.seed = std::stoull(value);
    } else if (name == "--aggregates") {
      options.aggregates = std::stoul(value);
    } else if (name == "--only") {
      options.only = value;
    } else {
      throw std::invalid_argument("no option " + name);
    }
  }
  if (options.sessions.empty() || options.address.empty() || options.port.empty()) {
    throw std::invalid_argument("--to, --port and --session must be given");
  }
  if (options.aggregates == 0) throw std::invalid_argument("--aggregates 1 or more");
  if (!plait_window_span_valid(options.window)) {
    throw std::invalid_argument("a window is a power of two, 64 to 262144");
  }
  return options;
}

// Every drop, also those that stay: the reader need not know their names.
void print_counts(const std::string& whose, const Counts& counts) {
#define PLAIT_X(NAME, name, meaning)                        \
  std::printf(",\n  \"%s.%s\": %llu", whose.c_str(), #name, \
              counts.contains(#name) ? static_cast<unsigned long long>(counts.at(#name)) : 0ULL);
  PLAIT_DROPS(PLAIT_X)
#undef PLAIT_X
  for (const char* name : {"rx_datagrams", "rx_padding", "packets", "bytes"}) {
    std::printf(",\n  \"%s.%s\": %llu", whose.c_str(), name,
                counts.contains(name) ? static_cast<unsigned long long>(counts.at(name)) : 0ULL);
  }
}

void print(const Options& options, const forge::Socket& socket, const forge::Receiver& receiver) {
  std::printf(
      "{\n  \"mode\": \"%s\",\n  \"seed\": %llu,\n  \"datagrams\": %llu,\n  \"sends\": %llu",
      options.mode.c_str(), static_cast<unsigned long long>(options.seed),
      static_cast<unsigned long long>(socket.datagrams()),
      static_cast<unsigned long long>(socket.sends()));
  print_counts("port", receiver.port());
  for (std::size_t i = 0; i < options.sessions.size(); i++) {
    char index[16];
    std::snprintf(index, sizeof index, "0x%x", options.sessions[i].index);
    print_counts(index, receiver.device(i));
  }
  std::printf("\n}\n");
}

// With --only, datagrams of other verdicts are left out of what is sent.
void keep_only(forge::Buffer& buffer, const forge::Receiver& receiver, const std::string& only) {
  std::erase_if(buffer.datagrams, [&](const forge::Octets& datagram) {
    return only != forge::Receiver::name_of(receiver.judge(datagram));
  });
  if (buffer.datagrams.size() > 1) buffer.datagrams.resize(1);
}

void run(const Options& options) {
  forge::Receiver receiver(options.sessions, options.window);
  const std::uint64_t counter = options.counter.value_or(options.mode == "mutate" ? 1ULL << 40 : 0);
  forge::Workshop shop{options.sessions,          counter,           options.window, &receiver,
                       forge::Dice(options.seed), options.aggregates};
  std::fprintf(stderr, "plait-forge: %s, seed %llu\n", options.mode.c_str(),
               static_cast<unsigned long long>(options.seed));
  forge::Socket socket(options.address, options.port, options.rate);
  const forge::Stream next = forge::make_stream(options.mode, shop);
  while (socket.datagrams() < options.count) {
    forge::Buffer buffer = next(options.count - socket.datagrams());
    if (!options.only.empty()) keep_only(buffer, receiver, options.only);
    if (buffer.datagrams.empty()) continue;
    receiver.take(buffer);
    socket.send(buffer);
  }
  print(options, socket, receiver);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  if (args.size() < 2 || args[0] == "--help") {
    std::fputs(kUsage, args.empty() || args[0] != "--help" ? stderr : stdout);
    return args.empty() || args[0] != "--help" ? EXIT_FAILURE : EXIT_SUCCESS;
  }
  try {
    run(parse(args));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "plait-forge: %s\n", error.what());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
