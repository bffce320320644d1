// SPDX-License-Identifier: GPL-2.0
// plait-load's parts: its command line, its mixes, and its frames as the sink sees them.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>

#include "environment.hpp"
#include "maker.hpp"
#include "sink.hpp"

namespace {

using dpdk_test::pool;
using load::Kind;
using testing::TempDir;

[[maybe_unused]] testing::Environment* const environment =
    testing::AddGlobalTestEnvironment(new dpdk_test::Environment({}));

constexpr std::array<u8, 6> kHardware{2, 0, 0, 0, 0, 1};

std::string key_file(const std::string& text) {
  static int number = 0;
  std::string path = TempDir() + "key-" + std::to_string(getpid()) + "-" + std::to_string(number++);
  std::ofstream(path) << text;
  return path;
}

std::string good_key() {
  return key_file(std::string(96, '5'));
}

load::Options parse(std::vector<std::string> words) {
  words.insert(words.begin(), "plait-load");
  std::vector<const char*> argv;
  for (const auto& word : words)
    argv.push_back(word.c_str());
  return load::parse(static_cast<int>(argv.size()), argv.data());
}

// What a sender needs, and more.
load::Options sender(const std::vector<std::string>& more) {
  std::vector<std::string> words{
      "--interface",       "eth0",  "--port",   "7777",    "--to", "192.0.2.2", "--to-mac",
      "02:00:00:00:00:02", "--key", good_key(), "--index", "0x12", "--count",   "1"};
  words.insert(words.end(), more.begin(), more.end());
  return parse(words);
}

std::string refusal(const std::vector<std::string>& more) {
  try {
    sender(more);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "taken";
}

#define EXPECT_SAYS(text, ...) \
  EXPECT_NE(refusal({__VA_ARGS__}).find(text), std::string::npos) << refusal({__VA_ARGS__})

TEST(plait_load, says_what_is_wrong_with_a_command_line) {
  EXPECT_EQ(refusal({}), "taken");
  EXPECT_SAYS("'sealed=1' in a mix", "--mix", "sealed=1");
  EXPECT_SAYS("weights 0 to 1000000", "--mix", "valid=-1");
  EXPECT_SAYS("weights 0 to 1000000", "--mix", "valid=");
  EXPECT_SAYS("a mix of nothing", "--mix", "valid=0");
  EXPECT_SAYS("needs valid ones", "--mix", "forged=1,replayed=1");
  EXPECT_SAYS("these packets have 28 to 1416 octets", "--size", "27");
  EXPECT_SAYS("these packets have 28 to 1416 octets", "--size", "64,1417");
  EXPECT_SAYS("48 to 1416", "--size", "47", "--inner-from", "fd07::1", "--inner-to", "fd07::2");
  EXPECT_SAYS("both IPv4 or both IPv6", "--inner-to", "fd07::2");
  EXPECT_SAYS("outer addresses are IPv4", "--from", "2001:db8::1");
  EXPECT_SAYS("from 65000 on there are 536", "--source-port", "65000", "--source-ports", "537");
  EXPECT_SAYS("--loss", "--loss", "100");
  EXPECT_SAYS("--driver", "--driver", "pcap");
  EXPECT_SAYS("--train", "--train", "0");
  EXPECT_SAYS("only --driver af_xdp", "--xdp-program", "/dev/null");
  EXPECT_SAYS("No such file or directory", "--sink-key", "/nowhere/at-all");
}

TEST(plait_load, says_what_is_lacking) {
  const auto says = [](const std::vector<std::string>& words) -> std::string {
    try {
      parse(words);
    } catch (const std::exception& error) {
      return error.what();
    }
    return "taken";
  };
  const std::string key = good_key();
  EXPECT_EQ(says({"--port", "1"}), "--interface is required");
  EXPECT_EQ(says({"--interface", "x", "--port", "1"}),
            "nothing to do: --key FILE to send, --sink-key FILE to receive");
  EXPECT_EQ(says({"--interface", "x", "--port", "1", "--key", key}),
            "--key: to send, --to and --to-mac must be given too");
  EXPECT_EQ(says({"--interface", "x", "--port", "1", "--sink-key", key}),
            "--sink-key alone: say for how long, by --seconds");
  EXPECT_EQ(says({"--interface", "x", "--port", "1", "--key", key, "--to", "192.0.2.2", "--to-mac",
                  "02:00:00:00:00:02"}),
            "--key: to send, --count or --seconds must be given too");
  for (const char* mac : {"02:00:00:00:00", "02:00:00:00:00:02:03", "02:00:00:00:00:100", "x"}) {
    EXPECT_NE(says({"--interface", "x", "--port", "1", "--key", key, "--to", "192.0.2.2",
                    "--to-mac", mac, "--count", "1"})
                  .find("is no hardware address"),
              std::string::npos)
        << mac;
  }
  EXPECT_EQ(says({"--interface", "x", "--port", "1", "--key", key, "--to", "192.0.2.2", "--to-mac",
                  "02:00:00:00:00:02", "--count", "1"}),
            "--key: to send, the peer's --index must be given too");
}

TEST(plait_load, says_what_is_wrong_with_a_key_file) {
  EXPECT_SAYS("48 octets are 64 characters of base64", "--sink-key", key_file("AAAA"));
  EXPECT_SAYS("not hexadecimal", "--sink-key", key_file(std::string(96, 'x')));
}

TEST(plait_load, keeps_to_a_mix_exactly) {
  load::Mix mix(load::parse_mix("valid=8,forged=2,spoilt=0,replayed=1"), 0);
  for (unsigned round = 1; round <= 50; round++) {
    std::array<unsigned, load::kKinds> seen{};
    for (unsigned i = 0; i < 11; i++)
      seen[static_cast<std::size_t>(mix.next(true))]++;
    EXPECT_EQ(seen, (std::array<unsigned, load::kKinds>{8, 2, 0, 1}));
  }
}

TEST(plait_load, puts_a_replay_off_until_there_is_something_to_repeat) {
  load::Mix mix(load::parse_mix("valid=1,replayed=9"), 0);
  EXPECT_EQ(mix.next(false), Kind::valid);
  unsigned valid = 1;
  for (unsigned i = 1; i < 100; i++)
    valid += mix.next(true) == Kind::valid ? 1 : 0;
  EXPECT_EQ(valid, 10U);
}

TEST(plait_load, loses_the_share_it_was_told) {
  load::Mix mix(load::parse_mix("valid=1"), 7);
  unsigned lost = 0;
  for (unsigned i = 0; i < 1000; i++)
    lost += mix.loses() ? 1 : 0;
  EXPECT_EQ(lost, 70U);
}

// A maker's frames, all of them into a sink that has the same key.
class Frames : public testing::TestWithParam<std::vector<std::string>> {
 protected:
  void run(const std::vector<std::string>& more, unsigned count) {
    std::vector<std::string> words = GetParam();
    words.insert(words.end(), more.begin(), more.end());
    options_ = sender(words);
    maker_.emplace(options_, kHardware, pool);
    sink_.emplace(options_.cipher, *options_.session, options_.port);
    for (unsigned i = 0; i < count; i++) {
      rte_mbuf* m = maker_->next();
      if (m != nullptr) sink_->take({&m, 1});
    }
  }

  load::Options options_;
  std::optional<load::Maker> maker_;
  std::optional<load::Sink> sink_;
};

INSTANTIATE_TEST_SUITE_P(
    plait_load, Frames,
    testing::Values(std::vector<std::string>{},
                    std::vector<std::string>{"--cipher", "aes-256-gcm", "--inner", "echo"},
                    std::vector<std::string>{"--inner-from", "fd07::1", "--inner-to", "fd07::2",
                                             "--inner", "echo", "--epoch", "7"}));

TEST_P(Frames, are_what_the_mix_says) {
  run({"--mix", "valid=6,forged=2,spoilt=1,replayed=1", "--size", "64,1400"}, 1000);
  EXPECT_EQ(maker_->made(Kind::valid), 600U);
  EXPECT_EQ(sink_->accepted(), 600U);
  EXPECT_EQ(sink_->packets(), 600U);
  EXPECT_EQ(sink_->dropped(PLAIT_DROP_RX_TAG), 200U);
  EXPECT_EQ(sink_->dropped(PLAIT_DROP_RX_AUTH), 100U);
  EXPECT_EQ(sink_->dropped(PLAIT_DROP_RX_DUPLICATE), 100U);
  EXPECT_EQ(maker_->counter(), 700U);
}

TEST_P(Frames, leave_gaps_where_they_get_lost) {
  run({"--loss", "10", "--counter", "1000"}, 1001);
  EXPECT_EQ(maker_->lost(), 100U);
  EXPECT_EQ(maker_->made(Kind::valid), 901U);
  EXPECT_EQ(sink_->accepted(), 901U);
  EXPECT_EQ(sink_->missing(), 100U);
  EXPECT_EQ(maker_->counter(), 2001U);
}

TEST_P(Frames, have_lengths_checksums_and_ports_of_their_own) {
  run({"--source-port", "50000", "--source-ports", "3", "--forged-size", "99", "--mix",
       "valid=1,forged=1", "--size", "100"},
      0);
  for (unsigned i = 0; i < 6; i++) {
    rte_mbuf* m = maker_->next();
    const u8* const frame = rte_pktmbuf_mtod(m, const u8*);
    const u32 datagram = i % 2 == 0 ? 100 + PLAIT_SOURCE_OVERHEAD : 99;
    EXPECT_EQ(m->data_len, 14 + 20 + 8 + datagram);
    EXPECT_EQ(plait_ip_length(frame + 14, m->data_len), 20 + 8 + datagram);
    EXPECT_EQ(plait_csum_fold(plait_csum_words(frame + 14, PLAIT_IPV4_LEN)), 0xffff);
    EXPECT_EQ(plait_get_be16(frame + 34), 50000 + i % 3);
    EXPECT_EQ(plait_get_be16(frame + 36), 7777);
    EXPECT_EQ(plait_get_be16(frame + 38), 8 + datagram);
    rte_pktmbuf_free(m);
  }
}

TEST_P(Frames, do_not_reach_another_port_or_session) {
  run({}, 0);
  load::Sink other_port(options_.cipher, *options_.session, 7778);
  load::Session session = *options_.session;
  session.index++;
  load::Sink other_session(options_.cipher, session, options_.port);
  rte_mbuf* first = maker_->next();
  rte_mbuf* second = maker_->next();
  other_port.take({&first, 1});
  other_session.take({&second, 1});
  EXPECT_EQ(other_port.accepted() + other_session.accepted(), 0U);
  EXPECT_EQ(other_session.dropped(PLAIT_DROP_PORT_INDEX), 1U);
}

TEST(plait_load, sink_survives_what_is_no_frame) {
  const auto options = sender({});
  load::Sink sink(options.cipher, *options.session, options.port);
  for (u16 length = 0; length < 80; length++) {
    rte_mbuf* m = rte_pktmbuf_alloc(pool);
    auto* const frame = reinterpret_cast<u8*>(rte_pktmbuf_append(m, length));
    for (u16 i = 0; i < length; i++) {
      frame[i] = static_cast<u8>(length == 79 ? 0xff
                                 : i == 12    ? 8
                                 : i == 14    ? 0x45
                                 : i == 23    ? 17
                                              : 0);
    }
    sink.take({&m, 1});
  }
  EXPECT_EQ(sink.accepted(), 0U);
}

TEST(inner_packets, carry_whole_echo_checksums) {
  for (const bool v6 : {false, true}) {
    load::Inner inner{.from = plait::Address::parse(v6 ? "fd07::1" : "10.7.0.1"),
                      .to = plait::Address::parse(v6 ? "fd07::2" : "10.7.0.2"),
                      .echo = true};
    std::array<u8, 200> packet{};
    EXPECT_EQ(inner.write(packet.data(), packet.size(), 12345), 0);
    EXPECT_EQ(plait_ip_length(packet.data(), packet.size()), packet.size());
    const u32 header = inner.least() - 8, rest = static_cast<u32>(packet.size()) - header;
    u64 sum = plait_csum_words(packet.data() + header, rest);
    if (v6) sum += plait_csum_addresses(packet.data()) + 58 + rest;
    EXPECT_EQ(plait_csum_fold(sum), 0xffff);
  }
}

}  // namespace
