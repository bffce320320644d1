// SPDX-License-Identifier: GPL-2.0
// Trials to JSON and back.
#include "trial.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "search.hpp"
#include "stamp.hpp"

namespace plaitbench {
namespace {

constexpr std::uint64_t any_count = std::uint64_t{1} << 62;
constexpr double any_seconds = 2 * Spec::longest_seconds;
constexpr double highest_rate = 1e9;
constexpr std::uint64_t longest_payload = 65'507;
constexpr std::uint64_t longest_burst = 1 << 24;

constexpr std::array traffic_names{std::pair{Spec::Traffic::udp, "udp"},
                                   std::pair{Spec::Traffic::stream, "tcp"},
                                   std::pair{Spec::Traffic::request, "rr"}};

const char* name_of(Spec::Traffic traffic) {
  return std::ranges::find(traffic_names, traffic, &decltype(traffic_names)::value_type::first)
      ->second;
}

Spec::Traffic traffic_of(const std::string& name) {
  const auto found =
      std::ranges::find(traffic_names, name, [](const auto& pair) { return pair.second; });
  if (found == traffic_names.end()) throw ProtocolError("traffic is udp, tcp or rr");
  return found->first;
}

double rate_over(std::uint64_t packets, double seconds) {
  return seconds > 0 ? static_cast<double>(packets) / seconds : 0;
}

}  // namespace

Json to_json(const Spec& spec) {
  return {{"traffic", name_of(spec.traffic)},
          {"reverse", spec.reverse},
          {"seconds", spec.seconds},
          {"trial", spec.trial},
          {"payloads", spec.payloads},
          {"rate", spec.rate},
          {"probes", spec.probes},
          {"batch", spec.batch},
          {"burst", spec.burst},
          {"repeat", spec.repeat},
          {"pause_ms", spec.pause_ms},
          {"streams", spec.streams}};
}

Spec spec_from_json(const Json& json) {
  constexpr std::uint64_t most_repeats = 1000;
  constexpr std::uint64_t longest_pause_ms = 10'000;
  Spec spec;
  spec.traffic = traffic_of(text_of(json, "traffic"));
  spec.reverse = truth_of(json, "reverse");
  spec.seconds = real_of(json, "seconds", 0, Spec::longest_seconds);
  spec.trial = static_cast<std::uint16_t>(number_of(json, "trial", 0, UINT16_MAX));
  spec.rate = real_of(json, "rate", 0, highest_rate);
  spec.probes = real_of(json, "probes", 0, highest_rate);
  spec.batch = static_cast<unsigned>(number_of(json, "batch", 1, Spec::most_batch));
  spec.burst = number_of(json, "burst", 0, longest_burst);
  spec.repeat = static_cast<unsigned>(number_of(json, "repeat", 1, most_repeats));
  spec.pause_ms = static_cast<unsigned>(number_of(json, "pause_ms", 0, longest_pause_ms));
  spec.streams = static_cast<unsigned>(number_of(json, "streams", 1, Spec::most_streams));
  const auto& payloads = member(json, "payloads");
  if (!payloads.is_array() || payloads.size() > Spec::longest_pattern ||
      (payloads.empty() && spec.traffic == Spec::Traffic::udp)) {
    throw ProtocolError("\"payloads\" is no array of 1 to 16 numbers");
  }
  for (const auto& payload : payloads) {
    if (!payload.is_number_unsigned() || payload.get<std::uint64_t>() < stamp_size ||
        payload.get<std::uint64_t>() > longest_payload) {
      throw ProtocolError("a payload is not 16 to 65507 octets long");
    }
    spec.payloads.push_back(payload.get<std::uint32_t>());
  }
  return spec;
}

Json to_json(const Sent& sent) {
  return {{"packets", sent.packets},
          {"octets", sent.octets},
          {"seconds", sent.seconds},
          {"stalled_seconds", sent.stalled_seconds},
          {"blocked", sent.blocked},
          {"no_buffers", sent.no_buffers},
          {"thread", sent.thread},
          {"segmentation", sent.segmentation},
          {"retransmitted", sent.retransmitted},
          {"round_trips", sent.round_trips.to_json()}};
}

Sent sent_from_json(const Json& json) {
  return {.packets = number_of(json, "packets", 0, any_count),
          .octets = number_of(json, "octets", 0, any_count),
          .seconds = real_of(json, "seconds", 0, any_seconds),
          .stalled_seconds = real_of(json, "stalled_seconds", 0, any_seconds),
          .blocked = number_of(json, "blocked", 0, any_count),
          .no_buffers = number_of(json, "no_buffers", 0, any_count),
          .thread = real_of(json, "thread", 0, Spec::most_streams),
          .segmentation = truth_of(json, "segmentation"),
          .retransmitted = number_of(json, "retransmitted", 0, any_count),
          .round_trips = Histogram::from_json(member(json, "round_trips"))};
}

Json to_json(const Received& received) {
  return {{"packets", received.packets},       {"octets", received.octets},
          {"seconds", received.seconds},       {"reordered", received.reordered},
          {"duplicates", received.duplicates}, {"stale", received.stale},
          {"overflowed", received.overflowed}, {"buffer", received.buffer},
          {"thread", received.thread}};
}

Received received_from_json(const Json& json) {
  return {.packets = number_of(json, "packets", 0, any_count),
          .octets = number_of(json, "octets", 0, any_count),
          .seconds = real_of(json, "seconds", 0, any_seconds),
          .reordered = number_of(json, "reordered", 0, any_count),
          .duplicates = number_of(json, "duplicates", 0, any_count),
          .stale = number_of(json, "stale", 0, any_count),
          .overflowed = number_of(json, "overflowed", 0, any_count),
          .buffer = number_of(json, "buffer", 0, any_count),
          .thread = real_of(json, "thread", 0, Spec::most_streams)};
}

Json to_json(const HostUse& use) {
  return {{"cpu", to_json(use.cpu)}, {"moved", to_json(use.moved)}};
}

HostUse host_use_from_json(const Json& json) {
  return {.cpu = cpu_use_from_json(member(json, "cpu")),
          .moved = counters_from_json(member(json, "moved"))};
}

double Trial::sent_rate() const {
  return rate_over(sent.packets, sent.seconds);
}

double Trial::received_rate() const {
  return rate_over(received.packets, sent.seconds);
}

std::uint64_t Trial::lost() const {
  return sent.packets - std::min(sent.packets, received.packets);
}

double Trial::loss() const {
  return sent.packets == 0 ? 1 : static_cast<double>(lost()) / static_cast<double>(sent.packets);
}

bool Trial::paused() const {
  return !offered() && sent.thread < full_cpu && sent.blocked == 0 && sent.no_buffers == 0;
}

bool Trial::offered() const {
  return spec.rate <= 0 || sent_rate() >= offered_share * spec.rate;
}

}  // namespace plaitbench
