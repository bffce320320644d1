// SPDX-License-Identifier: GPL-2.0
// Inner packets: the walk over a bundle, where a checksum stands, sums (RFC 1071),
// ECN (RFC 6040), and what a flow is.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "packets.h"

namespace {

using namespace plait_test;

// A source symbol alone in memory, so that a step outside is seen.
Octets symbol(const std::vector<Octets>& inner) {
  Octets sym(PLAIT_INNER_LEN);
  for (const auto& p : inner)
    sym.insert(sym.end(), p.begin(), p.end());
  sym.shrink_to_fit();
  return sym;
}

int next(const Octets& sym, u32& at, plait_packet& p) {
  return plait_bundle_next(sym.data(), static_cast<u32>(sym.size()), &at, &p);
}

Octets any_packet() {
  PacketSpec s;
  s.version = *rc::gen::element(4, 6);
  s.proto = *rc::gen::element<u8>(PLAIT_PROTO_TCP, PLAIT_PROTO_UDP);
  s.tclass = *rc::gen::arbitrary<u8>();
  s.id = *rc::gen::arbitrary<u16>();
  s.payload = *rc::gen::arbitrary<Octets>();
  if (s.version == 4) s.ip_options = Octets(*rc::gen::inRange<size_t>(0, 11) * 4, 1);
  if (s.proto == PLAIT_PROTO_TCP) s.tcp_options = Octets(*rc::gen::inRange<size_t>(0, 11) * 4, 1);
  return make_packet(s);
}

RC_GTEST_PROP(Bundle, gives_back_the_packets_that_were_put_in, ()) {
  const auto packets = *rc::gen::container<std::vector<Octets>>(rc::gen::exec(any_packet));
  const auto padding = *rc::gen::inRange<size_t>(0, 40);
  Octets sym = symbol(packets);
  const size_t end = sym.size();
  sym.resize(end + padding);

  u32 at = PLAIT_INNER_LEN;
  plait_packet p;
  for (const auto& expected : packets) {
    RC_ASSERT(next(sym, at, p) == 1);
    RC_ASSERT(Octets(p.at, p.at + p.len) == expected);
  }
  RC_ASSERT(next(sym, at, p) == 0);
  RC_ASSERT(at == end);
}

RC_GTEST_PROP(Bundle, of_any_octets_stays_inside_and_loses_none, ()) {
  // Nibbles 4, 6 and 0 are as likely as all others, lengths mostly small.
  Octets sym = *rc::gen::container<Octets>(rc::gen::oneOf(rc::gen::element<u8>(0x45, 0x46, 0x60, 0),
                                                          rc::gen::inRange<u8>(0, 60),
                                                          rc::gen::arbitrary<u8>()));
  sym.insert(sym.begin(), PLAIT_INNER_LEN, 0);
  sym.shrink_to_fit();

  u32 at = PLAIT_INNER_LEN, sum = PLAIT_INNER_LEN;
  plait_packet p;
  int more = 0;
  while ((more = next(sym, at, p)) == 1) {
    RC_ASSERT(p.at == sym.data() + sum);
    RC_ASSERT(p.len >= PLAIT_IPV4_LEN);
    sum += p.len;
    RC_ASSERT(at == sum);
    RC_ASSERT(sum <= sym.size());
  }
  RC_ASSERT(at == sum);
  // Not inside RC_ASSERT, which evaluates both sides of an `or`.
  const bool padding = at == sym.size() || sym[at] >> 4 == 0;
  RC_ASSERT(padding == (more == 0));
}

TEST(Bundle, packets_in_front_of_a_malformed_one_stand) {
  Octets cut = make_packet({});
  cut.pop_back();
  const Octets sym = symbol({make_packet({.version = 6}), cut});
  u32 at = PLAIT_INNER_LEN;
  plait_packet p;
  EXPECT_EQ(next(sym, at, p), 1);
  const u32 before = at;
  EXPECT_EQ(next(sym, at, p), -1);
  EXPECT_EQ(at, before);
  EXPECT_EQ(next(sym, at, p), -1) << "asked again, it says the same";
}

TEST(Ip, version_needs_a_whole_header) {
  EXPECT_EQ(plait_ip_version(nullptr, 0), 0U);
  const Octets v4 = make_packet({}), v6 = make_packet({.version = 6}), odd(40, 0x50);
  EXPECT_EQ(plait_ip_version(v4.data(), 19), 0U);
  EXPECT_EQ(plait_ip_version(v4.data(), 20), 4U);
  EXPECT_EQ(plait_ip_version(v6.data(), 39), 0U);
  EXPECT_EQ(plait_ip_version(v6.data(), 40), 6U);
  EXPECT_EQ(plait_ip_version(odd.data(), 40), 0U);
}

RC_GTEST_PROP(Checksum, is_found_where_it_stands_in_tcp_and_udp, ()) {
  const Octets p = any_packet();
  plait_csum_place place;
  RC_ASSERT(plait_csum_find(p.data(), static_cast<u32>(p.size()), &place));
  RC_ASSERT(place.start == l4_of(p));
  RC_ASSERT(place.start + place.offset == static_cast<int>(checksum_at(p)));
}

TEST(Checksum, is_not_looked_for_where_flag_c_cannot_stand) {
  const auto found = [](const Octets& p) {
    plait_csum_place place;
    return plait_csum_find(p.data(), static_cast<u32>(p.size()), &place);
  };
  for (int version : {4, 6}) {
    for (u8 proto : {PLAIT_PROTO_TCP, PLAIT_PROTO_UDP}) {
      Octets p = make_packet({.version = version, .proto = proto, .payload = {}});
      EXPECT_TRUE(found(p));
      p.pop_back();
      EXPECT_FALSE(found(p)) << "its transport header is cut";
    }
    Octets icmp = make_packet({.version = version});
    icmp[version == 4 ? 9 : 6] = version == 4 ? 1 : 58;
    EXPECT_FALSE(found(icmp));
  }
  for (unsigned frag : {0x2000U, 0x0001U, 0x1fffU}) {
    Octets p = make_packet({});
    put16(p, 6, frag);
    EXPECT_FALSE(found(p)) << "a fragment";
  }
  Octets reserved = make_packet({});
  put16(reserved, 6, 0xc000);
  EXPECT_TRUE(found(reserved)) << "neither MF nor an offset";
  Octets fragment_header = make_packet({.version = 6});
  fragment_header[6] = 44;
  EXPECT_FALSE(found(fragment_header));
  EXPECT_FALSE(found(Octets(60, 0x70)));
}

RC_GTEST_PROP(Checksum, sums_as_rfc_1071_does_word_by_word, ()) {
  Octets o = *rc::gen::arbitrary<Octets>();
  if (o.size() % 2) o.pop_back();
  o.shrink_to_fit();
  const u64 sum = plait_csum_words(o.data(), static_cast<u32>(o.size()));
  RC_ASSERT(plait_csum_fold(sum) == naive_sum(o.data(), o.size()));
}

TEST(Checksum, sums_the_longest_packet_of_ones) {
  const Octets o(65534, 0xff);
  EXPECT_EQ(plait_csum_fold(plait_csum_words(o.data(), 65534)), 0xffff);
  EXPECT_EQ(plait_csum_fold(~0ULL), 0xffff);
  EXPECT_EQ(plait_csum_fold(0), 0);
}

RC_GTEST_PROP(Checksum, of_an_ipv4_header_holds_once_written, ()) {
  Octets p = make_packet({.ip_options = Octets(*rc::gen::inRange<size_t>(0, 11) * 4, 7)});
  const auto ihl = static_cast<u32>(l4_of(p));
  for (size_t i = 1; i < ihl; i++)
    p[i] = *rc::gen::arbitrary<u8>();
  plait_ipv4_csum(p.data(), ihl);
  RC_ASSERT(ipv4_checksum_holds(p));
}

RC_GTEST_PROP(Ecn, changes_nothing_but_its_field_and_the_checksum_over_it, ()) {
  const Octets before = any_packet();
  const auto outer = *rc::gen::inRange(0U, 4U);
  Octets after = before;
  const unsigned inner = plait_ip_tclass(before.data()) & 3;

  if (plait_ecn_decapsulate(after.data(), outer) != PLAIT_OK) {
    RC_ASSERT(inner == PLAIT_ECN_NOT_ECT && outer == PLAIT_ECN_CE);
    RC_ASSERT(after == before);
    return;
  }
  RC_ASSERT(ipv4_checksum_holds(after));
  RC_ASSERT((plait_ip_tclass(after.data()) ^ plait_ip_tclass(before.data())) < 4);
  Octets expected = before;
  expected[0] = after[0];
  expected[1] = after[1];
  if (before[0] >> 4 == 4) set_ipv4_checksum(expected);
  RC_ASSERT(after == expected);
}

u32 hash(const Octets& p) {
  return plait_flow_hash(p.data(), static_cast<u32>(p.size()));
}

TEST(Flow, is_the_same_whatever_its_packets_carry) {
  for (int version : {4, 6}) {
    for (u8 proto : {PLAIT_PROTO_TCP, PLAIT_PROTO_UDP}) {
      const u32 flow = hash(make_packet({.version = version, .proto = proto}));
      PacketSpec other{.version = version,
                       .proto = proto,
                       .tclass = 0x2e,
                       .id = 99,
                       .df = false,
                       .seq = 5,
                       .tcp_flags = 0x18,
                       .payload = Octets(3)};
      EXPECT_EQ(hash(make_packet(other)), flow);
      if (version == 4) other.ip_options = Octets(8, 1);
      if (proto == PLAIT_PROTO_TCP) other.tcp_options = Octets(12, 1);
      EXPECT_EQ(hash(make_packet(other)), flow);
    }
  }
}

TEST(Flow, of_a_fragmented_datagram_is_that_of_all_its_fragments) {
  Octets first = make_packet({.proto = PLAIT_PROTO_UDP}), second = first;
  put16(first, 6, 0x2000);
  put16(second, 6, 100);
  put32(second, l4_of(second), 0xdeadbeef);  // payload stands where ports did
  EXPECT_EQ(hash(first), hash(second));
}

TEST(Flow, without_ports_has_addresses_and_protocol_alone) {
  Octets icmp = make_packet({});
  icmp[9] = 1;
  const u32 flow = hash(icmp);
  put32(icmp, 20, 0x08001234);
  EXPECT_EQ(hash(icmp), flow);
  Octets extension = make_packet({.version = 6});
  extension[6] = 0;
  const u32 flow6 = hash(extension);
  put32(extension, 40, 0x11223344);
  EXPECT_EQ(hash(extension), flow6);
  EXPECT_EQ(hash(Octets(64, 0x90)), 0U);
}

TEST(Flow, of_a_packet_cut_before_its_ports_is_found_without_them) {
  for (int version : {4, 6}) {
    Octets p = make_packet({.version = version});
    p.resize(l4_of(p) + 3);
    p.shrink_to_fit();
    const u32 flow = hash(p);
    p[l4_of(p)] ^= 0xff;
    EXPECT_EQ(hash(p), flow);
  }
}

// The sender's bucket is the hash's low octet: 256 flows that differ in one octet of
// one address or port must not meet in a few buckets.
TEST(Flow, spreads_over_buckets_whichever_octet_tells_flows_apart) {
  for (int version : {4, 6}) {
    const Octets base = make_packet({.version = version});
    const size_t from = version == 4 ? 12 : 8, ports = l4_of(base);
    for (size_t at = from; at < ports + 4; at++) {
      if (at == 20 && version == 4) at = ports;
      std::set<u8> buckets;
      for (unsigned v = 0; v < 256; v++) {
        Octets p = base;
        p[at] = static_cast<u8>(v);
        buckets.insert(static_cast<u8>(hash(p)));
      }
      // At random 162 of 256 would be hit.
      EXPECT_GE(buckets.size(), 100U) << "IPv" << version << ", octet " << at;
    }
  }
}

}  // namespace
