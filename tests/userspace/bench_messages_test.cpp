// SPDX-License-Identifier: GPL-2.0
// plaitbench's control messages: what was sent comes back, in whatever pieces; what must not be
// said is refused.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "frame.hpp"
#include "trial.hpp"

namespace {

using plaitbench::FrameReader;
using plaitbench::Json;
using plaitbench::ProtocolError;
using plaitbench::Spec;

std::vector<std::byte> octets_of(const std::string& text) {
  const auto octets = std::as_bytes(std::span(text));
  return {octets.begin(), octets.end()};
}

// A frame with that text, whatever it is.
std::vector<std::byte> framed(const std::string& text) {
  std::string frame{0, 0, static_cast<char>(text.size() >> 8), static_cast<char>(text.size())};
  return octets_of(frame + text);
}

RC_GTEST_PROP(BenchFrame, messages_come_back_in_whatever_pieces,
              (const std::vector<std::string>& texts)) {
  std::vector<std::byte> stream;
  for (const auto& text : texts) {
    // JSON is UTF-8: other octets are replaced.
    const std::string ascii(text.size(), 'x');
    const auto frame = plaitbench::encode_frame({{"type", "t"}, {"text", ascii}});
    stream.insert(stream.end(), frame.begin(), frame.end());
  }
  FrameReader reader(plaitbench::longest_frame);
  std::size_t got = 0;
  for (std::size_t at = 0; at < stream.size();) {
    const auto length = std::min<std::size_t>(*rc::gen::inRange(1, 50), stream.size() - at);
    reader.take(std::span(stream).subspan(at, length));
    at += length;
    while (const auto message = reader.next()) {
      RC_ASSERT(got < texts.size());
      RC_ASSERT(plaitbench::member(*message, "text").get<std::string>().size() ==
                texts[got].size());
      got++;
    }
  }
  RC_ASSERT(got == texts.size());
  RC_ASSERT(reader.empty());
}

TEST(BenchFrame, a_length_beyond_the_bound_is_refused_before_anything_is_kept) {
  FrameReader reader(plaitbench::longest_first_frame);
  reader.take(octets_of("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_THROW(reader.next(), ProtocolError);
}

TEST(BenchFrame, has_room_for_one_message_and_no_more) {
  FrameReader reader(100);
  EXPECT_EQ(reader.room(), 104U);
  reader.take(std::vector<std::byte>(90));
  EXPECT_EQ(reader.room(), 14U);
}

TEST(BenchFrame, what_is_no_object_with_a_type_is_refused) {
  for (const auto* text : {"", "x", "{", "[]", "1", "{}", R"({"type":1})", R"({"Type":"a"})"}) {
    FrameReader reader(plaitbench::longest_first_frame);
    reader.take(framed(text));
    EXPECT_THROW(reader.next(), ProtocolError) << text;
  }
}

TEST(BenchFrame, nests_without_end_do_not_end_us) {
  const std::string open(30'000, '[');
  const std::string closed(30'000, ']');
  for (const auto& deep : {open, open + closed}) {
    FrameReader reader(plaitbench::longest_frame);
    reader.take(framed(deep));
    EXPECT_THROW(reader.next(), ProtocolError);
  }
}

RC_GTEST_PROP(BenchFrame, noise_is_refused_or_waits_for_more, (const std::vector<char>& noise)) {
  FrameReader reader(plaitbench::longest_first_frame);
  reader.take(std::as_bytes(std::span(noise)));
  try {
    RC_ASSERT(!reader.next());
  } catch (const ProtocolError&) {
    RC_ASSERT(noise.size() >= 4U);
  }
}

TEST(BenchFrame, a_message_that_is_too_long_is_not_sent) {
  EXPECT_THROW(plaitbench::encode_frame(
                   {{"type", "t"}, {"text", std::string(plaitbench::longest_frame, 'x')}}),
               ProtocolError);
}

Spec some_spec() {
  Spec spec;
  spec.reverse = true;
  spec.seconds = 2.5;
  spec.trial = 77;
  spec.payloads = {36, 548};
  spec.rate = 12'345;
  spec.probes = 100;
  spec.burst = 64;
  spec.repeat = 3;
  spec.streams = 4;
  return spec;
}

TEST(BenchTrial, a_spec_comes_back) {
  const auto json = to_json(some_spec());
  EXPECT_EQ(to_json(plaitbench::spec_from_json(json)), json);
}

TEST(BenchTrial, a_spec_out_of_bounds_is_refused) {
  const std::vector<std::pair<const char*, Json>> wrong{
      {"traffic", "icmp"},  {"reverse", 1},
      {"seconds", -1},      {"seconds", 3601},
      {"seconds", "1"},     {"trial", 65'536},
      {"trial", -1},        {"payloads", Json::array()},
      {"payloads", {15}},   {"payloads", {65'508}},
      {"payloads", {16.5}}, {"payloads", std::vector<int>(17, 100)},
      {"rate", 2e9},        {"batch", 0},
      {"batch", 257},       {"burst", 1ULL << 40},
      {"repeat", 0},        {"pause_ms", 100'000},
      {"streams", 17},
  };
  for (const auto& [name, value] : wrong) {
    auto json = to_json(some_spec());
    json[name] = value;
    EXPECT_THROW(plaitbench::spec_from_json(json), ProtocolError) << name << " " << value;
    json.erase(name);
    EXPECT_THROW(plaitbench::spec_from_json(json), ProtocolError) << name << " lacking";
  }
}

TEST(BenchTrial, what_both_ends_say_comes_back) {
  plaitbench::Sent sent;
  sent.packets = 10;
  sent.seconds = 2;
  sent.segmentation = true;
  sent.round_trips.add(1000);
  EXPECT_EQ(to_json(plaitbench::sent_from_json(to_json(sent))), to_json(sent));
  plaitbench::Received received;
  received.packets = 9;
  received.overflowed = 1;
  EXPECT_EQ(to_json(plaitbench::received_from_json(to_json(received))), to_json(received));
  const plaitbench::HostUse use{
      .cpu = {.cpus = 2, .all = 0.5, .busiest = 1, .programs = 0.5, .softirq = 0.25, .stolen = 0},
      .moved = {{.where = "eth0", .name = "rx_dropped", .meaning = "", .drop = true, .value = 3}}};
  EXPECT_EQ(to_json(plaitbench::host_use_from_json(to_json(use))), to_json(use));
}

TEST(BenchTrial, rates_and_loss_are_those_of_the_time_that_was_sent) {
  plaitbench::Trial trial;
  EXPECT_EQ(trial.loss(), 1);  // nothing was sent: nothing was shown
  trial.spec.rate = 100;
  trial.sent.packets = 200;
  trial.sent.seconds = 2;
  trial.received.packets = 150;
  EXPECT_DOUBLE_EQ(trial.sent_rate(), 100);
  EXPECT_DOUBLE_EQ(trial.received_rate(), 75);
  EXPECT_DOUBLE_EQ(trial.loss(), 0.25);
  EXPECT_TRUE(trial.offered());
  trial.spec.rate = 103;
  EXPECT_FALSE(trial.offered());
}

}  // namespace
