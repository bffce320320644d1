// SPDX-License-Identifier: GPL-2.0
// Tables and JSON of devices, strands, keys, prefixes and counters.
#include "view.hpp"

#include <fmt/format.h>

#include "json.hpp"
#include "table.hpp"

namespace plaitctl {
namespace {

using Align = tools::Table::Align;

template <typename Object, typename ToJson>
std::string dump_each(const std::vector<Object>& objects, ToJson one) {
  Json array = Json::array();
  for (const auto& object : objects) {
    array.push_back(one(object));
  }
  return array.dump(2) + "\n";
}

std::string traffic(std::uint64_t datagrams, std::uint64_t octets) {
  return fmt::format("{} ({})", datagrams, tools::human_size(octets));
}

std::string table(const std::vector<plait::Device>& devices) {
  tools::Table table({{"DEVICE"},
                      {"PORT", Align::right},
                      {"LANES", Align::right},
                      {"WINDOW", Align::right},
                      {"MTU", Align::right},
                      {},
                      {"DSCP", Align::right},
                      {"CARRIER"},
                      {"STRANDS", Align::right},
                      {"PREFIXES", Align::right}});
  for (const auto& device : devices) {
    table.add({device.name, device.port == 0 ? "" : std::to_string(device.port),
               std::to_string(device.lanes), std::to_string(device.window),
               std::to_string(device.mtu), device.mtu_fixed ? "fixed" : "follows path",
               to_string(device.dscp), device.carrier ? "up" : "down",
               std::to_string(device.strands), std::to_string(device.prefixes)});
  }
  return devices.empty() ? "" : table.to_string();
}

std::string table(const std::vector<plait::Strand>& strands, const NameOf& device_name,
                  const NameOf& link_name) {
  tools::Table table({{"DEVICE"},
                      {"ID", Align::right},
                      {"LOCAL"},
                      {"REMOTE"},
                      {"LINK"},
                      {"PATH MTU", Align::right},
                      {"FWMARK", Align::right},
                      {"FRAGMENT"},
                      {"SENT", Align::right},
                      {"ACCEPTED", Align::right},
                      {"COPIES", Align::right},
                      {"SPOILT", Align::right}});
  for (const auto& strand : strands) {
    table.add(
        {device_name(strand.id.ifindex), std::to_string(strand.id.id),
         strand.local ? endpoint(*strand.local, strand.port) : fmt::format("*:{}", strand.port),
         endpoint(strand.remote, strand.remote_port),
         strand.link == 0 ? "any" : link_name(strand.link),
         strand.path_mtu == 0 ? "" : std::to_string(strand.path_mtu),
         strand.fwmark == 0 ? "" : fmt::format("{:#x}", strand.fwmark),
         strand.fragment ? "on" : "off", traffic(strand.tx_datagrams, strand.tx_bytes),
         traffic(strand.rx_datagrams, strand.rx_bytes), std::to_string(strand.rx_copies),
         std::to_string(strand.rx_failures)});
  }
  return strands.empty() ? "" : table.to_string();
}

std::string table(const std::vector<plait::Key>& keys, const NameOf& device_name) {
  tools::Table table({{"DEVICE"},
                      {"SESSION", Align::right},
                      {"EPOCH", Align::right},
                      {"TRANSMIT"},
                      {"CIPHER"},
                      {"LOCAL INDEX"},
                      {"REMOTE INDEX"},
                      {"PEER LANES", Align::right},
                      {"TX COUNTER", Align::right},
                      {"SEALED", Align::right},
                      {"SOFT LIMIT", Align::right},
                      {"HARD LIMIT", Align::right},
                      {"OPEN FAILURES", Align::right},
                      {"DRIVER"}});
  for (const auto& key : keys) {
    table.add({device_name(key.id.ifindex), std::to_string(key.id.session),
               std::to_string(key.id.epoch), std::string(to_string(key.activation)),
               std::string(to_string(key.cipher)), fmt::format("{:#010x}", key.local_index),
               fmt::format("{:#010x}", key.remote_index), std::to_string(key.peer_lanes),
               std::to_string(key.tx_counter), tools::human_count(key.sealed),
               tools::human_count(key.soft_limit), tools::human_count(key.hard_limit),
               std::to_string(key.open_failures), key.driver});
  }
  return keys.empty() ? "" : table.to_string();
}

std::string table(const std::vector<plait::DevicePrefix>& prefixes, const NameOf& device_name) {
  tools::Table table({{"DEVICE"}, {"PREFIX"}});
  for (const auto& entry : prefixes) {
    table.add({device_name(entry.ifindex), entry.prefix.to_string()});
  }
  return prefixes.empty() ? "" : table.to_string();
}

std::string stats_table(const plait::Device& device, bool with_zeros) {
  tools::Table table({{"COUNTER"}, {"VALUE", Align::right}, {"KIND"}, {"MEANING"}});
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
  return dump_each(devices, [](const auto& device) { return to_json(device); });
}

std::string view(const std::vector<plait::Strand>& strands, const NameOf& device_name,
                 const NameOf& link_name, Format format) {
  if (format == Format::table) {
    return table(strands, device_name, link_name);
  }
  return dump_each(strands,
                   [&](const auto& strand) { return to_json(strand, device_name, link_name); });
}

std::string view(const std::vector<plait::Key>& keys, const NameOf& device_name, Format format) {
  if (format == Format::table) {
    return table(keys, device_name);
  }
  return dump_each(keys, [&](const auto& key) { return to_json(key, device_name); });
}

std::string view(const std::vector<plait::DevicePrefix>& prefixes, const NameOf& device_name,
                 Format format) {
  if (format == Format::table) {
    return table(prefixes, device_name);
  }
  return dump_each(prefixes, [&](const auto& entry) -> Json {
    return {{"ifindex", entry.ifindex},
            {"device", device_name(entry.ifindex)},
            {"prefix", entry.prefix.to_string()}};
  });
}

std::string view_stats(const std::vector<plait::Device>& devices, bool with_zeros, Format format) {
  if (format == Format::json) {
    return dump_each(devices, [](const auto& device) { return stats_json(device); });
  }
  std::string text;
  for (const auto& device : devices) {
    text += stats_table(device, with_zeros);
  }
  return text;
}

}  // namespace plaitctl
