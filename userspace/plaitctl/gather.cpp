// SPDX-License-Identifier: GPL-2.0
// Everything that plaitctl doctor looks at; it changes nothing, and sends nothing but what --probe
// asks for.
#include "gather.hpp"

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include "plait/client.hpp"

namespace plaitctl {
namespace {

namespace fs = std::filesystem;

// Effective capabilities, from /proc/self/status.
bool has_net_admin() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word == "CapEff:") {
      std::uint64_t set = 0;
      status >> std::hex >> set;
      return (set >> CAP_NET_ADMIN & 1) != 0;
    }
  }
  return false;
}

std::string kernel_release() {
  utsname name{};
  return uname(&name) == 0 ? std::string(name.release) : std::string();
}

// A plait.ko, packed or not, anywhere among the running kernel's modules.
bool has_module_file(const std::string& kernel) {
  std::error_code error;
  const fs::recursive_directory_iterator files("/lib/modules/" + kernel, error);
  return std::any_of(begin(files), end(files), [](const fs::directory_entry& file) {
    return file.path().filename().string().starts_with("plait.ko");
  });
}

int sysctl(const std::string& name) {
  int value = 0;
  std::ifstream("/proc/sys/" + name) >> value;
  return value;
}

// One counter of a file like /proc/net/netstat, where a line of names stands over a line of values.
std::uint64_t counter(const std::string& path, const std::string& section,
                      const std::string& name) {
  std::ifstream file(path);
  std::string names;
  std::string values;
  while (std::getline(file, names) && std::getline(file, values)) {
    std::istringstream name_words(names);
    std::istringstream value_words(values);
    std::string word;
    std::string value;
    name_words >> word;
    value_words >> value;
    if (word != section + ":") continue;
    while (name_words >> word && value_words >> value) {
      if (word == name) return std::stoull(value);
    }
  }
  return 0;
}

using When = std::uint64_t Facts::Twice<std::uint64_t>::*;

// The namespace's own counters, before or after.
void look_at_counters(Facts& facts, When when) {
  facts.reverse_path_drops.*when = counter("/proc/net/netstat", "TcpExt", "IPReversePathFilter");
  facts.not_forwarded.*when = counter("/proc/net/snmp", "Ip", "InAddrErrors");
  facts.without_route.*when = counter("/proc/net/netstat", "IpExt", "InNoRoutes");
}

// The state of whom a strand's datagrams go to first; 0 if nobody was asked for.
std::uint16_t next_hop(const Facts::Path& path, const std::vector<tools::Neighbour>& neighbours) {
  const auto& address = path.way.gateway ? *path.way.gateway : path.strand.before.remote;
  const auto found = std::ranges::find_if(neighbours, [&](const tools::Neighbour& one) {
    return one.ifindex == path.way.ifindex && one.address == address;
  });
  return found == neighbours.end() ? 0 : found->state;
}

// What nft says of this namespace; empty if there is no nft or it may not say.
std::string nftables() {
  struct Close {
    void operator()(FILE* pipe) const { (void)pclose(pipe); }
  };
  // A constant command line: nothing of it comes from outside.
  // NOLINTNEXTLINE(cert-env33-c)
  FILE* const opened = popen("PATH=$PATH:/usr/sbin:/sbin nft list ruleset 2>/dev/null", "re");
  const std::unique_ptr<FILE, Close> pipe(opened);
  std::string text;
  std::array<char, 4096> part{};
  std::size_t length = 0;
  while (pipe && (length = fread(part.data(), 1, part.size(), pipe.get())) > 0) {
    text.append(part.data(), length);
  }
  return text;
}

// The kernel's networking as it is now.
struct Host {
  std::vector<tools::Link> links = tools::links();
  std::vector<tools::LocalAddress> addresses = tools::addresses();
  std::vector<tools::Route> routes = tools::routes();

