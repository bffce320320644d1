// SPDX-License-Identifier: GPL-2.0
// Taking TCP and UDP super-packets apart: each segment is a packet that stands on
// its own, and together they are what went in.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "packets.h"

namespace {

using namespace plait_test;

PacketSpec any_super() {
  PacketSpec s;
  s.version = *rc::gen::element(4, 6);
  s.proto = *rc::gen::element<u8>(PLAIT_PROTO_TCP, PLAIT_PROTO_UDP);
  s.tclass = *rc::gen::arbitrary<u8>();
  s.id = *rc::gen::arbitrary<u16>();
  s.df = *rc::gen::arbitrary<bool>();
  s.seq = *rc::gen::element<u32>(0, 1000, 0xffffff00, 0x7fffffff);
  s.tcp_flags = *rc::gen::arbitrary<u8>();
  if (s.version == 4) s.ip_options = Octets(*rc::gen::inRange<size_t>(0, 11) * 4, 1);
  if (s.proto == PLAIT_PROTO_TCP) s.tcp_options = Octets(*rc::gen::inRange<size_t>(0, 11) * 4, 1);
  s.payload =
      *rc::gen::container<Octets>(*rc::gen::inRange<size_t>(1, 5000), rc::gen::arbitrary<u8>());
  return s;
}

RC_GTEST_PROP(Segment, each_is_a_packet_that_stands_on_its_own, ()) {
  const PacketSpec spec = any_super();
  const Octets super = make_packet(spec);
  const auto mss = *rc::gen::inRange<u32>(1, 3000);
  const auto segments = segment_all(super, mss);
  const size_t count = (spec.payload.size() + mss - 1) / mss;

  RC_ASSERT(segments.size() == count);
  Octets payload;
  for (size_t i = 0; i < count; i++) {
    const bool last = i + 1 == count;
    const size_t len = last ? spec.payload.size() - i * mss : mss;

    // What a sender would have built for this piece alone.
    PacketSpec s = spec;
    s.id = static_cast<u16>(spec.id + i);
    s.seq = static_cast<u32>(spec.seq + i * mss);
    if (!last) s.tcp_flags &= ~0x09;  // FIN, PSH
    if (i) s.tcp_flags &= ~0x80;      // CWR
    s.payload = Octets(spec.payload.begin() + static_cast<long>(i * mss),
                       spec.payload.begin() + static_cast<long>(i * mss + len));
    RC_ASSERT(segments[i] == make_packet(s));
    RC_ASSERT(ipv4_checksum_holds(segments[i]));
    RC_ASSERT(plait_ip_length(segments[i].data(), static_cast<u32>(segments[i].size())) ==
              segments[i].size());
  }
}

TEST(Segment, of_a_packet_that_fits_is_the_packet) {
  const Octets p = make_packet({.tcp_flags = 0x99});
  for (u32 mss : {100U, 101U, 1400U, 65000U}) {
    const auto segments = segment_all(p, mss);
    ASSERT_EQ(segments.size(), 1U);
    EXPECT_EQ(segments[0], p);
  }
}

TEST(Segment, counts_the_identification_on_past_its_end) {
  const auto segments = segment_all(make_packet({.id = 0xffff}), 50);
  EXPECT_EQ(get16(segments[0], 4), 0xffffU);
  EXPECT_EQ(get16(segments[1], 4), 0U);
}

TEST(Segment, takes_super_packets_whose_length_field_cannot_hold_them) {
  // A "big TCP" packet: more than 65 535 octets, with 0 as its length.
  Octets p = make_packet({.version = 6, .payload = {}});
  put16(p, 4, 0);
  plait_segmenter s;
  EXPECT_EQ(plait_segment_begin(&s, p.data(), 60, 500000, 1340), 374U);
  Octets out(60);
  EXPECT_EQ(plait_segment_headers(&s, 373, out.data()), 500000U - 373 * 1340);
  EXPECT_EQ(get16(out, 4), 20 + 500000U - 373 * 1340);
}

TEST(Segment, counts_the_segments_of_any_payload) {
  const Octets p = make_packet({.payload = {}});
  plait_segmenter s;
  const u32 count = plait_segment_begin(&s, p.data(), 40, 0xffffffff, 100);
  EXPECT_EQ(count, 42949673U) << "rounding up wrapped";
  Octets out(40);
  EXPECT_EQ(plait_segment_headers(&s, count - 1, out.data()), 95U);
}

TEST(Segment, refuses_what_it_cannot_take_apart) {
  const Octets p = make_packet({});
  const auto begin = [](const Octets& o, u32 payload, u32 mss) {
    plait_segmenter s;
    return plait_segment_begin(&s, o.data(), static_cast<u32>(o.size()), payload, mss);
  };
  EXPECT_GT(begin(p, 100, 10), 0U);
  EXPECT_EQ(begin(p, 0, 10), 0U) << "no payload";
  EXPECT_EQ(begin(p, 100, 0), 0U) << "no segment size";
  EXPECT_EQ(begin(p, 100000, 65535 - 39), 0U) << "a segment longer than a packet";
  EXPECT_EQ(begin(p, 100, 0xffffffff), 0U) << "a segment size that wraps";
  EXPECT_EQ(begin(p, 100, 0xffffffff - 39), 0U) << "a segment size that wraps";
  Octets fragment = p;
  put16(fragment, 6, 0x2000);
  EXPECT_EQ(begin(fragment, 100, 10), 0U);
}

TEST(Headers, of_tcp_and_udp_are_measured_with_their_options) {
  const auto length = [](const Octets& p, size_t readable) {
    const Octets cut(p.begin(), p.begin() + static_cast<long>(readable));
    return plait_headers_length(cut.data(), static_cast<u32>(readable));
  };
  const Octets p = make_packet({.ip_options = Octets(40, 1), .tcp_options = Octets(40, 1)});
  EXPECT_EQ(length(p, p.size()), PLAIT_HEADERS_MAX);
  EXPECT_EQ(length(p, 120), 120U);
  EXPECT_EQ(length(p, 119), 0U);
  EXPECT_EQ(length(p, 60), 0U);
  EXPECT_EQ(length(make_packet({.version = 6, .proto = PLAIT_PROTO_UDP}), 48), 48U);

  Octets doff = make_packet({});
  doff[32] = 0x40;
  EXPECT_EQ(length(doff, doff.size()), 0U) << "a TCP header of 16 octets";
  Octets ihl = make_packet({});
  ihl[0] = 0x44;
  EXPECT_EQ(length(ihl, ihl.size()), 0U) << "an IPv4 header of 16 octets";
}

}  // namespace
