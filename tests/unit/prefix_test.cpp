// SPDX-License-Identifier: GPL-2.0
// Sets of prefixes: the ranges that prefix.c builds hold exactly the addresses
// that a look at every prefix would find.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <vector>

#include "core.h"

namespace {

using Address = std::array<u8, 16>;

plait_prefix prefix(unsigned version, Address addr, unsigned len) {
  plait_prefix p{};
  const unsigned width = version == 4 ? 32 : 128;
  for (unsigned bit = len; bit < width; bit++)
    addr[bit / 8] &= static_cast<u8>(~(0x80 >> bit % 8));
  std::copy(addr.begin(), addr.begin() + width / 8, p.addr);
  p.len = static_cast<u8>(len);
  p.version = static_cast<u8>(version);
  return p;
}

// A packet whose source address is the given one; nothing else of it is read.
std::array<u8, 40> packet_from(unsigned version, const Address& source) {
  std::array<u8, 40> pkt{};
  pkt[0] = static_cast<u8>(version << 4);
  std::copy(source.begin(), source.begin() + (version == 4 ? 4 : 16),
            pkt.begin() + (version == 4 ? 12 : 8));
  return pkt;
}

bool covers(const plait_prefix& p, const Address& a) {
  for (unsigned bit = 0; bit < p.len; bit++)
    if ((p.addr[bit / 8] ^ a[bit / 8]) & (0x80 >> bit % 8)) return false;
  return true;
}

class Set {
 public:
  explicit Set(const std::vector<plait_prefix>& p) : ranges_(p.size()) {
    plait_prefix_set_build(&set_, ranges_.data(), p.data(), static_cast<u32>(p.size()));
  }
  bool has(unsigned version, const Address& a) const {
    return plait_prefix_set_has_source(&set_, packet_from(version, a).data());
  }
  u32 v4_ranges() const { return set_.v4_count; }

 private:
  std::vector<plait_range> ranges_;
  plait_prefix_set set_{};
};

// Few distinct octets, so that prefixes nest, touch and repeat.
rc::Gen<Address> addresses() {
  return rc::gen::container<Address>(rc::gen::element<u8>(0, 0, 1, 0x7f, 0x80, 0xff));
}

RC_GTEST_PROP(Prefix, a_set_holds_what_its_prefixes_cover, ()) {
  std::vector<plait_prefix> prefixes;
  const int count = *rc::gen::inRange(0, 12);
  for (int i = 0; i < count; i++) {
    const unsigned version = *rc::gen::element(4U, 6U);
    prefixes.push_back(
        prefix(version, *addresses(), *rc::gen::inRange(0U, version == 4 ? 33U : 129U)));
  }
  const Set set(prefixes);
  for (int i = 0; i < 20; i++) {
    // An address at random, or one at or next to a prefix's own.
    Address a = *addresses();
    if (!prefixes.empty() && *rc::gen::arbitrary<bool>()) {
      const auto& p = *rc::gen::elementOf(prefixes);
      std::copy(p.addr, p.addr + 16, a.begin());
      const unsigned bit = *rc::gen::inRange(0U, p.version == 4 ? 32U : 128U);
      if (*rc::gen::arbitrary<bool>()) a[bit / 8] ^= static_cast<u8>(0x80 >> bit % 8);
    }
    for (unsigned version : {4U, 6U}) {
      bool expected = false;
      for (const auto& p : prefixes)
        expected |= p.version == version && covers(p, a);
      RC_ASSERT(set.has(version, a) == expected);
    }
  }
}

TEST(Prefix, an_empty_set_holds_nothing_and_a_default_route_all_of_its_family) {
  EXPECT_FALSE(Set({}).has(4, {}));
  EXPECT_FALSE(Set({}).has(6, {}));
  const Set all4({prefix(4, {}, 0)});
  EXPECT_TRUE(all4.has(4, {10, 0, 0, 1}));
  EXPECT_FALSE(all4.has(6, {}));
}

TEST(Prefix, nested_prefixes_are_one_range) {
  const Set set({prefix(4, {10, 1, 2, 3}, 32), prefix(4, {10, 0, 0, 0}, 8),
                 prefix(4, {10, 1, 0, 0}, 16), prefix(4, {11, 0, 0, 0}, 8)});
  EXPECT_EQ(set.v4_ranges(), 2U);
  EXPECT_TRUE(set.has(4, {10, 255, 255, 255}));
  EXPECT_FALSE(set.has(4, {12, 0, 0, 0}));
}

TEST(Prefix, host_bits_and_impossible_lengths_are_refused) {
  plait_prefix p = prefix(4, {10, 0, 0, 0}, 8);
  EXPECT_TRUE(plait_prefix_valid(&p));
  p.addr[3] = 1;
  EXPECT_FALSE(plait_prefix_valid(&p));
  p = prefix(6, {0x20, 1}, 16);
  EXPECT_TRUE(plait_prefix_valid(&p));
  p.addr[15] = 1;
  EXPECT_FALSE(plait_prefix_valid(&p));
  for (const auto& [version, len] : {std::pair{4, 33}, {6, 129}, {5, 0}, {0, 0}}) {
    p = {};
    p.version = static_cast<u8>(version);
    p.len = static_cast<u8>(len);
    EXPECT_FALSE(plait_prefix_valid(&p)) << version << " " << len;
  }
}

TEST(Prefix, two_are_equal_when_family_length_and_address_are) {
  const plait_prefix a = prefix(4, {10}, 8), b = prefix(4, {10}, 9), c = prefix(6, {10}, 8),
                     d = prefix(4, {11}, 8);
  EXPECT_TRUE(plait_prefix_equal(&a, &a));
  for (const auto* other : {&b, &c, &d})
    EXPECT_FALSE(plait_prefix_equal(&a, other));
}

}  // namespace
