// SPDX-License-Identifier: GPL-2.0
// From facts to findings about the state: module, device, strand, keys, the network below and
// above. What counters tell is in symptoms.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "doctor.hpp"
#include "reach.hpp"
#include "symptoms.hpp"
#include "table.hpp"

namespace plaitctl {
namespace {

using Findings = std::vector<Finding>;
using plait::Activation;

// What each outer packet has besides the inner one: IP and UDP header, and what the device's MTU
// reserves for plait's own (docs/protocol.md).
std::uint32_t overhead(const plait::Strand& strand) {
  constexpr std::uint32_t ipv4 = 20;
  constexpr std::uint32_t ipv6 = 40;
  constexpr std::uint32_t udp = 8;
  constexpr std::uint32_t plait = 64;
  return (strand.remote.is_ipv6() ? ipv6 : ipv4) + udp + plait;
}

std::string name_of(const plait::Key& key) {
  return fmt::format("session {} epoch {}", key.id.session, key.id.epoch);
}

// Module and device: if this finds anything, nothing else can be said.
Findings presence(const Facts& facts) {
  const auto& device = facts.device;
  if (!facts.loaded) {
    return {{"module", "The module plait is not loaded.",
             "the kernel has no generic netlink family \"plait\"",
             facts.module_file
                 ? "modprobe plait"
                 : fmt::format("there is no plait.ko for Linux {} in /lib/modules: build and "
                               "install it (./run install in plait's source), then modprobe plait",
                               facts.kernel)}};
  }
  if (!facts.link) {
    return {{"device", fmt::format("There is no interface {} in this network namespace.", device),
             "the kernel lists no interface of that name",
             fmt::format("ip link add {} type plait local ADDR remote ADDR port 7777; or look for "
                         "it elsewhere: ip -all netns exec plaitctl device",
                         device)}};
  }
  if (facts.link->kind != "plait") {
    return {{"kind", fmt::format("{} is no plait device.", device),
             facts.link->kind.empty() ? std::string("it is no virtual interface")
                                      : fmt::format("it is of kind {}", facts.link->kind),
             "plaitctl device shows those that are"}};
  }
  if (!facts.refusal.empty()) {
    return {{"refused", fmt::format("The module does not tell of {}.", device), facts.refusal,
             facts.permitted ? "dmesg may say why" : "try as root: CAP_NET_ADMIN is needed"}};
  }
  return {};
}

Findings device_state(const Facts& facts) {
  if (facts.link->up) {
    return {};
  }
  return {{"down", "The device is down.", fmt::format("{} is not up", facts.device),
           fmt::format("ip link set {} up", facts.device)}};
}

Findings strands(const Facts& facts) {
  if (!facts.paths.empty()) {
    return {};
  }
  return {{"no-strand", "The device has no strand: it knows no peer.",
           "plaitctl strand shows none of it",
           fmt::format("plaitctl strand add {} remote ADDR port 7777", facts.device)}};
}

Finding key_spent(const Facts& facts, const plait::Key& key) {
  return {"key-limit", "The key that transmit uses is used up.",
          fmt::format("{}: {} datagrams sealed, the limit is {}", name_of(key),
                      tools::human_count(key.sealed), tools::human_count(key.hard_limit)),
          fmt::format("install the next epoch on both ends, with fresh keys: plaitctl key new {} "
                      "session {} epoch {} ...",
                      facts.device, key.id.session, key.id.epoch + 1)};
}

Finding nothing_sends(const Facts& facts) {
  const auto waits = std::ranges::find(facts.keys, Activation::on_receipt, &plait::Key::activation);
  if (waits != facts.keys.end()) {
    return {"on-receipt", "No key is sent with yet: this end waits for the peer to begin.",
            fmt::format("{} waits for the first datagram on it", name_of(*waits)),
            fmt::format("one end must begin; if the peer waits too: plaitctl key set {} session {} "
                        "epoch {} active",
                        facts.device, waits->id.session, waits->id.epoch)};
  }
  const auto& key = facts.keys.back();
  return {"no-active-key", "Keys are installed, but none is sent with.",
          fmt::format("{} is inactive", name_of(key)),
          fmt::format("plaitctl key set {} session {} epoch {} active", facts.device,
                      key.id.session, key.id.epoch)};
}

Findings keys(const Facts& facts) {
  if (!facts.keys_known) {
    return {};  // remarks() says so
  }
  if (facts.keys.empty()) {
    return {{"no-key", "No key is installed.", "plaitctl key shows none of it",
             fmt::format("make two keys (plaitctl genkey), bring them to both ends, and install "
                         "them: plaitctl key new {} ..., see plaitctl(8)",
                         facts.device)}};
  }
  const auto active = std::ranges::find(facts.keys, Activation::active, &plait::Key::activation);
  if (active == facts.keys.end()) {
    return {nothing_sends(facts)};
  }
  if (active->hard_limit != 0 && active->sealed >= active->hard_limit) {
    return {key_spent(facts, *active)};
  }
  return {};
}

// With a strand and a key there should be a carrier.
Findings carrier(const Facts& facts, bool explained) {
  if (explained || facts.link->carrier) {
    return {};
  }
  if (!facts.keys_known) {
    return {{"no-carrier", "The device has no carrier: a key is lacking, most likely.",
             fmt::format("{} is up and its carrier is off", facts.device),
             "plaitctl key, as root"}};
  }
  return {{"no-carrier", "The device has no carrier, though it has strand and key.",
           fmt::format("{} is up and its carrier is off", facts.device),
           "dmesg may say why; plaitctl monitor tells when it changes"}};
}

Findings local_address(const Facts& facts, const Facts::Path& path) {
  const auto& strand = path.strand.after;
  if (!strand.local || path.local_here) {
    return {};
  }
  return {{"local-address", "The strand's own address is not on this host.",
           fmt::format("no interface has {}", strand.local->to_string()),
           fmt::format("ip addr add {}/LEN dev IF, or plaitctl strand set {} local ADDR",
                       strand.local->to_string(), facts.device)}};
}

Findings route_below(const Facts& facts, const Facts::Path& path) {
  const auto& strand = path.strand.after;
  const auto remote = strand.remote.to_string();
  if (path.way.error != 0) {
    return {{"no-route", "There is no route to the peer.",
             fmt::format("ip route get {}{}: {}", remote,
                         strand.fwmark == 0 ? "" : fmt::format(" mark {:#x}", strand.fwmark),
                         std::strerror(path.way.error)),
             fmt::format("ip route add {} via GATEWAY", remote)}};
  }
  if (path.way.ifindex == facts.link->ifindex) {
    return {{"route-loop", "The route to the peer leads through the tunnel itself.",
             fmt::format("ip route get {} says dev {}", remote, facts.device),
             fmt::format("give the peer a route of its own: ip route add {} via GATEWAY dev IF; or "
                         "a mark and a table: plaitctl strand set {} fwmark N, ip rule add fwmark "
                         "N table T",
                         remote, facts.device)}};
  }
  if (path.link && (!path.link->up || !path.link->carrier)) {
    return {{"underlay-down", "The interface below the tunnel does not work.",
             fmt::format("{}, where the route to {} leads, {}", path.link->name, remote,
                         path.link->up ? "has no carrier" : "is down"),
             path.link->up ? "look at the cable or at what it is connected to"
                           : fmt::format("ip link set {} up", path.link->name)}};
  }
  return {};
}

Findings mtu(const Facts& facts, const Facts::Path& path) {
  const auto& strand = path.strand.after;
  const auto& device = facts.state.after;
  const auto outer = device.mtu + overhead(strand);
  if (!device.mtu_fixed || strand.fragment || strand.path_mtu == 0 || outer <= strand.path_mtu) {
    return {};
  }
  return {{"mtu", "The device's MTU is larger than the path allows: large packets get lost.",
           fmt::format("MTU {} makes outer packets of {} octets, the path takes {}", device.mtu,
                       outer, strand.path_mtu),
           fmt::format("ip link set {} mtu {}, or plaitctl strand set {} fragment on", facts.device,
                       strand.path_mtu - overhead(strand), facts.device)}};
}

Findings underlay(const Facts& facts) {
  Findings found;
  if (facts.link->underlay_elsewhere) {
    return found;  // remarks() says so
  }
  for (const auto& path : facts.paths) {
    const auto before = found.size();
    for (const auto check : {local_address, route_below}) {
      std::ranges::move(check(facts, path), std::back_inserter(found));
    }
    if (found.size() == before) {
      std::ranges::move(reach(facts, path), std::back_inserter(found));
    }
    std::ranges::move(mtu(facts, path), std::back_inserter(found));
  }
  return found;
}

// Packets that came out of the tunnel and could go no further. The kernel counts those of the whole
// namespace.
Findings lost_above(const Facts& facts) {
  Findings found;
  if (moved_by(facts, "rx_datagrams") == 0) {
    return found;
  }
  if (const auto n = facts.not_forwarded.after - facts.not_forwarded.before;
      !facts.forwards && facts.not_forwarded.after > facts.not_forwarded.before) {
    found.push_back(
        {"not-forwarded", "Packets for other addresses than this host's arrive.",
         fmt::format("IpInAddrErrors rose by {}, and forwarding is off for {}", n, facts.device),
         fmt::format("if they are for this host: ip addr add ADDR/LEN dev {}; if for "
                     "hosts behind it: sysctl -w net.ipv4.ip_forward=1",
                     facts.device)});
  }
  if (const auto n = facts.without_route.after - facts.without_route.before;
      facts.without_route.after > facts.without_route.before) {
    found.push_back({"no-inner-route", "Packets arrive that no route leads further.",
                     fmt::format("IpExtInNoRoutes rose by {}", n),
                     fmt::format("see which: tcpdump -ni {}; then ip route add PREFIX via GATEWAY",
                                 facts.device)});
  }
  return found;
}

// What hosts on this side find of the tunnel: addresses and routes.
Findings inner_side(const Facts& facts) {
  Findings found;
  if (facts.addresses.empty() && facts.routes.empty()) {
    found.push_back({"no-inner-address", "Nothing leads into the tunnel.",
                     fmt::format("{} has no address, and no route leads to it", facts.device),
                     fmt::format("ip addr add 10.7.0.1/24 dev {}, and routes for what is behind "
                                 "the peer",
                                 facts.device)});
  }
  for (const auto& route : facts.routes) {
    const bool multicast_or_local =
        route.contains(plait::Address::parse("fe80::1")) && !route.is_everything();
    if (!multicast_or_local && std::ranges::none_of(facts.prefixes, [&](const auto& prefix) {
          return prefix.overlaps(route);
        })) {
      found.push_back({"prefix", "Answers from where a route leads are not allowed in.",
                       fmt::format("{} is routed into {}, and no allowed prefix has any of it",
                                   route.to_string(), facts.device),
                       fmt::format("plaitctl prefix add {} {}", facts.device, route.to_string())});
    }
  }
  std::ranges::move(lost_above(facts), std::back_inserter(found));
  const auto& drops = facts.reverse_path_drops;
  if (facts.rp_filter == 1 && drops.after > drops.before) {
    found.push_back(
        {"rp-filter", "Packets are dropped as their sender's address is routed elsewhere.",
         fmt::format("rp_filter is 1 (strict) for {}, and TcpExtIPReversePathFilter rose by {}",
                     facts.device, drops.after - drops.before),
         fmt::format("route what is behind the peer into {0}, or sysctl -w "
                     "net.ipv4.conf.{0}.rp_filter=2 net.ipv4.conf.all.rp_filter=2",
                     facts.device)});
  }
  return found;
}

}  // namespace

std::vector<Finding> diagnose(const Facts& facts) {
  Findings found = presence(facts);
  if (!found.empty()) {
    return found;
  }
  for (const auto check : {device_state, strands, keys}) {
    std::ranges::move(check(facts), std::back_inserter(found));
  }
  std::ranges::move(carrier(facts, !found.empty()), std::back_inserter(found));
  std::ranges::move(underlay(facts), std::back_inserter(found));
  // What the state explains, its counters need not tell once more.
  std::ranges::move(symptoms(facts, found), std::back_inserter(found));
  std::ranges::move(inner_side(facts), std::back_inserter(found));
  return found;
}

std::vector<std::string> remarks(const Facts& facts) {
  std::vector<std::string> remarks;
  if (!presence(facts).empty()) {
    return remarks;
  }
  if (facts.link->underlay_elsewhere) {
    remarks.emplace_back(
        "the device was made in another network namespace: routes to the peer "
        "and the interface below were not looked at, run doctor there too");
  }
  if (!facts.keys_known) {
    remarks.emplace_back("the module tells of keys only with CAP_NET_ADMIN: run it as root");
  }
  if (!facts.deafness.empty()) {
    remarks.push_back(fmt::format(
        "not all ICMP errors and datagrams that arrive were listened for: {}", facts.deafness));
  }
  if (!moved(facts)) {
    remarks.push_back(
        fmt::format("nothing was sent or received in {:.1f} s: run it while traffic "
                    "is meant to flow, ping for one",
                    facts.seconds));
  }
  if (!facts.link->underlay_elsewhere) {
    for (const auto& path : facts.paths) {
      std::ranges::move(reach_remarks(facts, path), std::back_inserter(remarks));
    }
  }
  if (moved_by(facts, "rx_datagrams") != 0 && moved_by(facts, "tx_datagrams") == 0) {
    remarks.push_back(fmt::format(
        "datagrams are accepted, and nothing is sent back. If answers are wanted: ip route get "
        "ADDR of who asks must say dev {0}; nft list ruleset must let {0} in; plaitctl prefix show "
        "{0} must have who asks (else rx_source counts); and if large packets alone lack: ip link "
        "show {0}, whose mtu should be the same on both ends",
        facts.device));
  }
  for (const auto& key : facts.keys) {
    if (key.activation == Activation::active && key.soft_limit != 0 &&
        key.sealed >= key.soft_limit && key.sealed < key.hard_limit) {
      remarks.push_back(fmt::format(
          "the key of {} nears its limit ({} of {}): install the next "
          "epoch soon",
          name_of(key), tools::human_count(key.sealed), tools::human_count(key.hard_limit)));
    }
  }
  return remarks;
}

}  // namespace plaitctl
