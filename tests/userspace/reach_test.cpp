// SPDX-License-Identifier: GPL-2.0
// What plaitctl doctor concludes of the way to the peer: next hops, ICMP errors, sources, probes.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "doctor_cases.hpp"

namespace {

using namespace doctor_cases;

plaitctl::Endpoint endpoint(const char* address, std::uint16_t port) {
  return {.address = plait::Address::parse(address), .port = port};
}

plaitctl::Bounce bounce(const char* from, plaitctl::Bounce::Why why) {
  return {.from = plait::Address::parse(from),
          .port = 7777,
          .to = endpoint("198.51.100.2", 7777),
          .why = why};
}

// ICMP errors about what was sent to the remote, from that address.
void bounces(Facts& facts, const char* from, plaitctl::Bounce::Why why, int count = 1) {
  auto& path = facts.paths[0];
  path.bounces.insert(path.bounces.end(), count, bounce(from, why));
}

// Where the peer's datagrams really come from.
void comes_from_elsewhere(Facts& facts) {
  facts.paths[0].elsewhere = {{.from = endpoint("203.0.113.9", 7000), .count = 1},
                              {.from = endpoint("198.51.100.3", 7777), .count = 12}};
}

const Case way[] = {
    {"that_no_host_has_the_remotes_address",
     [](Facts& f) {
       silent(f);
       f.paths[0].next_hop = {.before = NUD_INCOMPLETE, .after = NUD_INCOMPLETE};
     },
     {"next-hop"},
     "198.51.100.2 does not answer ARP on eth0",
     "plaitctl strand set plait0 remote ADDR"},
    {"that_the_next_hop_is_asked_for_though_nothing_more_can_be_sent_meanwhile",
     [](Facts& f) {
       count(f, PLAIT_A_STATS_TX_DATAGRAMS, 7, 7);
       count(f, PLAIT_A_STATS_RX_DATAGRAMS, 7, 7);
       f.paths[0].next_hop = {.before = NUD_INCOMPLETE, .after = NUD_INCOMPLETE};
     },
     {"next-hop"},
     "",
     ""},
    {"that_the_gateway_is_silent",
     [](Facts& f) {
       silent(f);
       f.paths[0].way.gateway = plait::Address::parse("192.0.2.254");
       f.paths[0].next_hop = {.before = 0, .after = NUD_FAILED};
     },
     {"next-hop"},
     "192.0.2.254 does not answer ARP on eth0",
     "ip neigh show 192.0.2.254 dev eth0"},
    {"no_fault_in_a_neighbour_that_was_only_just_asked",
     [](Facts& f) { f.paths[0].next_hop = {.before = NUD_REACHABLE, .after = NUD_INCOMPLETE}; },
     {},
     "",
     ""},
    {"no_fault_in_what_failed_before_when_nothing_is_sent",
     [](Facts& f) {
       count(f, PLAIT_A_STATS_TX_DATAGRAMS, 7, 7);
       count(f, PLAIT_A_STATS_RX_DATAGRAMS, 7, 7);
       f.paths[0].next_hop = {.before = NUD_FAILED, .after = NUD_FAILED};
     },
     {},
     "",
     ""},
    {"that_nobody_listens_on_the_peers_port",
     [](Facts& f) {
       silent(f);
       bounces(f, "198.51.100.2", plaitctl::Bounce::Why::port, 2);
     },
     {"port-unreachable"},
     "198.51.100.2 said 2 times that 198.51.100.2:7777 is unreachable (ICMP, port)",
     "look on the peer"},
    {"that_a_probe_was_refused",
     [](Facts& f) {
       silent(f);
       f.paths[0].probe = plaitctl::Probe{.sent = 1, .error = ECONNREFUSED};
     },
     {"port-unreachable"},
     "a probe to 198.51.100.2:7777 was refused",
     ""},
    {"that_a_probe_could_not_be_delivered",
     [](Facts& f) {
       silent(f);
       f.paths[0].probe = plaitctl::Probe{.sent = 1, .error = EHOSTUNREACH};
     },
     {"unreachable"},
     "a probe to 198.51.100.2:7777: No route to host",
     "ip route get 198.51.100.2"},
    {"that_this_hosts_own_firewall_rejects",
     [](Facts& f) {
       silent(f);
       f.paths[0].own = {bounce("192.0.2.1", plaitctl::Bounce::Why::port)};
     },
     {"own-firewall"},
     "its own address 192.0.2.1 said once that 198.51.100.2:7777 is unreachable",
     "output must accept ip daddr 198.51.100.2 udp dport 7777"},
    {"that_this_hosts_own_firewall_drops_a_probe",
     [](Facts& f) {
       silent(f);
       f.paths[0].probe = plaitctl::Probe{.send_error = EPERM};
     },
     {"own-firewall"},
     "a probe to 198.51.100.2:7777: Operation not permitted",
     "nft list ruleset"},
    {"the_lost_neighbour_when_this_host_says_so_itself",
     [](Facts& f) {
       silent(f);
       f.paths[0].own = {bounce("192.0.2.1", plaitctl::Bounce::Why::host)};
     },
     {"next-hop"},
     "198.51.100.2 does not answer ARP on eth0",
     ""},
    {"that_a_firewall_on_the_way_rejects",
     [](Facts& f) {
       silent(f);
       bounces(f, "203.0.113.1", plaitctl::Bounce::Why::prohibited);
     },
     {"unreachable"},
     "203.0.113.1 said once that 198.51.100.2:7777 is unreachable (ICMP, prohibited)",
     "look at 203.0.113.1: traceroute -n 198.51.100.2"},
    {"that_a_router_does_not_find_the_peer",
     [](Facts& f) {
       silent(f);
       bounces(f, "203.0.113.1", plaitctl::Bounce::Why::host);
     },
     {"unreachable"},
     "(ICMP, host)",
     ""},
    {"that_a_routing_loop_takes_them",
     [](Facts& f) {
       silent(f);
       bounces(f, "203.0.113.1", plaitctl::Bounce::Why::time);
     },
     {"unreachable"},
     "(ICMP, time exceeded)",
     ""},
    {"first_that_the_peer_is_elsewhere_if_nobody_is_at_the_remote",
     [](Facts& f) {
       f.paths[0].next_hop = {.before = NUD_FAILED, .after = NUD_INCOMPLETE};
       comes_from_elsewhere(f);
     },
     {"remote", "next-hop"},
     "come from 198.51.100.3:7777; strand 0 sends to 198.51.100.2:7777",
     "plaitctl strand set plait0 remote 198.51.100.3 remote-port 7777"},
    {"no_fault_in_a_peer_with_two_addresses",
     [](Facts& f) { comes_from_elsewhere(f); },
     {},
     "",
     ""},
    {"nothing_of_the_way_where_there_is_no_route",
     [](Facts& f) {
       f.paths[0].way.error = ENETUNREACH;
       bounces(f, "192.0.2.1", plaitctl::Bounce::Why::host);
     },
     {"no-route"},
     "",
     ""},
};

INSTANTIATE_TEST_SUITE_P(way, Doctor, testing::ValuesIn(way), name_of);

TEST(Doctor, remarks_on_a_peer_that_sends_from_elsewhere) {
  const auto said = remark(comes_from_elsewhere);
  EXPECT_NE(said.find("come from 198.51.100.3:7777, and strand 0 sends to 198.51.100.2:7777"),
            std::string::npos)
      << said;
  EXPECT_NE(said.find("plaitctl strand set plait0 remote 198.51.100.3"), std::string::npos) << said;
  // Not accepted, it may be anybody's.
  EXPECT_EQ(remark([](Facts& f) {
              comes_from_elsewhere(f);
              silent(f);
            }),
            "0 remarks");
  // Some are forged: these may be, and nobody is sent after them.
  EXPECT_EQ(remark([](Facts& f) {
              comes_from_elsewhere(f);
              count(f, PLAIT_A_STATS_RX_TAG, 7, 9);
            }).find("remote 198.51.100.3"),
            std::string::npos);
}

TEST(Doctor, remarks_on_a_probe_that_nobody_refused) {
  const auto probed = [](Facts& f) { f.paths[0].probe = plaitctl::Probe{.sent = 3, .error = 0}; };
  EXPECT_NE(remark(probed).find("nobody refused 3 probes to 198.51.100.2:7777"), std::string::npos)
      << remark(probed);
  EXPECT_NE(remark(probed).find("port_short"), std::string::npos);
}

TEST(Doctor, remarks_on_a_probe_that_this_host_could_not_send) {
  const auto said =
      remark([](Facts& f) { f.paths[0].probe = plaitctl::Probe{.setup_error = EMFILE}; });
  EXPECT_EQ(said, "no probe could be sent to 198.51.100.2:7777: Too many open files");
}

TEST(Doctor, says_that_it_could_not_listen) {
  const auto said = remark([](Facts& f) { f.deafness = "CAP_NET_RAW is needed, try as root"; });
  EXPECT_NE(said.find("CAP_NET_RAW is needed"), std::string::npos) << said;
}

TEST(Doctor, is_less_sure_without_traffic) {
  auto facts = healthy();
  EXPECT_EQ(view_findings(facts, {}, {}), "plait0: nothing wrong was found\n");
  facts.state.after = facts.state.before;
  EXPECT_EQ(view_findings(facts, {}, {}), "plait0: nothing wrong was found, without any traffic\n");
}

TEST(Doctor, tells_the_peers_own_firewall_from_one_on_the_way) {
  auto facts = healthy();
  silent(facts);
  bounces(facts, "198.51.100.2", plaitctl::Bounce::Why::prohibited);
  EXPECT_EQ(diagnose(facts).at(0).cause, "The peer's own firewall rejects.");
  facts.paths[0].bounces.clear();
  bounces(facts, "203.0.113.1", plaitctl::Bounce::Why::port);
  EXPECT_EQ(diagnose(facts).at(0).cause, "A firewall on the way to the peer rejects.");
}

}  // namespace
