// SPDX-License-Identifier: GPL-2.0
// Files below /proc, rtnetlink, and libplait.
#include "host.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "commit.hpp"

namespace plaitbench {
namespace {

std::string text_of_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Of this thread's network namespace: /proc/net is that of the process's first thread.
std::string net_file(const char* name) {
  return text_of_file(std::string("/proc/thread-self/net/") + name);
}

std::string first_line(const std::string& path) {
  const auto text = text_of_file(path);
  return text.substr(0, text.find('\n'));
}

std::string cpu_model() {
  std::istringstream lines(text_of_file("/proc/cpuinfo"));
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

const tools::Link* find_link(const std::vector<tools::Link>& links, std::uint32_t ifindex) {
  const auto found = std::ranges::find(links, ifindex, &tools::Link::ifindex);
  return found == links.end() ? nullptr : &*found;
}

}  // namespace

tools::Link device_to(const plait::Address& peer, const std::optional<std::string>& wanted) {
  const auto way = tools::way({.to = peer, .from = {}, .ifindex = 0, .fwmark = 0});
  const auto links = tools::links();
  const auto* link = find_link(links, way.ifindex);
  if (way.error != 0 || link == nullptr) {
    throw std::runtime_error(fmt::format("no route to {}: {} (see ip route get {})",
                                         peer.to_string(), std::strerror(way.error),
                                         peer.to_string()));
  }
  if (wanted && link->name != *wanted) {
    throw std::runtime_error(fmt::format(
        "{} is routed by {}, not by {}: give an address that is behind {} (ip route get {}), or "
        "leave --dev away to measure {}",
        peer.to_string(), link->name, *wanted, *wanted, peer.to_string(), link->name));
  }
  return *link;
}

Host::Host(tools::Link device) : device_(std::move(device)) {
  if (device_.kind != "plait") return;
  client_.emplace();
  for (const auto& strand : client_->strand_list(device_.ifindex)) {
    const auto way = tools::way({.to = strand.remote,
                                 .from = strand.local,
                                 .ifindex = strand.link,
                                 .fwmark = strand.fwmark});
    // Where it was made, not here, the strands' routes are.
    underlays_.push_back(way.error == 0 && !device_.underlay_elsewhere ? way.ifindex : 0);
  }
}

Json Host::describe_device() {
  Json json{{"name", device_.name},
            {"kind", device_.kind.empty() ? Json() : Json(device_.kind)},
            {"mtu", device_.mtu}};
  if (!client_) return json;
  const auto device = client_->device_get(device_.name);
  json["lanes"] = device.lanes;
  json["window"] = device.window;
  json["dscp"] = to_string(device.dscp);
  json["mtu_fixed"] = device.mtu_fixed;
  json["cipher"] = nullptr;
  try {
    for (const auto& key : client_->key_list(device_.ifindex)) {
      if (key.activation != plait::Activation::active) continue;
      json["cipher"] = to_string(key.cipher);
      json["driver"] = key.driver;
    }
  } catch (const plait::NotPermitted&) {
    json["cipher"] = nullptr;  // keys, even their cipher, are not for everybody to see
  }
  json["strands"] = Json::array();
  const auto links = tools::links();
  for (const auto& strand : client_->strand_list(device_.ifindex)) {
    const auto at = json["strands"].size();
    const auto* link = at < underlays_.size() ? find_link(links, underlays_[at]) : nullptr;
    json["strands"].push_back({{"id", strand.id.id},
                               {"path_mtu", strand.path_mtu},
                               {"underlay", link == nullptr ? Json() : Json(link->name)}});
  }
  return json;
}

Json Host::describe() {
  utsname system{};
  uname(&system);
  const auto module = first_line("/sys/module/plait/srcversion");
  return {{"name", system.nodename},
          {"release", system.release},
          {"machine", system.machine},
          {"plaitbench", PLAIT_VERSION},
          {"commit", std::strlen(PLAIT_COMMIT) == 0 ? Json() : Json(PLAIT_COMMIT)},
          {"cpus", std::thread::hardware_concurrency()},
          {"cpu", cpu_model()},
          {"module", module.empty() ? Json() : Json(module)},
          {"device", describe_device()}};
}

void Host::add_plait_counters(Counters& counters) {
  for (const auto& entry : client_->device_get(device_.name).stats.entries()) {
    counters.push_back({.where = device_.name,
                        .name = entry.name,
                        .meaning = entry.meaning,
                        .drop = entry.kind != plait::CounterKind::event &&
                                entry.kind != plait::CounterKind::unknown,
                        .value = entry.value});
  }
  for (const auto& strand : client_->strand_list(device_.ifindex)) {
    const auto where = fmt::format("{} strand {}", device_.name, strand.id.id);
    const auto add = [&](const char* name, std::uint64_t value) {
      counters.push_back(
          {.where = where, .name = name, .meaning = {}, .drop = false, .value = value});
    };
    add("tx_datagrams", strand.tx_datagrams);
    add("rx_datagrams", strand.rx_datagrams);
    add("rx_copies", strand.rx_copies);
    add("rx_failures", strand.rx_failures);
  }
}

void Host::add_link_counters(Counters& counters) const {
  const auto links = tools::links();
  std::set<std::uint32_t> looked(underlays_.begin(), underlays_.end());
  looked.insert(device_.ifindex);
  for (const auto ifindex : looked) {
    const auto* link = find_link(links, ifindex);
    if (link == nullptr) continue;
    // A plait device's own drops have been told by reason already.
    const bool drop = !(client_ && ifindex == device_.ifindex);
    const auto add = [&](const char* name, bool is_drop, std::uint64_t value) {
      counters.push_back(
          {.where = link->name, .name = name, .meaning = {}, .drop = is_drop, .value = value});
    };
    add("rx_packets", false, link->rx_packets);
    add("tx_packets", false, link->tx_packets);
    add("rx_errors", drop, link->rx_errors);
    add("tx_errors", drop, link->tx_errors);
    add("rx_dropped", drop, link->rx_dropped);
    add("tx_dropped", drop, link->tx_dropped);
  }
}

Counters Host::counters() {
  Counters counters;
  if (client_) add_plait_counters(counters);
  add_link_counters(counters);
  std::ranges::move(parse_udp_counters(net_file("snmp"), net_file("snmp6")),
                    std::back_inserter(counters));
  counters.push_back(parse_backlog_drops(net_file("softnet_stat")));
  return counters;
}

HostWatch::HostWatch(Host& host)
    : host_(host),
      before_(host.counters()),
      cpu_before_(parse_cpu_times(text_of_file("/proc/stat"))) {}

void HostWatch::stop_cpu() {
  if (!cpu_) cpu_ = cpu_use(cpu_before_, parse_cpu_times(text_of_file("/proc/stat")));
}

HostUse HostWatch::use() {
  stop_cpu();
  return {.cpu = *cpu_, .moved = moved(before_, host_.counters())};
}

}  // namespace plaitbench