  [[nodiscard]] std::optional<tools::Link> link(std::uint32_t ifindex) const {
    const auto found = std::ranges::find(links, ifindex, &tools::Link::ifindex);
    return found == links.end() ? std::nullopt : std::optional(*found);
  }
  [[nodiscard]] std::optional<tools::Link> link(const std::string& name) const {
    const auto found = std::ranges::find(links, name, &tools::Link::name);
    return found == links.end() ? std::nullopt : std::optional(*found);
  }
  [[nodiscard]] bool has(const plait::Address& address) const {
    return std::ranges::find(addresses, address, &tools::LocalAddress::address) != addresses.end();
  }
};

Facts::Path path(const plait::Strand& strand, const Host& host) {
  Facts::Path path;
  path.strand = {.before = strand, .after = strand};
  path.way = tools::way(
      {.to = strand.remote, .from = strand.local, .ifindex = strand.link, .fwmark = strand.fwmark});
  path.local_here = !strand.local || host.has(*strand.local);
  path.link = host.link(path.way.ifindex);
  return path;
}

void look_below(Facts& facts, plait::Client& client, const Host& host) {
  for (const auto& strand : client.strand_list(facts.link->ifindex)) {
    facts.paths.push_back(path(strand, host));
  }
  try {
    facts.keys = client.key_list(facts.link->ifindex);
  } catch (const plait::NotPermitted&) {
    facts.keys_known = false;
  }
  for (const auto& entry : client.prefix_list(facts.link->ifindex)) {
    facts.prefixes.push_back(entry.prefix);
  }
}

void look_above(Facts& facts, const Host& host) {
  for (const auto& own : host.addresses) {
    const plait::Prefix link_local(plait::Address::parse("fe80::"), 10);
    if (own.ifindex == facts.link->ifindex && !link_local.contains(own.address)) {
      facts.addresses.push_back(own.address);
    }
  }
  for (const auto& route : host.routes) {
    if (route.ifindex == facts.link->ifindex) {
      facts.routes.push_back(route.destination);
    }
  }
  facts.rp_filter = std::max(sysctl("net/ipv4/conf/" + facts.device + "/rp_filter"),
                             sysctl("net/ipv4/conf/all/rp_filter"));
  facts.forwards = sysctl("net/ipv4/conf/" + facts.device + "/forwarding") != 0;
}

bool is_plait(const Facts& facts) {
  return facts.link && facts.link->kind == "plait";
}

// Calls use(facts, path) for each strand whose underlay is in this namespace.
template <typename Use>
void each_path(std::vector<Facts>& all, Use use) {
  for (auto& facts : all) {
    if (!is_plait(facts) || facts.link->underlay_elsewhere) continue;
    for (auto& path : facts.paths)
      use(facts, path);
  }
}

Endpoint remote_of(const plait::Strand& strand) {
  return {.address = strand.remote, .port = strand.remote_port};
}

// Of every device, as several may have the same port.
std::vector<Line> lines_of(plait::Client& client) {
  std::vector<Line> lines;
  try {
    for (const auto& strand : client.strand_list())
      lines.push_back({.port = strand.port, .remote = remote_of(strand)});
  } catch (const plait::Error&) {
    lines.clear();  // they change right now
  }
  return lines;
}

// What was overheard, to the strands that it is about.
void tell_paths(std::vector<Facts>& all, const Overheard& heard, const Host& host) {
  each_path(all, [&](const Facts& facts, Facts::Path& path) {
    const auto& strand = path.strand.before;
    for (const auto& bounce : heard.bounces) {
      const bool sent_here =
          bounce.port == strand.port || (path.probe && bounce.port == path.probe->port);
      if (sent_here && bounce.to == remote_of(strand)) {
        const bool own = host.has(bounce.from) && bounce.from != strand.remote;
        (own ? path.own : path.bounces).push_back(bounce);
      }
    }
    for (const auto& arrival : heard.arrivals) {
      const auto is_ours = [&](const plait::Key& key) { return key.local_index == arrival.index; };
      if (arrival.port != strand.port || std::ranges::none_of(facts.keys, is_ours)) continue;
      auto source = std::ranges::find(path.elsewhere, arrival.from, &Facts::Source::from);
      if (source == path.elsewhere.end()) {
        source = path.elsewhere.insert(source, {.from = arrival.from});
      }
      source->count++;
    }
  });
}

