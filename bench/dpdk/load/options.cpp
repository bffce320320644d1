// SPDX-License-Identifier: GPL-2.0
// Parsing and judging the command line: see options.hpp.
#include "options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <limits>
#include <map>
#include <stdexcept>

namespace load {

namespace {

constexpr u32 kFrameMax = 1514, kOuter = 14 + 20 + 8;
constexpr u32 kInnerMax = kFrameMax - kOuter - PLAIT_SOURCE_OVERHEAD;
constexpr unsigned kTrainMax = 1024;

// What CLI11 fills in before it is looked at as a whole.
struct Words {
  std::string from = "192.0.2.1", to, to_hardware, key, sink_key, mix = "valid=1";
  std::string inner_from = "10.7.0.1", inner_to = "10.7.0.2", protocol = "udp";
  u32 index = 0, sink_index = 0;
  u16 epoch = 0, sink_epoch = 0;
};

std::array<u8, 6> hardware(const std::string& text) {
  std::array<u8, 6> octets{};
  const char *at = text.data(), *const end = at + text.size();
  for (u8& octet : octets) {
    const char* const begin = at;
    const auto [stop, error] = std::from_chars(at, end, octet, 16);
    const bool last = &octet == &octets.back();
    if (error != std::errc{} || stop - begin > 2 ||
        (last ? stop != end : stop == end || *stop != ':')) {
      throw std::invalid_argument("--to-mac: '" + text +
                                  "' is no hardware address: 02:00:00:00:00:01 is one");
    }
    at = last ? stop : stop + 1;
  }
  return octets;
}

plait::Address outer(const char* option, const std::string& text) {
  const auto address = plait::Address::parse(text);
  if (address.is_ipv6())
    throw std::invalid_argument(fmt::format("{} {}: outer addresses are IPv4 here", option, text));
  return address;
}

Session session(const std::string& file, u32 index, u16 epoch) {
  return {.index = index, .epoch = epoch, .material = plait::read_key_file(file).material};
}

void judge_inner(const Words& words, Options& o) {
  o.inner.from = plait::Address::parse(words.inner_from);
  o.inner.to = plait::Address::parse(words.inner_to);
  o.inner.echo = words.protocol == "echo";
  if (o.inner.from.is_ipv6() != o.inner.to.is_ipv6()) {
    throw std::invalid_argument("--inner-from and --inner-to: both IPv4 or both IPv6, not " +
                                words.inner_from + " and " + words.inner_to);
  }
  for (const u32 size : o.sizes) {
    if (size < o.inner.least() || size > kInnerMax) {
      throw std::invalid_argument(fmt::format("--size {}: these packets have {} to {} octets", size,
                                              o.inner.least(), kInnerMax));
    }
  }
}

void judge(const Words& words, Options& o) {
  if (!o.xdp_program.empty() && o.driver != "af_xdp")
    throw std::invalid_argument("--xdp-program: only --driver af_xdp has one");
  o.from = outer("--from", words.from);
  o.mix = parse_mix(words.mix);
  judge_inner(words, o);
  if (!words.key.empty()) {
    if (words.to.empty() || words.to_hardware.empty())
      throw std::invalid_argument("--key: to send, --to and --to-mac must be given too");
    if (o.count == 0 && o.seconds == 0)
      throw std::invalid_argument("--key: to send, --count or --seconds must be given too");
    o.to = outer("--to", words.to);
    o.to_hardware = hardware(words.to_hardware);
    if (words.index == 0)
      throw std::invalid_argument("--key: to send, the peer's --index must be given too");
    o.session = session(words.key, words.index, words.epoch);
  }
  if (!words.sink_key.empty()) o.sink = session(words.sink_key, words.sink_index, words.sink_epoch);
  if (!o.session && !o.sink)
    throw std::invalid_argument("nothing to do: --key FILE to send, --sink-key FILE to receive");
  if (!o.session && o.seconds == 0)
    throw std::invalid_argument("--sink-key alone: say for how long, by --seconds");
  if (o.source_port + o.source_ports - 1 > std::numeric_limits<u16>::max()) {
    throw std::invalid_argument(fmt::format("--source-ports {}: from {} on there are {}",
                                            o.source_ports, o.source_port,
                                            std::numeric_limits<u16>::max() - o.source_port + 1));
  }
}

void describe(CLI::App& app, Words& words, Options& o) {
  const std::map<std::string, userdp::Cipher> ciphers{
      {"chacha20-poly1305", userdp::Cipher::chacha20_poly1305},
      {"aes-256-gcm", userdp::Cipher::aes_256_gcm}};
  app.add_option("--interface", o.interface, "Of this machine")->required();
  app.add_option("--driver", o.driver, "DPDK's, for it")
      ->check(CLI::IsMember({"af_packet", "af_xdp"}))
      ->capture_default_str();
  app.add_option(
         "--xdp-program", o.xdp_program,
         "For af_xdp: a file with a program and its xsks_map; the kernel picks the mode, where "
         "libxdp takes native alone")
      ->check(CLI::ExistingFile);
  app.add_option("--from", words.from, "Outer source address, IPv4")->capture_default_str();
  app.add_option("--to", words.to, "The peer's address, IPv4");
  app.add_option("--to-mac", words.to_hardware,
                 "Hardware address of the peer, or of the way to it");
  app.add_option("--port", o.port, "UDP port of the peer, and the one that the sink looks at")
      ->required()
      ->check(CLI::Range(1, 65535));
  app.add_option("--source-port", o.source_port, "The first of them")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  app.add_option("--source-ports", o.source_ports, "How many, by turns")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();

  app.add_option("--key", words.key, "The peer's rx-key, as for plaitctl key new: sends");
  app.add_option("--index", words.index, "The peer's receiver index: its key's local-index");
  app.add_option("--epoch", words.epoch, "The key's epoch");
  app.add_option("--cipher", o.cipher, "chacha20-poly1305 or aes-256-gcm")
      ->transform(CLI::CheckedTransformer(ciphers));
  app.add_option("--mix", words.mix, "KIND=WEIGHT,... of valid, forged, spoilt, replayed")
      ->capture_default_str();
  app.add_option("--loss", o.loss_percent, "Percent of the valid ones that are not sent")
      ->check(CLI::Range(0, 99));
  app.add_option("--counter", o.counter, "First packet number's counter")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{PLAIT_COUNTER_MAX}));
  app.add_option("--inner-from", words.inner_from, "Inner source address")->capture_default_str();
  app.add_option("--inner-to", words.inner_to, "Inner destination address")->capture_default_str();
  app.add_option("--inner", words.protocol, "udp, or echo: requests that the peer's stack answers")
      ->check(CLI::IsMember({"udp", "echo"}))
      ->capture_default_str();
  app.add_option("--size", o.sizes, "Octets of inner packets; several: by turns")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--forged-size", o.forged_size,
                 "Octets of a forged datagram, if not as a valid one's")
      ->check(CLI::Range(PLAIT_SOURCE_OVERHEAD, kFrameMax - kOuter));

  app.add_option("--count", o.count, "Datagrams, those that get lost included")
      ->check(CLI::PositiveNumber);
  app.add_option("--seconds", o.seconds, "How long, at most")->check(CLI::Range(0.001, 1e6));
  app.add_option("--rate", o.rate, "Datagrams a second, on average")
      ->check(CLI::Range(0.001, 1e9))
      ->capture_default_str();
  app.add_option("--train", o.train, "Datagrams that are sent at once")
      ->check(CLI::Range(1U, kTrainMax))
      ->capture_default_str();

  app.add_option("--sink-key", words.sink_key, "The peer's tx-key: opens and counts what it sends");
  app.add_option("--sink-index", words.sink_index, "The receiver index that the peer writes");
  app.add_option("--sink-epoch", words.sink_epoch, "The key's epoch");
  app.add_option("--linger", o.linger, "Seconds that the sink waits after the last datagram")
      ->check(CLI::Range(0.0, 60.0))
      ->capture_default_str();
}

}  // namespace

Options parse(int argc, const char* const* argv) {
  CLI::App app("Sends a plait peer datagrams, valid and others, and counts what comes back",
               "plait-load");
  Words words;
  Options options;
  describe(app, words, options);
  app.footer(
      "The peer has a device whose key says rx-key FILE and local-index 0x12; eth0 leads to it:\n"
      "  plait-load --interface eth0 --to 192.0.2.2 --to-mac 02:00:00:00:00:02 --port 51900 \\\n"
      "    --key FILE --index 0x12 --mix valid=1,forged=10 --count 1000\n"
      "forged: a wrong header tag; spoilt: a right one, altered ciphertext; replayed: sent "
      "before.\n"
      "took, latest: ns in all, and by which the latest train was late; next: the next counter.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    throw CLI::CallForHelp(app.help(), CLI::ExitCodes::Success);
  }
  judge(words, options);
  return options;
}

}  // namespace load
