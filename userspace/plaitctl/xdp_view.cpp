// SPDX-License-Identifier: GPL-2.0
// Tables and JSON of the XDP filter.
#include "xdp_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "json.hpp"
#include "table.hpp"

namespace plaitctl {
namespace {

using Align = tools::Table::Align;

std::string mode_of(const plait::Filter& filter) {
  return filter.mode ? to_string(*filter.mode) : "";
}

std::string state_of(const plait::Filter& filter, bool sockets) {
  if (filter.moved) return "moved away: passes everything";
  if (filter.name.empty()) return "in another namespace";
  if (!filter.mode) return "not attached any more: plaitctl xdp detach";
  if (!filter.hears) return "hears nothing, passes everything: detach and attach it";
  if (!sockets) return "waits: there is no socket of plait's yet";
  return filter.complete ? "filters"
                         : "filters, but passes what it does not know: sessions found no room";
}

struct Consequence {
  std::string_view map;
  std::string_view text;
};
constexpr std::array consequences{
    Consequence{"sockets", "to further sockets everything passes"},
    Consequence{"sessions", "whatever there are no keys for passes"},
    Consequence{"lanes", "of further lanes everything passes"},
    Consequence{"windows", "of further lanes copies pass"},
};

std::string consequence(const plait::FilterMap& map) {
  const auto* found = std::ranges::find(consequences, map.name, &Consequence::map);
  return found == consequences.end() ? "" : std::string(found->text);
}

bool is_full(const plait::FilterMap& map) {
  return map.max != 0 && map.entries >= map.max;
}

std::string maps_table(const std::vector<plait::FilterMap>& maps) {
  tools::Table table(
      {{"MAP"}, {"ENTRIES", Align::right}, {"ROOM FOR", Align::right}, {"WHEN FULL"}});
  std::string full;
  for (const auto& map : maps) {
    table.add({map.name, std::to_string(map.entries), std::to_string(map.max), consequence(map)});
    if (is_full(map)) {
      full += fmt::format("{} is full: the network namespace of cookie {} has {} of its entries\n",
                          map.name, map.net, map.of_net);
    }
  }
  return "\n" + table.to_string() + (full.empty() ? "" : "\n" + full);
}

Json maps_json(const std::vector<plait::FilterMap>& maps) {
  Json json = Json::object();
  for (const auto& map : maps) {
    json[map.name] = {{"entries", map.entries},
                      {"max", map.max},
                      {"netns_cookie", map.of_net == 0 ? Json() : Json(map.net)},
                      {"of_netns", map.of_net}};
  }
  return json;
}

std::string table(const CountersOf& one, bool with_zeros) {
  tools::Table table({{"COUNTER"}, {"VALUE", Align::right}, {"KIND"}, {"MEANING"}});
  bool some = false;
  for (const auto& counter : one.counters) {
    if (counter.value == 0 && !with_zeros) continue;
    table.add({counter.name, std::to_string(counter.value), counter.drop ? "dropped" : "passed",
               counter.meaning});
    some = true;
  }
  return one.interface + ":" + (some ? "\n" + table.to_string(2) : " all counters are zero\n");
}

}  // namespace

std::string view(const std::vector<plait::Filter>& filters,
                 const std::vector<plait::FilterMap>& maps, Format format) {
  if (format == Format::json) {
    Json list = Json::array();
    for (const auto& filter : filters) {
      list.push_back({{"ifindex", filter.ifindex},
                      {"interface", filter.name.empty() ? Json() : Json(filter.name)},
                      {"netns_cookie", filter.net},
                      {"mode", filter.mode ? Json(to_string(*filter.mode)) : Json()},
                      {"hears", filter.hears},
                      {"moved", filter.moved},
                      {"complete", filter.complete},
                      {"maps", maps_json(maps)}});
    }
    return list.dump(2) + "\n";
  }
  const bool sockets = std::ranges::none_of(
      maps, [](const plait::FilterMap& map) { return map.name == "sockets" && map.entries == 0; });
  tools::Table table({{"INTERFACE"}, {"MODE"}, {"STATE"}});
  for (const auto& filter : filters) {
    table.add({filter.name.empty() ? fmt::format("if{}", filter.ifindex) : filter.name,
               mode_of(filter), state_of(filter, sockets)});
  }
  if (filters.empty()) {
    return {};
  }
  return table.to_string() + (maps.empty() ? "" : maps_table(maps));
}

std::string view(const std::vector<CountersOf>& all, bool with_zeros, Format format) {
  if (format == Format::json) {
    Json list = Json::array();
    for (const auto& one : all) {
      Json values = Json::object();
      for (const auto& counter : one.counters)
        values[counter.name] = counter.value;
      list.push_back({{"interface", one.interface}, {"counters", std::move(values)}});
    }
    return list.dump(2) + "\n";
  }
  std::string text;
  for (const auto& one : all)
    text += table(one, with_zeros);
  return text;
}

}  // namespace plaitctl
