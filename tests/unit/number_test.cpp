// SPDX-License-Identifier: GPL-2.0
// Numbering on transmit (protocol sections 2 and 5): what one lane gives to its
// datagrams, and where it stops.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "core.h"

namespace {

constexpr u32 kDatagram = PLAIT_SOURCE_OVERHEAD + 4;

struct Numbered {
  plait_hdr hdr;
  plait_inner inner;
};

// One lane of a sender, with the memory that its datagrams are written into.
class Lane {
 public:
  explicit Lane(u8 lane = 0, u8 strand = 0) : dsn_(std::make_unique<plait_dsn_state>()) {
    n_.dsn = dsn_.get();
    n_.counter = &counter;
    n_.end = ~0ULL;  // more than there are
    n_.strand_seq = &strand_seq;
    n_.tag_key = &key_;
    n_.index = 0x01020304;
    n_.lane = lane;
    n_.strand = strand;
  }

  // Numbers one datagram a bucket, in one batch; gives those that were numbered.
  std::vector<Numbered> batch(const std::vector<u8>& buckets) {
    std::vector<u8> memory(buckets.size() * kDatagram, 0xee);
    std::vector<plait_tx_dgram> d(buckets.size());
    for (size_t i = 0; i < d.size(); i++) {
      d[i] = {.at = &memory[i * kDatagram],
              .pn = 0,
              .len = kDatagram,
              .bucket = buckets[i],
              .flags = static_cast<u8>(buckets[i] & 1 ? PLAIT_INNER_PARTIAL_CSUM : 0)};
    }

    const unsigned done = plait_number_batch(&n_, d.data(), static_cast<unsigned>(d.size()));
    std::vector<Numbered> out(done);
    for (unsigned i = 0; i < done; i++) {
      plait_hdr_decode(&out[i].hdr, d[i].at);
      plait_inner_decode(&out[i].inner, d[i].at + PLAIT_HDR_LEN);
      EXPECT_EQ(out[i].hdr.pn, d[i].pn);
      EXPECT_EQ(out[i].hdr.tag, plait_header_tag(&key_, d[i].at, kDatagram));
      EXPECT_EQ(d[i].at[PLAIT_HDR_LEN + PLAIT_INNER_LEN], 0xee) << "wrote into the packet";
    }
    return out;
  }

  void new_epoch(u16 epoch) {
    n_.epoch = epoch;
    counter = 0;
  }

  void ends_at(u64 end) { n_.end = end; }
  plait_dsn_state& dsn() { return *dsn_; }
  u64 counter = 0;
  u32 strand_seq = 0;

