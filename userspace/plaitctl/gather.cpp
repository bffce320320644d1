// SPDX-License-Identifier: GPL-2.0
// Everything that plaitctl doctor looks at; it changes nothing.
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

// One counter of /proc/net/netstat, where a line of names stands over a line of values.
std::uint64_t netstat(const std::string& section, const std::string& name) {
  std::ifstream file("/proc/net/netstat");
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

std::uint64_t reverse_path_drops() {
  return netstat("TcpExt", "IPReversePathFilter");
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
  std::vector<Link> links = plaitctl::links();
  std::vector<LocalAddress> addresses = plaitctl::addresses();
  std::vector<Route> routes = plaitctl::routes();

  [[nodiscard]] std::optional<Link> link(std::uint32_t ifindex) const {
    const auto found = std::ranges::find(links, ifindex, &Link::ifindex);
    return found == links.end() ? std::nullopt : std::optional(*found);
  }
  [[nodiscard]] std::optional<Link> link(const std::string& name) const {
    const auto found = std::ranges::find(links, name, &Link::name);
    return found == links.end() ? std::nullopt : std::optional(*found);
  }
  [[nodiscard]] bool has(const plait::Address& address) const {
    return std::ranges::find(addresses, address, &LocalAddress::address) != addresses.end();
  }
};

Facts::Path path(const plait::Strand& strand, const Host& host) {
  Facts::Path path;
  path.strand = {.before = strand, .after = strand};
  path.way = way(
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

}  // namespace

std::vector<Facts> gather(const std::optional<std::string>& device,
                          std::chrono::milliseconds time) {
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
  std::vector<Facts> all;
  if (device) {
    all.push_back(common);
    all.back().device = *device;
    all.back().link = host.link(*device);
  } else {
    for (const auto& link : host.links) {
      if (link.kind == "plait") {
        all.push_back(common);
        all.back().device = link.name;
        all.back().link = link;
      }
    }
  }
  if (all.empty() && !common.loaded) {
    all.push_back(common);
  }
  if (!client) {
    return all;
  }

  const auto is_plait = [](const Facts& facts) {
    return facts.link && facts.link->kind == "plait";
  };
  for (auto& facts : all) {
    if (!is_plait(facts)) continue;
    facts.nftables = nftables();
    ask(facts, [&] {
      look_below(facts, *client, host);
      look_above(facts, host);
      facts.reverse_path_drops.before = reverse_path_drops();
      facts.state.before = client->device_get(facts.device);
    });
  }
  if (!std::ranges::any_of(all, is_plait)) {
    return all;
  }
  const auto begin = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(time);
  for (auto& facts : all) {
    if (!is_plait(facts)) continue;
    facts.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    ask(facts, [&] {
      facts.state.after = client->device_get(facts.device);
      facts.reverse_path_drops.after = reverse_path_drops();
      for (auto& one : facts.paths) {
        one.strand.after = client->strand_get(one.strand.before.id);
      }
    });
  }
  return all;
}

}  // namespace plaitctl
