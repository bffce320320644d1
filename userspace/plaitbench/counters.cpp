// SPDX-License-Identifier: GPL-2.0
// Differences of counters, and the kernel's text files that have some.
#include "counters.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

namespace plaitbench {
namespace {

struct UdpDrop {
  std::string_view name;  ///< in /proc/net/snmp; in snmp6 "Udp6" stands before it
  std::string_view meaning;
};
constexpr std::array udp_drops{
    UdpDrop{"RcvbufErrors", "a socket's receive buffer was full"},
    UdpDrop{"SndbufErrors", "a send buffer, or the queue behind it, was full"},
    UdpDrop{"InCsumErrors", "wrong checksum"},
    UdpDrop{"MemErrors", "no memory for UDP"},
};

std::vector<std::string> words(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;)
    words.push_back(word);
  return words;
}

std::uint64_t number(std::string_view text, int base = 10) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

Counter udp_counter(const char* where, const UdpDrop& drop, std::uint64_t value) {
  return {.where = where,
          .name = std::string(drop.name),
          .meaning = std::string(drop.meaning),
          .drop = true,
          .value = value};
}

}  // namespace

Counters moved(const Counters& before, const Counters& after) {
  Counters result;
  for (const auto& counter : after) {
    const auto then = std::ranges::find_if(before, [&](const Counter& other) {
      return other.where == counter.where && other.name == counter.name;
    });
    if (then != before.end() && counter.value > then->value) {
      result.push_back(counter);
      result.back().value -= then->value;
    }
  }
  return result;
}

Json to_json(const Counters& counters) {
  Json array = Json::array();
  for (const auto& counter : counters) {
    array.push_back({{"where", counter.where},
                     {"name", counter.name},
                     {"meaning", counter.meaning},
                     {"drop", counter.drop},
                     {"moved", counter.value}});
  }
  return array;
}

Counters counters_from_json(const Json& json) {
  constexpr std::size_t most = 4096;
  if (!json.is_array() || json.size() > most) throw ProtocolError("counters are no array");
  Counters counters;
  for (const auto& one : json) {
    counters.push_back({.where = text_of(one, "where"),
                        .name = text_of(one, "name"),
                        .meaning = text_of(one, "meaning"),
                        .drop = truth_of(one, "drop"),
                        .value = number_of(one, "moved", 0, ~std::uint64_t{0})});
  }
  return counters;
}

Counters parse_udp_counters(std::string_view snmp, std::string_view snmp6) {
  Counters counters;
  std::istringstream lines{std::string(snmp)};
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("Udp: ")) continue;
    if (names.empty()) {  // a line of names, then one of values
      names = words(line);
      continue;
    }
    const auto values = words(line);
    for (const auto& drop : udp_drops) {
      const auto at = static_cast<std::size_t>(std::ranges::find(names, drop.name) - names.begin());
      if (at < values.size()) counters.push_back(udp_counter("udp", drop, number(values[at])));
    }
  }
  lines = std::istringstream{std::string(snmp6)};
  for (std::string line; std::getline(lines, line);) {
    const auto pair = words(line);
    for (const auto& drop : udp_drops) {
      if (pair.size() == 2 && pair[0] == "Udp6" + std::string(drop.name)) {
        counters.push_back(udp_counter("udp6", drop, number(pair[1])));
      }
    }
  }
  return counters;
}

Counter parse_backlog_drops(std::string_view softnet_stat) {
  constexpr int hexadecimal = 16;
  Counter counter{.where = "backlog",
                  .name = "dropped",
                  .meaning =
                      "a CPU's queue of packets that came in was full "
                      "(net.core.netdev_max_backlog)",
                  .drop = true,
                  .value = 0};
  std::istringstream lines{std::string(softnet_stat)};
  for (std::string line; std::getline(lines, line);) {
    const auto columns = words(line);
    if (columns.size() > 1) counter.value += number(columns[1], hexadecimal);
  }
  return counter;
}

}  // namespace plaitbench
