// SPDX-License-Identifier: GPL-2.0
// From neighbours, ICMP errors, sources and probes to findings.
#include "reach.hpp"

#include <fmt/format.h>
#include <linux/neighbour.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "symptoms.hpp"

namespace plaitctl {
namespace {

using Why = Bounce::Why;

std::string remote_of(const plait::Strand& strand) {
  return plait::endpoint(strand.remote, strand.remote_port);
}

std::string text_of(const Endpoint& endpoint) {
  return plait::endpoint(endpoint.address, endpoint.port);
}

std::string times(std::size_t count) {
  return count == 1 ? "once" : fmt::format("{} times", count);
}

// The command that has a strand send somewhere else.
std::string send_to(const Facts& facts, const plait::Strand& strand, const std::string& address,
                    const std::string& port) {
  return fmt::format("plaitctl strand set {}{} remote {} remote-port {}", facts.device,
                     strand.id.id == 0 ? "" : fmt::format(" id {}", strand.id.id), address, port);
}

std::string send_to(const Facts& facts, const plait::Strand& strand, const Endpoint& to) {
  return send_to(facts, strand, to.address.to_string(), std::to_string(to.port));
}

// The neighbour was asked for, and has not answered since. What waits for it may have filled its
// sender's buffer, so that nothing more is sent; what failed may have done so long ago.
bool is_silent(const Facts& facts, const Facts::Path& path) {
  const auto& [before, after] = path.next_hop;
  const bool asks = before == NUD_INCOMPLETE || moved_by(facts, "tx_datagrams") != 0 ||
                    (path.probe && path.probe->sent != 0);
  return (after == NUD_FAILED && asks) ||
         (after == NUD_INCOMPLETE && (before == NUD_FAILED || before == NUD_INCOMPLETE));
}

Finding silent_next_hop(const Facts& facts, const Facts::Path& path) {
  const auto& strand = path.strand.after;
  const auto remote = strand.remote.to_string();
  const auto link = path.link ? path.link->name : std::string("the link");
  const auto* protocol = strand.remote.is_ipv6() ? "neighbour discovery" : "ARP";
  if (path.way.gateway) {
    const auto gateway = path.way.gateway->to_string();
    return {.id = "next-hop",
            .cause = "The gateway on the way to the peer does not answer.",
            .evidence = fmt::format("{} does not answer {} on {}; ip route get {} names it",
                                    gateway, protocol, link, remote),
            .remedy = fmt::format("is that gateway up, and right? ip neigh show {} dev {}; else "
                                  "ip route replace {} via GATEWAY",
                                  gateway, link, remote)};
  }
  return {.id = "next-hop",
          .cause = "No host on the link has the remote's address.",
          .evidence = fmt::format("{} does not answer {} on {}", remote, protocol, link),
          .remedy = fmt::format("is that the peer's address, and is it up? If not: {}; if it is "
                                "not on this link: ip route add {} via GATEWAY",
                                send_to(facts, strand, "ADDR", "P"), remote)};
}

std::size_t count(const Facts::Path& path, Why why) {
  return static_cast<std::size_t>(std::ranges::count(path.bounces, why, &Bounce::why));
}

// The kernel itself says so to the sender when a neighbour has not answered.
bool is_neighbour_lost(const Facts::Path& path) {
  return std::ranges::find(path.own, Why::host, &Bounce::why) != path.own.end();
}

// What is sent goes no further than this host.
bool is_held_back(const Facts::Path& path) {
  return !path.own.empty() || (path.probe && path.probe->send_error == EPERM);
}

Finding held_back(const Facts::Path& path) {
  const auto& strand = path.strand.after;
  return {.id = "own-firewall",
          .cause = "This host itself rejects or drops what is sent to the peer.",
          .evidence = path.own.empty()
                          ? fmt::format("a probe to {}: {}", remote_of(strand),
                                        std::strerror(path.probe->send_error))
                          : fmt::format("its own address {} said {} that {} is unreachable",
                                        path.own.front().from.to_string(), times(path.own.size()),
                                        remote_of(strand)),
          .remedy = fmt::format("nft list ruleset, ip rule: output must accept ip daddr {} udp "
                                "dport {}, and no route may be of type prohibit or unreachable",
                                strand.remote.to_string(), strand.remote_port)};
}

Finding nobody_listens(const Facts& facts, const Facts::Path& path) {
  const auto& strand = path.strand.after;
  const auto found = std::ranges::find(path.bounces, Why::port, &Bounce::why);
  const auto who = found == path.bounces.end() ? strand.remote : found->from;
  const auto bounced = count(path, Why::port);
  return {
      .id = "port-unreachable",
      .cause = who == strand.remote
                   ? "Nobody listens on the peer's port, or a firewall there rejects."
                   : "A firewall on the way to the peer rejects.",
      .evidence = bounced == 0 ? fmt::format("a probe to {} was refused", remote_of(strand))
                               : fmt::format("{} said {} that {} is unreachable (ICMP, port)",
                                             who.to_string(), times(bounced), remote_of(strand)),
      .remedy = "look on the peer, and here at whether that is the peer",
      .steps = {
          fmt::format("plaitctl strand, on the peer: its device must be there and have "
                      "port {} (modprobe plait; plaitctl strand set DEV port {})",
                      strand.remote_port, strand.remote_port),
          fmt::format("here, if peer or port is another: {}", send_to(facts, strand, "ADDR", "P")),
          fmt::format("nft list ruleset, on {}: it must accept udp dport {}", who.to_string(),
                      strand.remote_port)}};
}

struct Refusal {
  Why why;
  const char* cause;
  const char* word;
};
constexpr Refusal refusals[] = {
    {Why::prohibited, "A firewall on the way to the peer rejects.", "prohibited"},
    {Why::network, "A router on the way knows no route to the peer.", "network"},
    {Why::host, "A router on the way does not find the peer.", "host"},
    {Why::time, "Datagrams to the peer go in circles.", "time exceeded"},
};

std::vector<Finding> unreachable(const Facts& facts, const Facts::Path& path) {
  const auto& strand = path.strand.after;
  for (const auto& refusal : refusals) {
    const auto found = std::ranges::find(path.bounces, refusal.why, &Bounce::why);
    if (found == path.bounces.end()) continue;
    const auto from = found->from.to_string();
    const bool by_itself = refusal.why == Why::prohibited && found->from == strand.remote;
    return {
        {.id = "unreachable",
         .cause = by_itself ? "The peer's own firewall rejects." : refusal.cause,
         .evidence = fmt::format("{} said {} that {} is unreachable (ICMP, {})", from,
                                 times(count(path, refusal.why)), remote_of(strand), refusal.word),
         .remedy =
             fmt::format("is the remote right? If not: {}. If it is, look at {}: "
                         "traceroute -n {} shows where it stands",
                         send_to(facts, strand, "ADDR", "P"), from, strand.remote.to_string())}};
  }
  if (path.probe && path.probe->error != 0 && path.probe->error != ECONNREFUSED) {
    return {
        {.id = "unreachable",
         .cause = "The peer cannot be reached.",
         .evidence =
             fmt::format("a probe to {}: {}", remote_of(strand), std::strerror(path.probe->error)),
         .remedy = fmt::format("ip route get {0}; traceroute -n {0}; if the remote is wrong: "
                               "{1}",
                               strand.remote.to_string(), send_to(facts, strand, "ADDR", "P"))}};
  }
  return {};
}

// What the peer sends is accepted, and comes from where this strand does not send to.
const Facts::Source* peer_elsewhere(const Facts& facts, const Facts::Path& path) {
  // Whoever has seen one datagram can send others with its index: those are dropped, and counted.
  const auto forged = {"rx_tag", "rx_auth", "rx_old", "rx_duplicate"};
  if (path.elsewhere.empty() || moved_by(facts, "rx_datagrams") == 0 ||
      std::ranges::any_of(forged, [&](const char* name) { return moved_by(facts, name) != 0; })) {
    return nullptr;
  }
  return &*std::ranges::max_element(path.elsewhere, {}, &Facts::Source::count);
}

}  // namespace

std::vector<Finding> reach(const Facts& facts, const Facts::Path& path) {
  std::vector<Finding> found;
  const bool refused = path.probe && path.probe->error == ECONNREFUSED;
  if (is_silent(facts, path) || is_neighbour_lost(path)) {
    found.push_back(silent_next_hop(facts, path));
  } else if (is_held_back(path)) {
    found.push_back(held_back(path));
  } else if (refused || count(path, Why::port) != 0) {
    found.push_back(nobody_listens(facts, path));
  } else {
    found = unreachable(facts, path);
  }
  const auto* peer = peer_elsewhere(facts, path);
  if (peer != nullptr && !found.empty()) {
    const auto& strand = path.strand.after;
    found.insert(
        found.begin(),
        {.id = "remote",
         .cause = "The peer is not where this end sends to.",
         .evidence = fmt::format("its datagrams, which are accepted, come from {}; strand {} sends "
                                 "to {}",
                                 text_of(peer->from), strand.id.id, remote_of(strand)),
         .remedy = send_to(facts, strand, peer->from)});
  }
  return found;
}

std::vector<std::string> reach_remarks(const Facts& facts, const Facts::Path& path) {
  std::vector<std::string> remarks;
  if (!reach(facts, path).empty()) {
    return remarks;
  }
  const auto& strand = path.strand.after;
  if (const auto* peer = peer_elsewhere(facts, path)) {
    remarks.push_back(fmt::format(
        "the peer's datagrams come from {}, and strand {} sends to {}: good if the peer has both "
        "addresses; if it hears nothing from here: {}",
        text_of(peer->from), strand.id.id, remote_of(strand), send_to(facts, strand, peer->from)));
  }
  if (path.probe && path.probe->sent == 0) {
    const int error =
        path.probe->setup_error != 0 ? path.probe->setup_error : path.probe->send_error;
    remarks.push_back(fmt::format("no probe could be sent to {}: {}{}", remote_of(strand),
                                  std::strerror(error), error == EPERM ? ", try as root" : ""));
  } else if (path.probe) {
    remarks.push_back(fmt::format(
        "nobody refused {} probes to {}: somebody listens there, or a firewall drops them without "
        "a word. If port_short of plaitctl stats on the peer rose by {} (or short of plaitctl xdp "
        "stats), they arrive",
        path.probe->sent, remote_of(strand), path.probe->sent));
  }
  return remarks;
}

}  // namespace plaitctl