 private:
  std::unique_ptr<plait_dsn_state> dsn_;
  plait_tag_key key_{0x1111, 0x2222};
  plait_numbering n_{};
};

RC_GTEST_PROP(Numbering, counts_on_through_batches_and_key_epochs, ()) {
  const auto batches = *rc::gen::arbitrary<std::vector<std::vector<u8>>>();
  const u64 first_dsn = *rc::gen::element<u64>(0, 5, 0xfffffffe, 1ULL << 40);
  Lane lane(3, 9);
  lane.dsn().next = first_dsn;
  lane.strand_seq = 0xfffffe;

  std::set<std::pair<u16, u64>> seen;
  std::map<u8, u64> last;
  u64 dsn = first_dsn;
  u32 seq = 0xfffffe;
  u16 epoch = 0;
  for (const auto& buckets : batches) {
    const auto numbered = lane.batch(buckets);
    RC_ASSERT(numbered.size() == buckets.size());
    for (size_t i = 0; i < numbered.size(); i++, dsn++) {
      const auto& [hdr, inner] = numbered[i];
      RC_ASSERT(seen.insert({hdr.epoch, hdr.pn}).second);
      RC_ASSERT(hdr.epoch == epoch && plait_pn_lane(hdr.pn) == 3);
      RC_ASSERT(hdr.type == PLAIT_TYPE_SOURCE && hdr.version == 1 && hdr.strand == 9);
      RC_ASSERT(hdr.strand_seq == (seq++ & 0xffffff));

      const auto before = last.find(buckets[i]);
      const u64 distance = before == last.end() ? 0 : dsn - before->second;
      RC_ASSERT(inner.dsn == static_cast<u32>(dsn));
      RC_ASSERT(inner.bucket == buckets[i]);
      RC_ASSERT(inner.distance == distance);
      RC_ASSERT(inner.flags == (buckets[i] & 1 ? PLAIT_INNER_PARTIAL_CSUM : 0));
      last[buckets[i]] = dsn;
    }
    if (buckets.size() % 3 == 0) lane.new_epoch(++epoch);  // DSN and strand go on
  }
}

TEST(Numbering, strand_sequence_wraps_after_24_bits) {
  Lane lane;
  lane.strand_seq = 0xffffff;
  const auto numbered = lane.batch({1, 1});
  EXPECT_EQ(numbered[0].hdr.strand_seq, 0xffffffU);
  EXPECT_EQ(numbered[1].hdr.strand_seq, 0U);
}

TEST(Numbering, a_bucket_whose_previous_symbol_is_dsn_zero_has_a_distance) {
  Lane lane;
  const auto numbered = lane.batch({0, 0, 7});
  EXPECT_EQ(numbered[0].inner.distance, 0);
  EXPECT_EQ(numbered[1].inner.distance, 1);
  EXPECT_EQ(numbered[2].inner.distance, 0);
}

TEST(Numbering, distance_reaches_65535_and_no_further) {
  for (u64 away : {65535ULL, 65536ULL, 1ULL << 32 | 5}) {
    Lane lane;
    lane.batch({4});
    lane.dsn().next = away;
    EXPECT_EQ(lane.batch({4})[0].inner.distance, away == 65535 ? 65535 : 0) << away;
    EXPECT_EQ(lane.batch({4})[0].inner.distance, 1);
  }
}

TEST(Numbering, stops_at_the_last_packet_number_of_a_key) {
  Lane lane(2);
  lane.counter = PLAIT_COUNTER_MAX - 1;
  const auto numbered = lane.batch({1, 2, 3, 4});
  ASSERT_EQ(numbered.size(), 2U);
  EXPECT_EQ(numbered[1].hdr.pn, plait_pn(2, (1ULL << 56) - 2));
  EXPECT_EQ(lane.dsn().next, 2U) << "what was not numbered got a DSN";
  EXPECT_EQ(lane.strand_seq, 2U);
  EXPECT_TRUE(lane.batch({1}).empty());
  EXPECT_EQ(lane.counter, PLAIT_COUNTER_MAX + 1);
}

TEST(Numbering, gives_no_number_from_a_counter_that_lies_beyond_the_last) {
  for (u64 start : {PLAIT_COUNTER_MAX + 1, PLAIT_COUNTER_MAX + 2, 1ULL << 56, ~0ULL}) {
    Lane lane;
    lane.counter = start;  // or it would begin at 0 again: the nonces of another datagram
    EXPECT_TRUE(lane.batch({1, 2}).empty()) << start;
    EXPECT_EQ(lane.counter, start);
  }
}

TEST(Numbering, stops_where_its_share_of_the_key_ends) {
  Lane lane;
  lane.ends_at(3);
  EXPECT_EQ(lane.batch({1, 2, 3, 4}).size(), 3U);
  EXPECT_TRUE(lane.batch({1}).empty());
  lane.ends_at(5);
  EXPECT_EQ(lane.batch({1, 2, 3}).size(), 2U);
  EXPECT_EQ(lane.dsn().next, 5U);
}

TEST(Numbering, an_empty_batch_changes_nothing) {
  Lane lane;
  EXPECT_TRUE(lane.batch({}).empty());
  EXPECT_EQ(lane.counter, 0U);
  EXPECT_EQ(lane.dsn().next, 0U);
}

RC_GTEST_PROP(Dsn, extends_to_the_value_that_was_sent_if_it_is_near, ()) {
  const u64 near = *rc::gen::arbitrary<u64>() >> *rc::gen::inRange(1, 63);
  const u32 away = *rc::gen::arbitrary<u32>() & 0x7fffffff;
  RC_ASSERT(plait_dsn_extend(near, static_cast<u32>(near + away)) == near + away);
  if (away <= near) RC_ASSERT(plait_dsn_extend(near, static_cast<u32>(near - away)) == near - away);
}

TEST(Dsn, never_goes_below_zero) {
  EXPECT_EQ(plait_dsn_extend(5, 0xffffffff), 0xffffffffU);
  EXPECT_EQ(plait_dsn_extend(0, 0x80000001), 0x80000001U);
}

}  // namespace