void probe_paths(std::vector<Facts>& all, const Host& host) {
  std::vector<plait::Strand> strands;
  std::vector<std::string> links;
  each_path(all, [&](const Facts&, const Facts::Path& path) {
    const auto& strand = path.strand.before;
    strands.push_back(strand);
    const auto link = host.link(strand.link);
    links.push_back(link ? link->name : "");
  });
  const auto probes = probe(strands, links);
  std::size_t i = 0;
  each_path(all, [&](const Facts&, Facts::Path& path) { path.probe = probes[i++]; });
}

// Runs an inquiry; what the module refuses is kept as its words.
template <typename Inquiry>
void ask(Facts& facts, Inquiry inquiry) {
  try {
    inquiry();
  } catch (const plait::Error& error) {
    facts.refusal = error.what();
  }
}

// What can be said of a device before anything is watched; of all plait devices if none is named.
std::vector<Facts> begin(const std::optional<std::string>& device, const Facts& common,
                         const Host& host) {
  std::vector<Facts> all;
  for (const auto& link : host.links) {
    if (device ? link.name == *device : link.kind == "plait") {
      all.push_back(common);
      all.back().device = link.name;
      all.back().link = link;
    }
  }
  if (all.empty() && (device || !common.loaded)) {
    all.push_back(common);
    all.back().device = device.value_or("");
  }
  return all;
}

void look_before(Facts& facts, plait::Client& client, const Host& host,
                 const std::vector<tools::Neighbour>& neighbours) {
  facts.nftables = nftables();
  ask(facts, [&] {
    look_below(facts, client, host);
    look_above(facts, host);
    look_at_counters(facts, &Facts::Twice<std::uint64_t>::before);
    for (auto& path : facts.paths)
      path.next_hop.before = next_hop(path, neighbours);
    facts.state.before = client.device_get(facts.device);
  });
}

void look_after(Facts& facts, plait::Client& client,
                const std::vector<tools::Neighbour>& neighbours) {
  ask(facts, [&] {
    facts.state.after = client.device_get(facts.device);
    look_at_counters(facts, &Facts::Twice<std::uint64_t>::after);
    for (auto& path : facts.paths) {
      path.strand.after = client.strand_get(path.strand.before.id);
      path.next_hop.after = next_hop(path, neighbours);
    }
  });
}

}  // namespace

std::vector<Facts> gather(const std::optional<std::string>& device, std::chrono::milliseconds time,
                          bool probe) {
  Facts common;
  common.kernel = kernel_release();
  common.permitted = has_net_admin();
  std::optional<plait::Client> client;
  try {
    client.emplace();
    common.loaded = true;
  } catch (const plait::NotLoaded&) {
    common.module_file = has_module_file(common.kernel);
  }
  const Host host;
  auto all = begin(device, common, host);
  if (!client || std::ranges::none_of(all, is_plait)) {
    return all;
  }

  const auto neighbours_before = tools::neighbours();
  for (auto& facts : all) {
    if (is_plait(facts)) look_before(facts, *client, host, neighbours_before);
  }
  const Ears ears(lines_of(*client));
  const auto begin = std::chrono::steady_clock::now();
  if (probe) probe_paths(all, host);
  std::this_thread::sleep_until(begin + time);
  const auto neighbours_after = tools::neighbours();
  for (auto& facts : all) {
    if (!is_plait(facts)) continue;
    facts.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    facts.deafness = ears.deafness();
    look_after(facts, *client, neighbours_after);
  }
  tell_paths(all, ears.collect(), host);
  return all;
}

}  // namespace plaitctl
