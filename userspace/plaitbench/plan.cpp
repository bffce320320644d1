// SPDX-License-Identifier: GPL-2.0
// Words to numbers, and the two plans that need no words.
#include "plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace plaitbench {
namespace {

constexpr std::uint32_t smallest = 64;
constexpr std::uint32_t largest = 9000;
constexpr std::uint32_t ethernet = 1500;
constexpr auto sizes_help =
    "give lengths of IP packets from 64 to 9000, mtu (the largest that fits) or imix, as in "
    "64,512,mtu,imix";

constexpr std::array test_names{
    std::pair{Test::throughput, "throughput"},
    std::pair{Test::loss, "loss"},
    std::pair{Test::latency, "latency"},
    std::pair{Test::bursts, "bursts"},
    std::pair{Test::tcp, "tcp"},
    std::pair{Test::rr, "rr"},
};

std::vector<std::string> split(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; std::getline(stream, word, ',');)
    words.push_back(word);
  return words;
}

// Seven small, four middle, one large, so that the large one is far from its next.
Size imix(std::uint32_t mtu) {
  constexpr std::uint32_t s = 64;
  constexpr std::uint32_t m = 576;
  const std::uint32_t l = std::min(mtu, ethernet);
  return {.name = "imix", .octets = {s, m, s, s, m, s, l, s, m, s, m, s}};
}

std::uint32_t length_of(const std::string& word) {
  std::uint32_t length = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), length);
  if (error != std::errc() || end != word.data() + word.size() || length < smallest ||
      length > largest) {
    throw std::invalid_argument(fmt::format("\"{}\" is no packet size: {}", word, sizes_help));
  }
  return length;
}

}  // namespace

std::string_view to_string(Test test) {
  return std::ranges::find(test_names, test, [](const auto& pair) { return pair.first; })->second;
}

std::vector<Test> parse_tests(const std::string& text) {
  std::vector<Test> tests;
  for (const auto& word : split(text)) {
    const auto found =
        std::ranges::find(test_names, word, [](const auto& pair) { return pair.second; });
    if (found == test_names.end()) {
      throw std::invalid_argument(fmt::format(
          "\"{}\" is no test: give some of throughput,loss,latency,bursts,tcp,rr", word));
    }
    if (std::ranges::find(tests, found->first) == tests.end()) tests.push_back(found->first);
  }
  if (tests.empty()) {
    throw std::invalid_argument("give some of throughput,loss,latency,bursts,tcp,rr");
  }
  return tests;
}

double Size::mean() const {
  return static_cast<double>(std::accumulate(octets.begin(), octets.end(), std::uint64_t{0})) /
         static_cast<double>(octets.size());
}

std::vector<std::uint32_t> Size::payloads(std::uint32_t header) const {
  auto result = octets;
  for (auto& length : result)
    length -= header;
  return result;
}

SizeList parse_sizes(const std::string& text, std::uint32_t mtu) {
  SizeList list;
  for (const auto& word : split(text)) {
    Size size{.name = word, .octets = {}};
    if (word == "imix") {
      size = imix(mtu);
    } else if (word == "mtu") {
      const auto length = std::min(mtu, largest);
      size = {.name = std::to_string(length), .octets = {length}};
    } else {
      size.octets = {length_of(word)};
    }
    const bool twice = std::ranges::find(list.sizes, size.name, &Size::name) != list.sizes.end();
    if (std::ranges::max(size.octets) > mtu) {
      list.too_large.push_back(word);
    } else if (!twice) {
      list.sizes.push_back(std::move(size));
    }
  }
  if (list.sizes.empty()) {
    throw std::invalid_argument(
        text.empty()
            ? sizes_help
            : fmt::format("the path takes packets of up to {} octets, and none of {} fits: "
                          "give smaller ones, or mtu",
                          mtu, text));
  }
  return list;
}

void check_sizes(const std::string& text) {
  parse_sizes(text, largest);
}

double Rate::packets_per_second(const Size& size) const {
  constexpr double bits = 8;
  return packets ? value : value / bits / size.mean();
}

Rate parse_rate(const std::string& text) {
  constexpr std::string_view suffix = "pps";
  constexpr double highest = 1e13;
  std::string_view rest = text;
  Rate rate;
  if (rest.ends_with(suffix)) {
    rate.packets = true;
    rest.remove_suffix(suffix.size());
  }
  double scale = 1;
  constexpr std::array scales{std::pair{'k', 1e3}, std::pair{'M', 1e6}, std::pair{'G', 1e9}};
  for (const auto& [letter, factor] : scales) {
    if (rest.ends_with(letter)) {
      scale = factor;
      rest.remove_suffix(1);
      break;
    }
  }
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), rate.value);
  rate.value *= scale;
  if (error != std::errc() || end != rest.data() + rest.size() || !std::isfinite(rate.value) ||
      rate.value < 1 || rate.value > highest) {
    throw std::invalid_argument(fmt::format(
        "\"{}\" is no rate: give bits a second, as in 100M or 2.5G, or packets, as in 50kpps",
        text));
  }
  return rate;
}

Plan Plan::usual() {
  return {.tests = {Test::throughput, Test::loss, Test::latency, Test::bursts, Test::tcp, Test::rr},
          .sizes = "64,512,mtu,imix",
          .seconds = 3,
          .rate = {},
          .tolerance = 0,
          .resolution = 0.02,
          .most_trials = 12,
          .repeat = 10,
          .longest_burst = 65'536,
          .batch = 64,
          .streams = 1,
          .reverse = false};
}

Plan Plan::quick() {
  Plan plan = usual();
  plan.sizes = "64,mtu";
  plan.seconds = 1;
  plan.resolution = 0.05;
  plan.most_trials = 7;
  plan.repeat = 3;
  plan.longest_burst = 16'384;
  return plan;
}

}  // namespace plaitbench
