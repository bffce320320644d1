// SPDX-License-Identifier: GPL-2.0
// The table of counters, causes and remedies, and when each of them counts.
#include "symptoms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <string_view>

namespace plaitctl {
namespace {

// What a drop counter says when it moves. In a remedy, {dev} {port} {remote} {prefixes} stand for
// the device's own.
struct Symptom {
  std::string_view counter;
  std::string_view cause;
  std::string_view remedy;
  std::string_view explained_by = {};  // ids of findings after which it is no news
};

constexpr std::array table{
    Symptom{"port_short", "Something that is not plait sends to the device's port.",
            "see who: tcpdump -ni any udp dst port {port}; or take another port"},
    Symptom{"port_version", "What arrives is no plait datagram of this version.",
            "compare versions on both ends (plaitctl --version); see who sends: tcpdump -ni any "
            "udp dst port {port}"},
    Symptom{"port_handshake", "The peer asks for key agreement, which nobody does here.",
            "install keys by hand on both ends: plaitctl key new"},
    Symptom{"port_index", "Datagrams arrive for a receiver index that no key here has.",
            "the peer's remote-index must be this end's local-index: compare plaitctl key on both "
            "ends. All devices of a port share this counter"},
    Symptom{"port_nomem", "There is no memory to take datagrams with.",
            "free memory; see dmesg and /proc/meminfo"},
    Symptom{"rx_epoch", "The peer sends on a key epoch that is not installed here.",
            "install the same session and epoch on both ends: compare plaitctl key show {dev} here "
            "with the peer's"},
    Symptom{"rx_lane", "The peer sends on more lanes than the key here allows it.",
            "install the next epoch with peer-lanes as many as the peer has lanes (plaitctl device "
            "there)"},
    Symptom{"rx_tag", "The two ends' keys differ.",
            "this end's rx-key must be the peer's tx-key, and the other way round: install fresh "
            "ones on both ends. Clocks do not matter"},
    Symptom{"rx_old", "The peer's packet numbers went back: it began again under the same keys.",
            "install fresh keys on both ends (never the same ones again after a restart); if the "
            "network reorders that much: plaitctl device set {dev} window N. Clocks do not matter"},
    Symptom{"rx_duplicate",
            "Datagrams arrive twice: the network repeats them, or the peer began "
            "again under the same keys.",
            "if the peer was restarted, install fresh keys on both ends; else look at the network "
            "below"},
    Symptom{"rx_queue", "This host does not keep up with what arrives.",
            "more lanes (ip link add ... lanes N) on more CPUs; see mpstat, plaitctl top"},
    Symptom{"rx_down", "Datagrams arrive while the device is down.", "ip link set {dev} up",
            "down"},
    Symptom{"rx_nomem", "There is no memory to receive with.",
            "free memory; see dmesg and /proc/meminfo"},
    Symptom{"rx_long", "Datagrams arrive that are longer than the device can take.",
            "make the MTU of the peer's device no larger than this one's"},
    Symptom{
        "rx_auth", "Datagrams have the right header tag, but the cipher refuses their payload.",
        "both ends must have the same cipher and keys: compare plaitctl key show {dev}; if they "
        "have, somebody on the way spoils datagrams"},
    Symptom{"rx_limit", "Too many datagrams were refused on this key: it opens no more.",
            "install the next epoch on both ends; somebody on the way spoils or forges datagrams"},
    Symptom{"rx_type", "The peer sends a kind of datagram that this version does not know.",
            "have the same version of plait on both ends: plaitctl --version"},
    Symptom{"rx_inner", "Authentic datagrams are malformed inside.",
            "have the same version of plait on both ends: plaitctl --version"},
    Symptom{"rx_ecn", "A router below marks congestion on packets that do not understand it.",
            "look for a router below that sets ECN bits: tcpdump -vni any udp port {port}"},
    Symptom{"rx_source", "The peer sends from addresses that are not allowed to it.",
            "allowed now: {prefixes}. If it may: plaitctl prefix add {dev} PREFIX. To see them: "
            "they are dropped before tcpdump on {dev}, look on the peer"},
    Symptom{"tx_protocol", "Something other than IP is sent into the tunnel.",
            "see what: tcpdump -ni {dev} not ip and not ip6"},
    Symptom{"tx_nokey", "There is no key to send with.",
            "install one, or make one active: plaitctl key", "no-key no-active-key on-receipt"},
    Symptom{"tx_limit", "The key that transmit uses is used up.",
            "install the next epoch on both ends: plaitctl key new", "key-limit"},
    Symptom{"tx_nostrand", "The device has no strand.",
            "plaitctl strand add {dev} remote ADDR port 7777", "no-strand"},
    Symptom{"tx_too_big", "Packets are larger than the device's MTU.",
            "have senders learn the path MTU (let ICMP through), or clamp TCP: nft add rule inet "
            "filter forward oifname {dev} tcp flags syn tcp option maxseg size set rt mtu"},
    Symptom{"tx_queue", "More is sent than this host or the link below can carry.",
            "a queueing discipline that keeps delay short: tc qdisc replace dev {dev} root "
            "fq_codel; more lanes on more CPUs"},
    Symptom{"tx_nomem", "There is no memory to send with.",
            "free memory; see dmesg and /proc/meminfo"},
    Symptom{"tx_noroute", "There is no route to the peer.", "ip route get {remote}",
            "no-route underlay-down local-address"},
    Symptom{"tx_loop", "The route to the peer leads through the tunnel itself.",
            "ip route get {remote}; give it a route of its own, or the strand a fwmark",
            "route-loop"},
};

// A drop on a busy link that is one in a hundred or less does not stop traffic.
constexpr double negligible = 0.01;

constexpr std::uint16_t default_port = 7777;

std::uint16_t port_of(const Facts& facts) {
  return facts.state.after.port == 0 ? default_port : facts.state.after.port;
}

std::string remote_of(const Facts& facts) {
  return facts.paths.empty() ? "REMOTE" : facts.paths.front().strand.after.remote.to_string();
}

std::string listed(const std::vector<plait::Prefix>& prefixes) {
  std::string text;
  for (const auto& prefix : prefixes) {
    text += (text.empty() ? "" : ", ") + prefix.to_string();
  }
  return text.empty() ? "none" : text;
}

// Whether a counter tells of something that hinders traffic, and what was seen of it.
std::optional<std::string> evidence(const Facts& facts, std::string_view counter) {
  const bool receive = !counter.starts_with("tx_");
  const std::string_view passed = receive ? "rx_datagrams" : "tx_datagrams";
  const auto& stats = facts.state.after.stats;
  const auto total = stats[counter];
  const auto now = moved_by(facts, counter);
  if (now == 0) {
    if (total == 0 || stats[passed] != 0) {
      return {};
    }
    return fmt::format("{} is {}, and nothing was ever {}", counter, total,
                       receive ? "accepted" : "sent");
  }
  const auto went = moved_by(facts, passed);
  if (static_cast<double>(now) <= negligible * static_cast<double>(went)) {
    return {};
  }
  return fmt::format("{} rose by {} in {:.1f} s, while {} datagrams were {}", counter, now,
                     facts.seconds, went, receive ? "accepted" : "sent");
}

std::string filled_in(std::string_view text, const Facts& facts) {
  return fmt::format(fmt::runtime(text), fmt::arg("dev", facts.device),
                     fmt::arg("port", port_of(facts)), fmt::arg("remote", remote_of(facts)),
                     fmt::arg("prefixes", listed(facts.prefixes)));
}

bool is_explained(const Symptom& symptom, const std::vector<Finding>& findings) {
  std::istringstream ids{std::string(symptom.explained_by)};
  for (std::string id; ids >> id;) {
    if (std::ranges::find(findings, id, &Finding::id) != findings.end()) {
      return true;
    }
  }
  return false;
}

// Any sign of the peer: an accepted datagram, or one that was dropped.
bool heard(const Facts& facts, const std::vector<Finding>& from_counters) {
  return moved_by(facts, "rx_datagrams") != 0 ||
         std::ranges::any_of(from_counters, [](const Finding& finding) {
           return finding.id.starts_with("rx_") || finding.id.starts_with("port_");
         });
}

// What may be wrong when nothing comes back and nobody says why, the likeliest first, and what
// tells it or mends it.
std::vector<std::string> causes_of_silence(const Facts& facts) {
  const auto port = port_of(facts);
  const bool probed = std::ranges::any_of(
      facts.paths, [](const Facts::Path& path) { return path.probe && path.probe->sent != 0; });
  std::vector<std::string> causes{
      fmt::format("wrong remote or port, here or there: plaitctl strand on both ends; each one's "
                  "remote is the other's address and port, as in plaitctl strand set {} remote "
                  "ADDR remote-port P",
                  facts.device)};
  if (!probed) {
    causes.push_back(fmt::format(
        "nobody listens there, as its device or module is missing: plaitctl doctor {} --probe",
        facts.device));
  }
  causes.push_back(
      fmt::format("a firewall, there or on the way, if tcpdump on the peer shows nothing, or "
                  "shows what counters there do not: nft list ruleset; accept udp dport {}",
                  port));
  causes.push_back(fmt::format(
      "the peer has no key or another index, epoch or key, if they arrive there: plaitctl doctor, "
      "there; compare plaitctl key show {} on both ends",
      facts.device));
  causes.emplace_back(
      "NAT: the peer must send to the address and port that tcpdump there shows as the source, "
      "and this end must send first, and every now and then: ping over the tunnel");
  return causes;
}

Finding silence(const Facts& facts) {
  const bool ever = facts.state.after.stats["rx_datagrams"] != 0;
  return {"silence", ever ? "The peer is heard no more." : "Nothing arrives from the peer.",
          fmt::format("{} datagrams sent in {:.1f} s, none arrived{}",
                      moved_by(facts, "tx_datagrams"), facts.seconds, ever ? "" : ", nor ever did"),
          fmt::format("see where they end, here and on the peer: tcpdump -ni any udp port {} and "
                      "host {}. Then (wrong address or port, firewall, key, NAT), in this order:",
                      port_of(facts), remote_of(facts)),
          causes_of_silence(facts)};
}

}  // namespace

std::uint64_t moved_by(const Facts& facts, std::string_view counter) {
  const auto before = facts.state.before.stats[counter];
  const auto after = facts.state.after.stats[counter];
  return after > before ? after - before : 0;
}

bool moved(const Facts& facts) {
  return std::ranges::any_of(facts.state.after.stats.entries(),
                             [&](const auto& entry) { return moved_by(facts, entry.name) != 0; });
}

std::vector<Finding> symptoms(const Facts& facts, const std::vector<Finding>& explained) {
  std::vector<Finding> found;
  auto by_rate = std::vector<Symptom>(table.begin(), table.end());
  std::ranges::stable_sort(by_rate, std::greater(), [&](const Symptom& symptom) {
    return moved_by(facts, symptom.counter);
  });
  for (const auto& symptom : by_rate) {
    if (const auto seen = evidence(facts, symptom.counter);
        seen && !is_explained(symptom, explained)) {
      found.push_back({.id = std::string(symptom.counter),
                       .cause = std::string(symptom.cause),
                       .evidence = *seen,
                       .remedy = filled_in(symptom.remedy, facts)});
    }
  }
  if (explained.empty() && moved_by(facts, "tx_datagrams") != 0 && !heard(facts, found)) {
    found.push_back(silence(facts));
    if (const auto chain = chain_that_drops(facts.nftables, port_of(facts)); !chain.empty()) {
      found.push_back(
          {"firewall", "This host's own firewall may drop what the peer sends.",
           fmt::format("{} drops what no rule accepts, and no rule names port {}", chain,
                       port_of(facts)),
           fmt::format("nft insert rule {} udp dport {} accept", chain, port_of(facts))});
    }
  }
  return found;
}

namespace {

// Whether a line of a ruleset has that port, as a number or within a range of numbers.
bool names_port(std::string line, std::uint16_t port) {
  std::ranges::replace_if(
      line, [](char c) { return c == ',' || c == '{' || c == '}'; }, ' ');
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    unsigned from = 0;
    unsigned to = 0;
    const char* end = word.data() + word.size();
    auto [stop, error] = std::from_chars(word.data(), end, from);
    to = from;
    if (error == std::errc() && stop != end && *stop == '-') {
      const auto second = std::from_chars(stop + 1, end, to);
      error = second.ec;
      stop = second.ptr;
    }
    if (error == std::errc() && stop == end && from <= port && port <= to) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string chain_that_drops(const std::string& nftables, std::uint16_t port) {
  std::string table_name;
  std::string chain;
  std::string dropping;
  std::istringstream lines(nftables);
  for (std::string line; std::getline(lines, line);) {
    // The peer's datagrams are answers to this end's: a rule for answers lets them in.
    if (names_port(line, port) || line.find("established") != std::string::npos) {
      return {};
    }
    std::istringstream words(line);
    std::string first;
    std::string second;
    std::string third;
    words >> first >> second >> third;
    if (first == "table") {
      table_name = fmt::format("{} {}", second, third);
    } else if (first == "chain") {
      chain = second;
    } else if (line.find("hook input") != std::string::npos &&
               line.find("policy drop") != std::string::npos) {
      dropping = fmt::format("{} {}", table_name, chain);
    }
  }
  return dropping;
}

}  // namespace plaitctl
