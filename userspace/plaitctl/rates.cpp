// SPDX-License-Identifier: GPL-2.0
// Differences over time, and how they are laid out.
#include "rates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "table.hpp"

namespace plaitctl {
namespace {

using Align = tools::Table::Align;

template <typename Object, typename Same>
const Object* find(const std::vector<Object>& objects, Same same) {
  const auto found = std::ranges::find_if(objects, same);
  return found == objects.end() ? nullptr : &*found;
}

// A counter that went back was started anew: then it says nothing.
double per_second(std::uint64_t before, std::uint64_t after, double seconds) {
  return after > before && seconds > 0 ? static_cast<double>(after - before) / seconds : 0;
}

Flow flow(const tools::Link* before, const tools::Link* after, double seconds) {
  if (before == nullptr || after == nullptr) {
    return {};
  }
  return {.in_bits = 8 * per_second(before->rx_bytes, after->rx_bytes, seconds),
          .out_bits = 8 * per_second(before->tx_bytes, after->tx_bytes, seconds),
          .in_packets = per_second(before->rx_packets, after->rx_packets, seconds),
          .out_packets = per_second(before->tx_packets, after->tx_packets, seconds)};
}

Flow flow(const plait::Strand* before, const plait::Strand& after, double seconds) {
  if (before == nullptr) {
    return {};
  }
  return {.in_bits = 8 * per_second(before->rx_bytes, after.rx_bytes, seconds),
          .out_bits = 8 * per_second(before->tx_bytes, after.tx_bytes, seconds),
          .in_packets = per_second(before->rx_datagrams, after.rx_datagrams, seconds),
          .out_packets = per_second(before->tx_datagrams, after.tx_datagrams, seconds)};
}

std::vector<Rates::Drop> drops(const plait::Stats& before, const plait::Stats& after,
                               double seconds) {
  std::vector<Rates::Drop> moving;
  for (const auto& entry : after.entries()) {
    const double rate = per_second(before[entry.name], entry.value, seconds);
    if (rate > 0 && entry.kind != plait::CounterKind::event &&
        entry.kind != plait::CounterKind::unknown) {
      moving.push_back({.counter = entry.name, .meaning = entry.meaning, .per_second = rate});
    }
  }
  std::ranges::stable_sort(moving, std::greater(), &Rates::Drop::per_second);
  return moving;
}

std::string number(double per_second) {
  return per_second > 0 && per_second < 10
             ? fmt::format("{:.1f}", per_second)
             : tools::human_count(static_cast<std::uint64_t>(std::llround(per_second)));
}

// "8.6G of 137.4G (6 %)"
std::string sealed(const plait::Key& key) {
  auto text = tools::human_count(key.sealed);
  if (key.hard_limit != 0) {
    text += fmt::format(" of {} ({:.0f} %)", tools::human_count(key.hard_limit),
                        std::min(100.0, 100 * static_cast<double>(key.sealed) /
                                            static_cast<double>(key.hard_limit)));
  }
  return text;
}

std::vector<std::string> row(std::string name, std::string state, const Flow& flow,
                             std::string sealed) {
  return {std::move(name),
          std::move(state),
          tools::human_rate(flow.in_bits),
          tools::human_rate(flow.out_bits),
          number(flow.in_packets),
          number(flow.out_packets),
          std::move(sealed)};
}

Json flow_json(const Flow& flow) {
  return {{"in_bits", flow.in_bits},
          {"out_bits", flow.out_bits},
          {"in_packets", flow.in_packets},
          {"out_packets", flow.out_packets}};
}

}  // namespace

Sample take_sample(plait::Client& client, const std::optional<std::string>& device) {
  Sample sample;
  std::optional<std::uint32_t> ifindex;
  if (device) {
    sample.devices.push_back(client.device_get(*device));
    ifindex = sample.devices.front().ifindex;
  } else {
    sample.devices = client.device_list();
  }
  sample.strands = client.strand_list(ifindex);
  try {
    sample.keys = client.key_list(ifindex);
  } catch (const plait::NotPermitted&) {
    sample.keys_known = false;  // rates are for everybody to see, keys are not
  }
  for (auto& link : tools::links()) {
    if (find(sample.devices, [&](const auto& d) { return d.ifindex == link.ifindex; })) {
      sample.links.push_back(std::move(link));
    }
  }
  sample.time = std::chrono::steady_clock::now();
  return sample;
}

Rates rates(const Sample& before, const Sample& after) {
  Rates rates;
  rates.keys_known = after.keys_known;
  rates.seconds = std::chrono::duration<double>(after.time - before.time).count();
  for (const auto& device : after.devices) {
    const auto same = [&](const auto& other) { return other.ifindex == device.ifindex; };
    auto& of_device = rates.devices.emplace_back();
    of_device.device = device;
    const auto* link = find(after.links, same);
    of_device.up = link != nullptr && link->up;
    of_device.flow = flow(find(before.links, same), link, rates.seconds);
    if (const auto* then = find(before.devices, same)) {
      of_device.drops = drops(then->stats, device.stats, rates.seconds);
    }
    for (const auto& strand : after.strands) {
      if (strand.id.ifindex == device.ifindex) {
        const auto* then = find(before.strands, [&](const plait::Strand& other) {
          return other.id.ifindex == strand.id.ifindex && other.id.id == strand.id.id;
        });
        of_device.strands.push_back({strand, flow(then, strand, rates.seconds)});
      }
    }
    const auto* key = find(after.keys, [&](const plait::Key& other) {
      return other.id.ifindex == device.ifindex && other.activation == plait::Activation::active;
    });
    if (key != nullptr) {
      of_device.key = *key;
    }
  }
  return rates;
}

std::string view_rates(const Rates& rates) {
  if (rates.devices.empty()) {
    return "no plait devices in this network namespace\n";
  }
  tools::Table table({{"DEVICE"},
                      {"STATE"},
                      {"IN", Align::right},
                      {"OUT", Align::right},
                      {"IN PKT/S", Align::right},
                      {"OUT PKT/S", Align::right},
                      {"SEALED", Align::right}});
  tools::Table drops({{"DROPS ON"}, {"COUNTER"}, {"/S", Align::right}, {"MEANING"}});
  bool dropping = false;
  for (const auto& one : rates.devices) {
    table.add(row(one.device.name,
                  !one.up              ? "down"
                  : one.device.carrier ? "up"
                                       : "no carrier",
                  one.flow,
                  one.key            ? sealed(*one.key)
                  : rates.keys_known ? "no key"
                                     : ""));
    for (const auto& [strand, flow] : one.strands) {
      table.add(row(fmt::format("  strand {}", strand.id.id),
                    endpoint(strand.remote, strand.remote_port), flow, ""));
    }
    for (const auto& drop : one.drops) {
      drops.add({one.device.name, drop.counter, number(drop.per_second), drop.meaning});
      dropping = true;
    }
  }
  return table.to_string() + "\n" + (dropping ? drops.to_string() : "nothing is dropped\n");
}

Json rates_json(const Rates& rates) {
  Json array = Json::array();
  for (const auto& one : rates.devices) {
    Json json{{"ifindex", one.device.ifindex},
              {"device", one.device.name},
              {"up", one.up},
              {"carrier", one.device.carrier},
              {"seconds", rates.seconds}};
    json.update(flow_json(one.flow));
    json["strands"] = Json::array();
    for (const auto& [strand, flow] : one.strands) {
      Json of_strand{{"id", strand.id.id}};
      of_strand.update(flow_json(flow));
      json["strands"].push_back(std::move(of_strand));
    }
    json["drops"] = Json::object();
    for (const auto& drop : one.drops) {
      json["drops"][drop.counter] = drop.per_second;
    }
    if (one.key) {
      json["session"] = one.key->id.session;
      json["epoch"] = one.key->id.epoch;
      json["sealed"] = one.key->sealed;
      json["hard_limit"] = one.key->hard_limit;
    }
    array.push_back(std::move(json));
  }
  return array;
}

}  // namespace plaitctl
