// SPDX-License-Identifier: GPL-2.0
// What plaitctl doctor concludes from what was gathered: a healthy tunnel, and one thing
// wrong with it after the other.
#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <string>
#include <vector>

#include "doctor_cases.hpp"

namespace {

using namespace doctor_cases;
using plaitctl::Facts;
using plaitctl::Finding;

std::vector<std::string> ids(const std::vector<Finding>& findings) {
  std::vector<std::string> ids;
  for (const auto& finding : findings) {
    ids.push_back(finding.id);
  }
  return ids;
}

TEST_P(Doctor, finds) {
  auto facts = healthy();
  GetParam().spoil(facts);
  const auto findings = diagnose(facts);
  ASSERT_EQ(ids(findings), GetParam().ids);
  for (const auto& finding : findings) {
    EXPECT_FALSE(finding.cause.empty());
    EXPECT_FALSE(finding.evidence.empty());
    EXPECT_FALSE(finding.remedy.empty());
    EXPECT_EQ((finding.evidence + finding.remedy).find('{'), std::string::npos) << finding.remedy;
    for (const auto& step : finding.steps)
      EXPECT_EQ(step.find('{'), std::string::npos) << step;
  }
  if (!findings.empty()) {
    EXPECT_NE(findings[0].evidence.find(GetParam().evidence), std::string::npos)
        << findings[0].evidence;
    EXPECT_NE(findings[0].remedy.find(GetParam().remedy), std::string::npos) << findings[0].remedy;
  }
}

// A drop that moved, and nothing else arriving.
std::function<void(Facts&)> drops(std::uint16_t attribute) {
  return [attribute](Facts& facts) {
    silent(facts);
    count(facts, attribute, 3, 10);
  };
}

const Case presence[] = {
    {"nothing_with_a_healthy_tunnel", [](Facts&) {}, {}, "", ""},
    {"that_the_module_is_not_loaded",
     [](Facts& f) {
       f.loaded = false;
       f.module_file = true;
       f.link.reset();
     },
     {"module"},
     "no generic netlink family",
     "modprobe plait"},
    {"that_the_module_was_not_built_for_this_kernel",
     [](Facts& f) { f.loaded = f.module_file = false; },
     {"module"},
     "",
     "no plait.ko for Linux 6.12.0"},
    {"that_there_is_no_such_device",
     [](Facts& f) { f.link.reset(); },
     {"device"},
     "",
     "ip link add plait0 type plait"},
    {"that_it_is_something_else",
     [](Facts& f) { f.link->kind = "wireguard"; },
     {"kind"},
     "of kind wireguard",
     "plaitctl device"},
    {"what_the_module_would_not_tell",
     [](Facts& f) {
       f.refusal = "cannot list keys: CAP_NET_ADMIN is needed, try as root";
       f.permitted = false;
     },
     {"refused"},
     "cannot list keys",
     "root"},
    {"that_it_is_down",
     [](Facts& f) { f.link->up = f.link->carrier = false; },
     {"down"},
     "",
     "ip link set plait0 up"},
    {"that_it_has_no_strand",
     [](Facts& f) {
       f.paths.clear();
       f.link->carrier = false;
     },
     {"no-strand"},
     "",
     "plaitctl strand add plait0"},
    {"that_it_has_no_carrier_though_nothing_lacks",
     [](Facts& f) { f.link->carrier = false; },
     {"no-carrier"},
     "carrier is off",
     ""},
    {"a_lacking_carrier_without_knowing_the_keys",
     [](Facts& f) {
       f.link->carrier = f.keys_known = false;
       f.keys.clear();
     },
     {"no-carrier"},
     "",
     "plaitctl key, as root"},
};

const Case keys[] = {
    {"that_it_has_no_key",
     [](Facts& f) {
       f.keys.clear();
       f.link->carrier = false;
     },
     {"no-key"},
     "",
     "plaitctl key new plait0"},
    {"that_no_key_is_active",
     [](Facts& f) { f.keys[0].activation = plait::Activation::inactive; },
     {"no-active-key"},
     "session 1 epoch 0 is inactive",
     "plaitctl key set plait0 session 1 epoch 0 active"},
    {"that_both_ends_may_wait_for_each_other",
     [](Facts& f) { f.keys[0].activation = plait::Activation::on_receipt; },
     {"on-receipt"},
     "waits for the first datagram",
     "session 1 epoch 0 active"},
    {"that_the_key_is_used_up",
     [](Facts& f) { f.keys[0].sealed = f.keys[0].hard_limit; },
     {"key-limit"},
     "16.8M datagrams sealed, the limit is 16.8M",
     "session 1 epoch 1"},
    {"once_what_the_counters_say_too",
     [](Facts& f) {
       f.keys.clear();
       f.link->carrier = false;
       count(f, PLAIT_A_STATS_TX_DATAGRAMS, 0, 0);
       count(f, PLAIT_A_STATS_TX_NOKEY, 0, 10);
     },
     {"no-key"},
     "",
     ""},
};

const Case below[] = {
    {"that_there_is_no_route",
     [](Facts& f) {
       f.paths[0].way = {.error = ENETUNREACH, .ifindex = 0, .gateway = {}, .source = {}};
       f.paths[0].link.reset();
       count(f, PLAIT_A_STATS_TX_NOROUTE, 0, 10);
     },
     {"no-route"},
     "ip route get 198.51.100.2: Network is unreachable",
     "ip route add 198.51.100.2"},
    {"that_the_route_with_the_mark_is_meant",
     [](Facts& f) {
       f.paths[0].strand.after.fwmark = 0x20;
       f.paths[0].way.error = ENETUNREACH;
     },
     {"no-route"},
     "198.51.100.2 mark 0x20",
     ""},
    {"that_the_route_leads_through_the_tunnel",
     [](Facts& f) { f.paths[0].way.ifindex = ifindex; },
     {"route-loop"},
     "says dev plait0",
     "fwmark"},
    {"that_the_interface_below_is_down",
     [](Facts& f) { f.paths[0].link->up = false; },
     {"underlay-down"},
     "eth0",
     "ip link set eth0 up"},
    {"that_the_interface_below_has_no_carrier",
     [](Facts& f) { f.paths[0].link->carrier = false; },
     {"underlay-down"},
     "has no carrier",
     "cable"},
    {"that_the_own_address_is_not_here",
     [](Facts& f) { f.paths[0].local_here = false; },
     {"local-address"},
     "192.0.2.1",
     "plaitctl strand set plait0 local"},
    {"nothing_below_a_device_from_another_namespace",
     [](Facts& f) {
       f.link->underlay_elsewhere = true;
       f.paths[0].way.error = ENETUNREACH;
       f.paths[0].local_here = false;
     },
     {},
     "",
     ""},
    {"that_a_fixed_mtu_is_too_large",
     [](Facts& f) {
       f.state.after.mtu_fixed = true;
       f.paths[0].strand.after.path_mtu = 1400;
     },
     {"mtu"},
     "MTU 1408 makes outer packets of 1500 octets, the path takes 1400",
     "ip link set plait0 mtu 1308"},
    {"no_fault_in_a_large_mtu_that_may_be_fragmented",
     [](Facts& f) {
       f.state.after.mtu_fixed = true;
       f.paths[0].strand.after.path_mtu = 1400;
       f.paths[0].strand.after.fragment = true;
     },
     {},
     "",
     ""},
};

const Case counters[] = {
    {"keys_that_differ",
     drops(PLAIT_A_STATS_RX_TAG),
     {"rx_tag"},
     "rx_tag rose by 7 in 1.0 s, while 0 datagrams were accepted",
     "rx-key"},
    {"indices_that_differ",
     drops(PLAIT_A_STATS_PORT_INDEX),
     {"port_index"},
     "port_index",
     "remote-index"},
    {"an_epoch_that_is_not_here",
     drops(PLAIT_A_STATS_RX_EPOCH),
     {"rx_epoch"},
     "",
     "plaitctl key show plait0"},
    {"ciphers_that_differ", drops(PLAIT_A_STATS_RX_AUTH), {"rx_auth"}, "", "cipher"},
    {"packet_numbers_that_went_back", drops(PLAIT_A_STATS_RX_OLD), {"rx_old"}, "", "fresh keys"},
    {"a_source_that_is_not_allowed",
     [](Facts& f) {
       drops(PLAIT_A_STATS_RX_SOURCE)(f);
       f.prefixes = {plait::Prefix::parse("10.7.0.0/24"), plait::Prefix::parse("fd07::/64")};
     },
     {"rx_source"},
     "",
     "allowed now: 10.7.0.0/24, fd07::/64"},
    {"packets_too_big_for_the_mtu",
     [](Facts& f) { count(f, PLAIT_A_STATS_TX_TOO_BIG, 0, 100); },
     {"tx_too_big"},
     "tx_too_big rose by 100 in 1.0 s, while 1000 datagrams were sent",
     "maxseg"},
    {"the_fastest_counter_first",
     [](Facts& f) {
       count(f, PLAIT_A_STATS_RX_OLD, 0, 50);
       count(f, PLAIT_A_STATS_RX_QUEUE, 0, 500);
     },
     {"rx_queue", "rx_old"},
     "",
     "lanes"},
    {"no_fault_in_one_drop_of_many",
     [](Facts& f) { count(f, PLAIT_A_STATS_RX_OLD, 0, 10); },
     {},
     "",
     ""},
    {"no_fault_in_drops_of_old_once_traffic_flowed",
     [](Facts& f) { count(f, PLAIT_A_STATS_RX_TAG, 500, 500); },
     {},
     "",
     ""},
    {"what_happened_before_if_nothing_ever_passed",
     [](Facts& f) {
       silent(f);
       count(f, PLAIT_A_STATS_TX_DATAGRAMS, 9, 9);
       count(f, PLAIT_A_STATS_RX_TAG, 500, 500);
     },
     {"rx_tag"},
     "rx_tag is 500, and nothing was ever accepted",
     ""},
    {"that_nothing_ever_arrived",
     silent,
     {"silence"},
     "1000 datagrams sent in 1.0 s, none arrived, nor ever did",
     "tcpdump -ni any udp port 7777 and host 198.51.100.2"},
    {"that_nothing_arrives_any_more",
     [](Facts& f) { count(f, PLAIT_A_STATS_RX_DATAGRAMS, 900, 900); },
     {"silence"},
     "none arrived",
     "NAT"},
    {"the_firewall_of_this_host",
     [](Facts& f) {
       silent(f);
       f.nftables =
           "table inet filter {\n\tchain input {\n"
           "\t\ttype filter hook input priority filter; policy drop;\n\t}\n}\n";
     },
     {"silence", "firewall"},
     "",
     ""},
    {"no_silence_where_the_route_lacks",
     [](Facts& f) {
       silent(f);
       f.paths[0].way.error = ENETUNREACH;
     },
     {"no-route"},
     "",
     ""},
    {"no_silence_in_a_pause",
     [](Facts& f) {
       count(f, PLAIT_A_STATS_TX_DATAGRAMS, 7, 7);
       count(f, PLAIT_A_STATS_RX_DATAGRAMS, 7, 7);
     },
     {},
     "",
     ""},
};

const Case above[] = {
    {"that_nothing_leads_into_it",
     [](Facts& f) {
       f.addresses.clear();
       f.routes.clear();
     },
     {"no-inner-address"},
     "no address",
     "ip addr add 10.7.0.1/24 dev plait0"},
    {"a_route_without_an_allowed_prefix",
     [](Facts& f) {
       f.prefixes = {plait::Prefix::parse("10.7.0.0/24")};
       f.routes.push_back(plait::Prefix::parse("10.9.0.0/16"));
     },
     {"prefix"},
     "10.9.0.0/16 is routed into plait0",
     "plaitctl prefix add plait0 10.9.0.0/16"},
    {"no_fault_in_link_local_routes",
     [](Facts& f) {
       f.prefixes = {plait::Prefix::parse("10.7.0.0/24")};
       f.routes.push_back(plait::Prefix::parse("fe80::/64"));
     },
     {},
     "",
     ""},
    {"a_strict_reverse_path_filter_that_drops",
     [](Facts& f) {
       f.rp_filter = 1;
       f.reverse_path_drops = {.before = 3, .after = 8};
     },
     {"rp-filter"},
     "rose by 5",
     "rp_filter=2"},
    {"that_packets_are_for_other_addresses",
     [](Facts& f) {
       f.forwards = false;
       f.not_forwarded = {.before = 1, .after = 11};
     },
     {"not-forwarded"},
     "IpInAddrErrors rose by 10",
     "ip addr add ADDR/LEN dev plait0"},
    {"no_fault_in_other_addresses_where_packets_are_forwarded",
     [](Facts& f) { f.not_forwarded = {.before = 1, .after = 11}; },
     {},
     "",
     ""},
    {"that_no_route_leads_further",
     [](Facts& f) { f.without_route = {.before = 0, .after = 3}; },
     {"no-inner-route"},
     "IpExtInNoRoutes rose by 3",
     "ip route add PREFIX"},
    {"no_fault_of_the_tunnels_in_lost_packets_when_nothing_came_through_it",
     [](Facts& f) {
       count(f, PLAIT_A_STATS_TX_DATAGRAMS, 7, 7);
       count(f, PLAIT_A_STATS_RX_DATAGRAMS, 7, 7);
       f.forwards = false;
       f.not_forwarded = f.without_route = {.before = 0, .after = 3};
     },
     {},
     "",
     ""},
    {"no_fault_in_a_loose_reverse_path_filter",
     [](Facts& f) {
       f.rp_filter = 2;
       f.reverse_path_drops = {.before = 3, .after = 8};
     },
     {},
     "",
     ""},
};

INSTANTIATE_TEST_SUITE_P(presence, Doctor, testing::ValuesIn(presence), name_of);
INSTANTIATE_TEST_SUITE_P(keys, Doctor, testing::ValuesIn(keys), name_of);
INSTANTIATE_TEST_SUITE_P(below, Doctor, testing::ValuesIn(below), name_of);
INSTANTIATE_TEST_SUITE_P(counters, Doctor, testing::ValuesIn(counters), name_of);
INSTANTIATE_TEST_SUITE_P(above, Doctor, testing::ValuesIn(above), name_of);

TEST(Doctor, knows_every_drop_that_is_counted) {
  for (const auto& counter : plait::counters()) {
    if (counter.kind == plait::CounterKind::event) continue;
    auto facts = healthy();
    count(facts, counter.attribute, 0, 1'000'000);
    EXPECT_EQ(ids(diagnose(facts)), std::vector{std::string(counter.name)});
  }
}

TEST(Doctor, remarks_on_pauses_limits_and_what_it_could_not_see) {
  EXPECT_TRUE(remarks(healthy()).empty());
  auto facts = healthy();
  count(facts, PLAIT_A_STATS_TX_DATAGRAMS, 7, 7);
  count(facts, PLAIT_A_STATS_RX_DATAGRAMS, 7, 7);
  facts.keys[0].sealed = facts.keys[0].soft_limit;
  facts.keys_known = false;
  facts.link->underlay_elsewhere = true;
  const auto said = remarks(facts);
  ASSERT_EQ(said.size(), 4U);
  EXPECT_NE(said[0].find("another network namespace"), std::string::npos);
  EXPECT_NE(said[1].find("as root"), std::string::npos);
  EXPECT_NE(said[2].find("nothing was sent or received"), std::string::npos);
  EXPECT_NE(said[3].find("nears its limit (1.0M of 16.8M)"), std::string::npos) << said[3];
}

TEST(Doctor, remarks_on_traffic_that_goes_one_way) {
  const auto said = remark([](Facts& f) { count(f, PLAIT_A_STATS_TX_DATAGRAMS, 7, 7); });
  EXPECT_NE(said.find("accepted, and nothing is sent back"), std::string::npos) << said;
  for (const auto* command : {"ip route get", "plaitctl prefix show plait0", "ip link show plait0"})
    EXPECT_NE(said.find(command), std::string::npos) << said;
}

TEST(Doctor, names_the_causes_of_silence_in_order_and_the_probe_until_it_was_made) {
  auto facts = healthy();
  silent(facts);
  const auto words = [&facts] {
    std::string text;
    const auto findings = diagnose(facts);
    for (const auto& step : findings.at(0).steps)
      text += step.substr(0, step.find_first_of(" ,:")) + " ";
    return text;
  };
  EXPECT_EQ(words(), "wrong nobody a the NAT ");
  facts.paths[0].probe = plaitctl::Probe{.sent = 3, .error = 0};
  EXPECT_EQ(words(), "wrong a the NAT ");
}

TEST(Doctor, shows_cause_evidence_and_remedy_to_people_and_programs) {
  auto facts = healthy();
  facts.link->up = false;
  const auto findings = diagnose(facts);
  EXPECT_EQ(view_findings(facts, findings, {"a word"}),
            "plait0: one cause was found\n"
            "\n"
            "  1. The device is down.\n"
            "     seen:   plait0 is not up\n"
            "     remedy: ip link set plait0 up\n"
            "\n"
            "note: a word\n");
  EXPECT_EQ(view_findings(healthy(), {}, {}), "plait0: nothing wrong was found\n");
  EXPECT_EQ(view_findings(facts, {{"a", "C.", "e", "r:", {"one", "two"}}}, {}),
            "plait0: one cause was found\n\n  1. C.\n     seen:   e\n     remedy: r:\n"
            "             - one\n             - two\n");
  EXPECT_EQ(findings_json(facts, findings, {"a word"}), plaitctl::Json::parse(R"({
    "device": "plait0",
    "findings": [{"id": "down", "cause": "The device is down.", "evidence": "plait0 is not up",
                  "remedy": "ip link set plait0 up", "steps": []}],
    "remarks": ["a word"]})"));
}

TEST(Firewall, a_chain_drops_unless_a_rule_lets_the_port_or_answers_in) {
  const auto ruleset = [](const std::string& rule) {
    return "table inet filter {\n\tchain forward {\n"
           "\t\ttype filter hook forward priority filter; policy accept;\n\t}\n"
           "\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t\t" +
           rule + "\n\t}\n}\n";
  };
  EXPECT_EQ(plaitctl::chain_that_drops(ruleset("tcp dport 22 accept"), 7777), "inet filter input");
  EXPECT_EQ(plaitctl::chain_that_drops(ruleset("udp dport 17777 accept"), 7777),
            "inet filter input");
  EXPECT_EQ(plaitctl::chain_that_drops(ruleset("udp dport 7777 accept"), 7777), "");
  EXPECT_EQ(plaitctl::chain_that_drops(ruleset("udp dport { 53, 7777 } accept"), 7777), "");
  EXPECT_EQ(plaitctl::chain_that_drops(ruleset("udp dport 7000-8000 accept"), 7777), "");
  EXPECT_EQ(plaitctl::chain_that_drops(ruleset("ct state established,related accept"), 7777), "");
  EXPECT_EQ(plaitctl::chain_that_drops("", 7777), "");
}

}  // namespace
