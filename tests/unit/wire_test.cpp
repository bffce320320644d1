// SPDX-License-Identifier: GPL-2.0
// Headers and tags (protocol sections 2, 3, 5, 7) for every value; the vectors have
// the particular ones.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

#include "core.h"

namespace {

using Header = std::array<u8, PLAIT_HDR_LEN>;

plait_hdr any_header() {
  plait_hdr h{};
  h.pn = *rc::gen::arbitrary<u64>();
  h.index = *rc::gen::arbitrary<u32>();
  h.strand_seq = *rc::gen::arbitrary<u32>() & PLAIT_STRAND_SEQ_MASK;
  h.tstamp_us = *rc::gen::arbitrary<u32>();
  h.epoch = *rc::gen::arbitrary<u16>();
  h.strand = *rc::gen::arbitrary<u8>();
  h.type = *rc::gen::arbitrary<u8>();
  h.version = *rc::gen::arbitrary<u8>();
  return h;
}

plait_tag_key any_key() {
  return {*rc::gen::arbitrary<u64>(), *rc::gen::arbitrary<u64>()};
}

TEST(SipHash, gives_the_reference_answer_for_32_octets) {
  std::array<u8, 48> count{};
  for (size_t i = 0; i < count.size(); i++)
    count[i] = static_cast<u8>(i);
  plait_tag_key key;
  plait_tag_key_load(&key, count.data());
  // vectors_sip64[32] of the reference implementation, as a number
  EXPECT_EQ(plait_siphash32(&key, plait_get_le64(&count[0]), plait_get_le64(&count[8]),
                            plait_get_le64(&count[16]), plait_get_le64(&count[24])),
            0x7127512f72f27cceULL);
}

RC_GTEST_PROP(Header, comes_back_as_it_went, ()) {
  const plait_hdr h = any_header();
  const plait_tag_key key = any_key();
  const u32 len = *rc::gen::arbitrary<u16>();
  Header wire;
  plait_hdr back;

  plait_hdr_encode(wire.data(), &h, &key, len);
  plait_hdr_decode(&back, wire.data());
  RC_ASSERT(back.pn == h.pn && back.index == h.index && back.strand_seq == h.strand_seq);
  RC_ASSERT(back.tstamp_us == h.tstamp_us && back.epoch == h.epoch);
  RC_ASSERT(back.strand == h.strand && back.type == h.type && back.version == h.version);
  RC_ASSERT(back.tag == plait_header_tag(&key, wire.data(), len));
  RC_ASSERT(plait_pn(plait_pn_lane(h.pn), plait_pn_counter(h.pn)) == h.pn);
}

RC_GTEST_PROP(Header, tag_covers_every_bit_behind_it_and_the_length, ()) {
  const plait_hdr h = any_header();
  const plait_tag_key key = any_key();
  const u32 len = *rc::gen::arbitrary<u16>();
  const auto bit = *rc::gen::inRange<unsigned>(64, PLAIT_HDR_LEN * 8);
  Header wire;

  plait_hdr_encode(wire.data(), &h, &key, len);
  const u64 tag = plait_get_le64(wire.data());
  RC_ASSERT(plait_header_tag(&key, wire.data(), len + 1) != tag);
  wire[bit / 8] ^= static_cast<u8>(1U << bit % 8);
  RC_ASSERT(plait_header_tag(&key, wire.data(), len) != tag);
}

RC_GTEST_PROP(Handshake, cookie_tag_covers_the_second_half_alone, ()) {
  Header wire = *rc::gen::container<Header>(rc::gen::arbitrary<u8>());
  const plait_tag_key key = any_key();
  const u64 tag = plait_cookie_tag(&key, wire.data(), 64);

  wire[*rc::gen::inRange<size_t>(0, 16)] ^= 0x10;
  RC_ASSERT(plait_cookie_tag(&key, wire.data(), 64) == tag);
  wire[*rc::gen::inRange<size_t>(16, 32)] ^= 0x10;
  RC_ASSERT(plait_cookie_tag(&key, wire.data(), 64) != tag);
}

TEST(Header, a_strand_sequence_beyond_24_bits_does_not_spill_into_the_strand_id) {
  plait_hdr h{};
  plait_tag_key key{};
  Header wire;
  h.strand = 5;
  h.strand_seq = 0xff000001;
  plait_hdr_encode(wire.data(), &h, &key, 48);
  EXPECT_EQ(wire[PLAIT_OFF_STRAND], 5);
  EXPECT_EQ(wire[PLAIT_OFF_STRAND + 3], 1);
}

TEST(Header, two_copies_of_a_datagram_differ_in_their_strand_half_alone) {
  plait_hdr h{};
  plait_tag_key key{1, 2};
  Header one, two;
  h.pn = 7;
  plait_hdr_encode(one.data(), &h, &key, 100);
  h.strand = 1;
  h.strand_seq = 99;
  h.tstamp_us = 12345;
  plait_hdr_encode(two.data(), &h, &key, 100);
  EXPECT_NE(memcmp(one.data(), two.data(), PLAIT_STRAND_HALF), 0);
  EXPECT_EQ(memcmp(&one[PLAIT_STRAND_HALF], &two[PLAIT_STRAND_HALF], PLAIT_AAD_LEN), 0);
}

RC_GTEST_PROP(InnerHeader, comes_back_as_it_went_and_ignores_reserved_bits, ()) {
  const plait_inner in = {*rc::gen::arbitrary<u32>(), *rc::gen::arbitrary<u16>(),
                          *rc::gen::arbitrary<u8>(),
                          *rc::gen::element<u8>(0, PLAIT_INNER_PARTIAL_CSUM)};
  std::array<u8, PLAIT_INNER_LEN> wire;
  plait_inner back;

  plait_inner_encode(wire.data(), &in);
  RC_ASSERT((wire[7] & 0x7f) == 0);
  wire[7] |= *rc::gen::arbitrary<u8>() & 0x7f;
  plait_inner_decode(&back, wire.data());
  RC_ASSERT(back.dsn == in.dsn && back.distance == in.distance);
  RC_ASSERT(back.bucket == in.bucket && back.flags == in.flags);
}

RC_GTEST_PROP(Integers, load_what_was_stored_at_any_alignment, ()) {
  std::array<u8, 16> o{};
  u8* p = &o[*rc::gen::inRange<size_t>(0, 8)];
  const u64 v = *rc::gen::arbitrary<u64>();

  plait_put_be64(p, v);
  RC_ASSERT(plait_get_be64(p) == v && plait_get_le64(p) == __builtin_bswap64(v));
  plait_put_le64(p, v);
  RC_ASSERT(plait_get_le64(p) == v);
  plait_put_be32(p, static_cast<u32>(v));
  RC_ASSERT(plait_get_be32(p) == static_cast<u32>(v));
  plait_put_be16(p, static_cast<u16>(v));
  RC_ASSERT(plait_get_be16(p) == static_cast<u16>(v));
}

}  // namespace
