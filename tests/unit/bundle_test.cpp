// SPDX-License-Identifier: GPL-2.0
// Bundles on transmit (protocol section 5): what shares a datagram, and that no flow's order
// changes for it.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <vector>

#include "core.h"

namespace {

constexpr u32 kLimit = 1400;

struct Packet {
  u32 len;
  u8 bucket;
  u8 flags = 0;
  u8 dsfield = 0;
};

// Whoever plans goes on with the memory of the plan before.
class Bundler {
 public:
  // The numbers of the packets in each bundle.
  std::vector<std::vector<unsigned>> plan(const std::vector<Packet>& packets) {
    for (size_t i = 0; i < packets.size(); i++) {
      const auto& p = packets[i];
      b_->packet[i] = {
          .len = p.len, .bucket = p.bucket, .flags = p.flags, .dsfield = p.dsfield, .next = 7};
    }
    const auto made = plait_bundle_plan(b_.get(), static_cast<unsigned>(packets.size()), kLimit);
    std::vector<std::vector<unsigned>> bundles(made);
    for (unsigned i = 0; i < made; i++) {
      const auto& bundle = b_->bundle[i];
      u32 len = 0;
      for (unsigned at = bundle.first; at != PLAIT_BUNDLE_END; at = b_->packet[at].next) {
        bundles[i].push_back(at);
        len += packets.at(at).len;
      }
      EXPECT_EQ(bundle.len, len);
      EXPECT_EQ(bundle.count, bundles[i].size());
      EXPECT_EQ(bundle.last, bundles[i].back());
    }
    return bundles;
  }

 private:
  std::unique_ptr<plait_bundler> b_ = std::make_unique<plait_bundler>();
};

using Bundles = std::vector<std::vector<unsigned>>;

TEST(Bundle, packets_of_one_flow_share_a_datagram_as_far_as_they_fit) {
  EXPECT_EQ(Bundler().plan({{700, 1}, {600, 1}, {100, 1}, {1, 1}}), (Bundles{{0, 1, 2}, {3}}));
  EXPECT_EQ(Bundler().plan({}), Bundles{});
  EXPECT_EQ(Bundler().plan({{50, 1}}), Bundles{{0}});
}

TEST(Bundle, flows_between_each_other_are_put_together) {
  EXPECT_EQ(Bundler().plan({{50, 1}, {50, 2}, {50, 1}, {50, 2}, {50, 3}}),
            (Bundles{{0, 2}, {1, 3}, {4}}));
}

// Unequal datagrams cannot leave in one trip.
TEST(Bundle, a_few_pairs_among_many_flows_are_not_worth_the_trips) {
  std::vector<Packet> packets;
  Bundles alone;
  for (unsigned i = 0; i < 32; i++) {
    packets.push_back({50, static_cast<u8>(i / 8 * 8 + i % 7)});  // four pairs
    alone.push_back({i});
  }
  EXPECT_EQ(Bundler().plan(packets), alone);
  // All of them pairs: of equal length again.
  for (unsigned i = 0; i < 32; i++)
    packets[i].bucket = static_cast<u8>(i % 16);
  EXPECT_EQ(Bundler().plan(packets).size(), 16U);
}

TEST(Bundle, nothing_overtakes_what_goes_alone) {
  EXPECT_EQ(Bundler().plan({{50, 1}, {kLimit, 1}, {50, 1}, {50, 1}}), (Bundles{{0}, {1}, {2, 3}}));
}

TEST(Bundle, marks_and_checksums_are_not_mixed) {
  const Packet marked{50, 1, 0, 3};
  const Packet plain{50, 1, 0, 0};
  const Packet partial{50, 1, PLAIT_INNER_PARTIAL_CSUM, 0};
  EXPECT_EQ(Bundler().plan({plain, marked, marked, marked, plain, plain, plain}),
            (Bundles{{0}, {1, 2, 3}, {4, 5, 6}}));
  EXPECT_EQ(Bundler().plan({partial, plain, plain, plain, plain}), (Bundles{{0}, {1, 2, 3, 4}}));
}

TEST(Bundle, an_earlier_plan_leaves_nothing_behind) {
  Bundler bundler;
  bundler.plan({{50, 1}, {50, 2}, {50, 3}});
  EXPECT_EQ(bundler.plan({{50, 3}, {50, 2}, {50, 1}}), (Bundles{{0}, {1}, {2}}));
}

RC_GTEST_PROP(Bundle, is_complete_in_order_and_of_one_kind, ()) {
  Bundler bundler;
  for (int round = 0; round < 3; round++) {
    const auto packets = *rc::gen::resize(
        PLAIT_BUNDLE_PACKETS,
        rc::gen::container<std::vector<Packet>>(rc::gen::construct<Packet>(
            rc::gen::inRange<u32>(20, kLimit + 1), rc::gen::inRange<u8>(0, 6),
            rc::gen::element<u8>(0, PLAIT_INNER_PARTIAL_CSUM), rc::gen::inRange<u8>(0, 2))));
    RC_PRE(packets.size() <= PLAIT_BUNDLE_PACKETS);
    std::set<unsigned> seen;
    std::map<u8, unsigned> last;
    for (const auto& bundle : bundler.plan(packets)) {
      u32 len = 0;
      const auto& first = packets[bundle.front()];
      for (const auto i : bundle) {
        const auto& p = packets[i];
        RC_ASSERT(seen.insert(i).second);
        RC_ASSERT(std::tie(p.bucket, p.flags, p.dsfield) ==
                  std::tie(first.bucket, first.flags, first.dsfield));
        const auto before = last.find(p.bucket);
        RC_ASSERT(before == last.end() || before->second < i);
        last[p.bucket] = i;
        len += p.len;
      }
      RC_ASSERT(len <= kLimit);
    }
    RC_ASSERT(seen.size() == packets.size());
  }
}

}  // namespace
