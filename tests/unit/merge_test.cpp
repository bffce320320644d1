// SPDX-License-Identifier: GPL-2.0
// Merging TCP segments on receive: the reverse of segmentation, and nothing more
// than that may be merged.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <optional>

#include "packets.h"

namespace {

using namespace plait_test;

constexpr u8 kFin = 0x01, kPsh = 0x08, kAck = 0x10, kCwr = 0x80;

// Merges as a receiver does: into one, while they fit; gives it, or none at all.
class Merger {
 public:
  explicit Merger(const Octets& first) : packet_(first) {
    packet_.reserve(200000);  // m_ points into it
    begun_ = plait_merge_begin(&m_, packet_.data(), static_cast<u32>(first.size()),
                               static_cast<u32>(first.size()));
  }
  bool begun() const { return begun_; }
  bool append(const Octets& p) {
    Octets alone(p);  // no octet behind it
    alone.shrink_to_fit();
    if (!plait_merge_append(&m_, alone.data(), static_cast<u32>(alone.size()))) return false;
    packet_.insert(packet_.end(), p.begin() + m_.headers_len, p.end());
    return true;
  }
  Octets finish() {
    plait_merge_finish(&m_);
    return packet_;
  }

 private:
  Octets packet_;
  plait_merge m_{};
  bool begun_ = false;
};

PacketSpec any_super() {
  PacketSpec s;
  s.version = *rc::gen::element(4, 6);
  s.tclass = *rc::gen::arbitrary<u8>();
  s.id = *rc::gen::arbitrary<u16>();
  s.df = *rc::gen::arbitrary<bool>();
  s.seq = *rc::gen::element<u32>(0, 1000, 0xffffff00, 0x7fffffff);
  s.tcp_flags = kAck | *rc::gen::element<u8>(0, kPsh, kFin, kCwr, kPsh | kFin | kCwr);
  s.tcp_options = Octets(*rc::gen::inRange<size_t>(0, 11) * 4, 1);
  s.payload =
      *rc::gen::container<Octets>(*rc::gen::inRange<size_t>(2, 5000), rc::gen::arbitrary<u8>());
  return s;
}

RC_GTEST_PROP(Merge, of_all_segments_is_the_super_packet, ()) {
  const PacketSpec spec = any_super();
  const Octets super = make_packet(spec);
  const auto mss = *rc::gen::inRange<u32>(1, static_cast<u32>(spec.payload.size()));
  const auto segments = segment_all(super, mss);

  Merger m(segments[0]);
  RC_ASSERT(m.begun());
  for (size_t i = 1; i < segments.size(); i++)
    RC_ASSERT(m.append(segments[i]));
  RC_ASSERT(m.finish() == super);
}

TEST(Merge, of_one_packet_leaves_every_octet_as_it_was) {
  const Octets p = make_packet({.tcp_flags = kAck | kPsh | kCwr});
  Merger m(p);
  ASSERT_TRUE(m.begun());
  EXPECT_EQ(m.finish(), p);
}

TEST(Merge, does_not_make_a_damaged_ip_header_sound) {
  Octets damaged = make_packet({.seq = 0});
  damaged[10] ^= 1;
  EXPECT_FALSE(Merger(damaged).begun());
  damaged = make_packet({.seq = 100});
  damaged[10] ^= 1;
  EXPECT_FALSE(Merger(make_packet({.seq = 0})).append(damaged));
}

TEST(Merge, refuses_an_ip_checksum_that_it_would_write_otherwise) {
  // With this identification the checksum is 0: RFC 1071 reads 0xffff as the same.
  const auto spelled = [](const PacketSpec& s, unsigned checksum) {
    Octets p = make_packet(s);
    const unsigned sum = get16(p, 4) + get16(p, 10);
    put16(p, 4, (sum & 0xffff) + (sum >> 16));
    put16(p, 10, checksum);
    EXPECT_TRUE(ipv4_checksum_holds(p));
    return p;
  };
  EXPECT_TRUE(Merger(spelled({}, 0)).begun());
  EXPECT_FALSE(Merger(spelled({}, 0xffff)).begun());
  const Octets first = make_packet({.seq = 0});
  EXPECT_TRUE(Merger(first).append(spelled({.seq = 100}, 0)));
  EXPECT_FALSE(Merger(first).append(spelled({.seq = 100}, 0xffff)));
}

TEST(Merge, begins_with_plain_tcp_data_alone) {
  const auto begins = [](const PacketSpec& s) { return Merger(make_packet(s)).begun(); };
  EXPECT_TRUE(begins({}));
  EXPECT_TRUE(begins({.version = 6}));
  EXPECT_TRUE(begins({.payload = Octets(1)}));
  EXPECT_FALSE(begins({.payload = {}})) << "a bare acknowledgement";
  EXPECT_FALSE(begins({.proto = PLAIT_PROTO_UDP}));
  EXPECT_FALSE(begins({.ip_options = Octets(4, 1)}));
  for (u8 flag : {0x01, 0x02, 0x04, 0x20, 0x40})
    EXPECT_FALSE(begins({.tcp_flags = static_cast<u8>(kAck | flag)})) << unsigned{flag};
  EXPECT_FALSE(begins({.tcp_flags = 0})) << "no ACK";
  EXPECT_FALSE(Merger(Octets(60, 0)).begun());
}

TEST(Merge, ends_with_push_fin_or_a_short_segment) {
  const Octets first = make_packet({.id = 1, .seq = 0});
  const auto goes_on_after = [&](const PacketSpec& second) {
    Merger m(first);
    EXPECT_TRUE(m.append(make_packet(second)));
    const auto next = static_cast<u32>(second.seq + second.payload.size());
    return m.append(make_packet({.id = 3, .seq = next, .payload = Octets(9)}));
  };
  EXPECT_TRUE(goes_on_after({.id = 2, .seq = 100}));
  EXPECT_FALSE(goes_on_after({.id = 2, .seq = 100, .tcp_flags = kAck | kPsh}));
  EXPECT_FALSE(goes_on_after({.id = 2, .seq = 100, .tcp_flags = kAck | kFin}));
  EXPECT_FALSE(goes_on_after({.id = 2, .seq = 100, .payload = Octets(99)}));
  EXPECT_FALSE(Merger(make_packet({.seq = 0, .tcp_flags = kAck | kPsh}))
                   .append(make_packet({.id = 2, .seq = 100})));
}

TEST(Merge, refuses_a_segment_longer_than_the_first_and_an_empty_one) {
  Merger m(make_packet({.id = 1, .seq = 0}));
  EXPECT_FALSE(m.append(make_packet({.id = 2, .seq = 100, .payload = Octets(101)})));
  EXPECT_FALSE(m.append(make_packet({.id = 2, .seq = 100, .payload = {}})));
  EXPECT_FALSE(m.append(Octets(20, 0x45)));
  EXPECT_TRUE(m.append(make_packet({.id = 2, .seq = 100})));
}

TEST(Merge, stops_where_a_length_field_ends) {
  const auto fits = [](size_t second) {
    Merger m(make_packet({.id = 1, .seq = 0, .payload = Octets(40000)}));
    return m.append(make_packet({.id = 2, .seq = 40000, .payload = Octets(second)}));
  };
  EXPECT_TRUE(fits(65535 - 40 - 40000));
  EXPECT_FALSE(fits(65535 - 40 - 40000 + 1));
}

TEST(Merge, does_not_look_at_the_identification_of_packets_that_cannot_be_fragmented) {
  Merger whole(make_packet({.id = 7, .df = true, .seq = 0}));
  EXPECT_TRUE(whole.append(make_packet({.id = 7, .df = true, .seq = 100})));
  Merger may_fragment(make_packet({.id = 7, .df = false, .seq = 0}));
  EXPECT_FALSE(may_fragment.append(make_packet({.id = 7, .df = false, .seq = 100})));
  EXPECT_TRUE(may_fragment.append(make_packet({.id = 8, .df = false, .seq = 100})));
}

// What may differ between a segment and the one before it, as it stands in the
// headers; every other bit must be the same.
bool may_differ(const PacketSpec& s, size_t octet, u8 bit) {
  const size_t l4 = s.version == 4 ? 20 : 40;
  if (s.version == 4 && (octet == 2 || octet == 3)) return true;  // length: the caller's
  if (s.version == 4 && (octet == 4 || octet == 5)) return s.df;  // identification
  if (s.version == 6 && (octet == 4 || octet == 5)) return true;  // length: the caller's
  if (octet == l4 + 13) return bit == kFin || bit == kPsh;
  return octet == l4 + 16 || octet == l4 + 17;  // partial checksum
}

TEST(Merge, refuses_every_single_bit_that_segmentation_would_not_give_back) {
  for (int version : {4, 6}) {
    for (bool df : {true, false}) {
      const PacketSpec s{
          .version = version, .id = 2, .df = df, .seq = 100, .tcp_options = Octets(12, 1)};
      PacketSpec before = s;
      before.id = 1;
      before.seq = 0;
      const Octets first = make_packet(before), second = make_packet(s);
      ASSERT_TRUE(Merger(first).append(second));

      const size_t headers = second.size() - s.payload.size();
      for (size_t at = 0; at < headers * 8; at++) {
        const u8 bit = static_cast<u8>(1U << at % 8);
        Octets changed = second;
        changed[at / 8] ^= bit;
        if (version == 4 && (at / 8 < 10 || at / 8 > 11)) set_ipv4_checksum(changed);
        EXPECT_EQ(Merger(first).append(changed), may_differ(s, at / 8, bit))
            << "IPv" << version << ", octet " << at / 8 << ", bit " << unsigned{bit};
      }
    }
  }
}

TEST(Merge, refuses_a_packet_of_another_protocol_or_version) {
  Merger m(make_packet({.seq = 0}));
  EXPECT_FALSE(m.append(make_packet({.version = 6, .seq = 100})));
  EXPECT_FALSE(m.append(make_packet({.proto = PLAIT_PROTO_UDP})));
  Merger m6(make_packet({.version = 6, .seq = 0}));
  EXPECT_FALSE(m6.append(make_packet({.seq = 100})));
}

}  // namespace
