// SPDX-License-Identifier: GPL-2.0
// Tables and JSON of devices, strands, keys and counters.
#include "view.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "table.hpp"

namespace plaitctl {
namespace {

using Json = nlohmann::ordered_json;
using Align = Table::Align;

std::string dump(const Json& json) {
  return json.dump(2) + "\n";
}

std::string traffic(std::uint64_t datagrams, std::uint64_t octets) {
  return fmt::format("{} ({})", datagrams, human_size(octets));
}

std::string table(const std::vector<plait::Device>& devices) {
  Table table({{"DEVICE"},
               {"PORT", Align::right},
               {"LANES", Align::right},
               {"WINDOW", Align::right},
               {"MTU", Align::right},
               {"CARRIER"},
               {"STRANDS", Align::right}});
  for (const auto& device : devices) {
    table.add({device.name, device.port == 0 ? "" : std::to_string(device.port),
               std::to_string(device.lanes), std::to_string(device.window),
               std::to_string(device.mtu), device.carrier ? "up" : "down",
               std::to_string(device.strands)});
  }
  return devices.empty() ? "" : table.to_string();
}

std::string table(const std::vector<plait::Strand>& strands, const NameOf& device_name,
                  const NameOf& link_name) {
  Table table({{"DEVICE"},
               {"ID", Align::right},
               {"LOCAL"},
               {"REMOTE"},
               {"LINK"},
               {"SENT", Align::right},
               {"ACCEPTED", Align::right}});
  for (const auto& strand : strands) {
    table.add(
        {device_name(strand.id.ifindex), std::to_string(strand.id.id),
         strand.local ? endpoint(*strand.local, strand.port) : fmt::format("*:{}", strand.port),
         endpoint(strand.remote, strand.remote_port),
         strand.link == 0 ? "any" : link_name(strand.link),
         traffic(strand.tx_datagrams, strand.tx_bytes),
         traffic(strand.rx_datagrams, strand.rx_bytes)});
  }
  return strands.empty() ? "" : table.to_string();
}

std::string table(const std::vector<plait::Key>& keys, const NameOf& device_name) {
  Table table({{"DEVICE"},
               {"SESSION", Align::right},
               {"EPOCH", Align::right},
               {"CIPHER"},
               {"LOCAL INDEX"},
               {"REMOTE INDEX"},
               {"PEER LANES", Align::right},
               {"TX COUNTER", Align::right},
               {"ACTIVE"},
               {"OPEN FAILURES", Align::right}});
  for (const auto& key : keys) {
    table.add({device_name(key.id.ifindex), std::to_string(key.id.session),
               std::to_string(key.id.epoch), std::string(to_string(key.cipher)),
               fmt::format("{:#010x}", key.local_index), fmt::format("{:#010x}", key.remote_index),
               std::to_string(key.peer_lanes), std::to_string(key.tx_counter),
               key.active ? "yes" : "no", std::to_string(key.open_failures)});
  }
  return keys.empty() ? "" : table.to_string();
}

std::string stats_table(const plait::Device& device, bool with_zeros) {
  Table table({{}, {{}, Align::right}, {}, {}});
  bool empty = true;
  for (const auto& entry : device.stats.entries()) {
    if (with_zeros || entry.value != 0) {
      table.add({entry.name, std::to_string(entry.value), std::string(to_string(entry.kind)),
                 entry.meaning});
      empty = false;
    }
  }
  return device.name + ":" + (empty ? " all counters are zero\n" : "\n" + table.to_string(2));
}

Json json(const plait::Device& device) {
  return {{"ifindex", device.ifindex}, {"name", device.name},      {"port", device.port},
          {"lanes", device.lanes},     {"window", device.window},  {"mtu", device.mtu},
          {"carrier", device.carrier}, {"strands", device.strands}};
}

Json json(const plait::Strand& strand, const NameOf& device_name, const NameOf& link_name) {
  return {{"ifindex", strand.id.ifindex},
          {"device", device_name(strand.id.ifindex)},
          {"id", strand.id.id},
          {"local", strand.local ? Json(strand.local->to_string()) : Json()},
          {"port", strand.port},
          {"remote", strand.remote.to_string()},
          {"remote_port", strand.remote_port},
          {"link", strand.link == 0 ? Json() : Json(link_name(strand.link))},
          {"tx_datagrams", strand.tx_datagrams},
          {"tx_bytes", strand.tx_bytes},
          {"rx_datagrams", strand.rx_datagrams},
          {"rx_bytes", strand.rx_bytes}};
}

Json json(const plait::Key& key, const NameOf& device_name) {
  return {{"ifindex", key.id.ifindex},         {"device", device_name(key.id.ifindex)},
          {"session", key.id.session},         {"epoch", key.id.epoch},
          {"cipher", to_string(key.cipher)},   {"local_index", key.local_index},
          {"remote_index", key.remote_index},  {"peer_lanes", key.peer_lanes},
          {"tx_counter", key.tx_counter},      {"active", key.active},
          {"open_failures", key.open_failures}};
}

Json stats_json(const plait::Device& device) {
  Json counters = Json::object();
  for (const auto& entry : device.stats.entries()) {
    counters[entry.name] = entry.value;
  }
  return {{"ifindex", device.ifindex}, {"device", device.name}, {"counters", std::move(counters)}};
}

}  // namespace

std::string view(const std::vector<plait::Device>& devices, Format format) {
  if (format == Format::table) {
    return table(devices);
  }
  Json array = Json::array();
  for (const auto& device : devices) {
    array.push_back(json(device));
  }
  return dump(array);
}

std::string view(const std::vector<plait::Strand>& strands, const NameOf& device_name,
                 const NameOf& link_name, Format format) {
  if (format == Format::table) {
    return table(strands, device_name, link_name);
  }
  Json array = Json::array();
  for (const auto& strand : strands) {
    array.push_back(json(strand, device_name, link_name));
  }
  return dump(array);
}

std::string view(const std::vector<plait::Key>& keys, const NameOf& device_name, Format format) {
  if (format == Format::table) {
    return table(keys, device_name);
  }
  Json array = Json::array();
  for (const auto& key : keys) {
    array.push_back(json(key, device_name));
  }
  return dump(array);
}

std::string view_stats(const std::vector<plait::Device>& devices, bool with_zeros, Format format) {
  std::string text;
  Json array = Json::array();
  for (const auto& device : devices) {
    if (format == Format::table) {
      text += stats_table(device, with_zeros);
    } else {
      array.push_back(stats_json(device));
    }
  }
  return format == Format::table ? text : dump(array);
}

}  // namespace plaitctl
