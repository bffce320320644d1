// SPDX-License-Identifier: GPL-2.0
// The checks before the AEAD (protocol section 8, steps 1 to 5): each datagram's
// verdict by a naive model, in the page's order, and how often keys are looked up.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <vector>

#include "core.h"

namespace {

using Octets = std::vector<u8>;

// A lane of a receiver with two sessions; the first has the key epochs 0 and 1.
class Receiver {
 public:
  static constexpr u8 kLane = 1;

  Receiver() {
    for (auto [index, epoch] : {std::pair{100U, 0U}, {100U, 1U}, {200U, 0U}}) {
      auto& e = epochs_[{index, epoch}];
      e = std::make_unique<Epoch>();
      e->keys.tag_key = {index, epoch};
      plait_window_init(&e->keys.window, &e->bits, 64);
      plait_window_accept(&e->keys.window, 200);  // too old: up to 191
      plait_window_accept(&e->keys.window, 195);
      e->keys.lane = kLane;
    }
  }

  plait_rx_keys* find(u32 index, u16 epoch) {
    auto it = epochs_.find({index, epoch});
    return it == epochs_.end() ? nullptr : &it->second->keys;
  }

  static plait_rx_keys* lookup(void* ctx, u32 index, u16 epoch, plait_verdict* why) {
    auto* self = static_cast<Receiver*>(ctx);
    self->lookups++;
    plait_rx_keys* keys = self->find(index, epoch);
    if (!keys) *why = index == 100 || index == 200 ? PLAIT_DROP_RX_EPOCH : PLAIT_DROP_PORT_INDEX;
    return keys;
  }

  std::vector<plait_rx_dgram> check(const std::vector<Octets>& datagrams) {
    std::vector<plait_rx_dgram> d(datagrams.size());
    for (size_t i = 0; i < d.size(); i++) {
      d[i].at = datagrams[i].data();
      d[i].len = static_cast<u32>(datagrams[i].size());
    }
    plait_check_batch(d.data(), static_cast<unsigned>(d.size()), lookup, this);
    return d;
  }

  int lookups = 0;

 private:
  struct Epoch {
    plait_rx_keys keys{};
    u64 bits = 0;
  };
  std::map<std::pair<u32, u32>, std::unique_ptr<Epoch>> epochs_;
};

struct Fields {
  u32 index = 100;
  u16 epoch = 0;
  u8 lane = Receiver::kLane, type = PLAIT_TYPE_SOURCE, version = PLAIT_VERSION;
  u64 counter = 300;
  u32 len = PLAIT_SOURCE_OVERHEAD;
  bool good_tag = true;
};

Octets make(const Fields& f) {
  Octets o(std::max<u32>(f.len, PLAIT_HDR_LEN));
  plait_hdr h{};
  const plait_tag_key key{f.index, f.epoch};
  h.pn = plait_pn(f.lane, f.counter);
  h.index = f.index;
  h.epoch = f.epoch;
  h.type = f.type;
  h.version = f.version;
  plait_hdr_encode(o.data(), &h, &key, f.len);
  if (!f.good_tag) o[0] ^= 1;
  o.resize(f.len);
  o.shrink_to_fit();
  return o;
}

// Only its form is judged: no session has been asked for.
plait_verdict model_form(const Fields& f) {
  if (f.len < 48) return PLAIT_DROP_PORT_SHORT;
  if (f.version != 1) return PLAIT_DROP_PORT_VERSION;
  if (f.type >= 0x80) return f.len < 64 ? PLAIT_DROP_PORT_SHORT : PLAIT_DROP_PORT_HANDSHAKE;
  if (f.type == 1 && f.len < 56) return PLAIT_DROP_PORT_SHORT;
  return PLAIT_OK;
}

plait_verdict model(const Fields& f) {
  if (plait_verdict v = model_form(f); v != PLAIT_OK) return v;
  if (f.index != 100 && f.index != 200) return PLAIT_DROP_PORT_INDEX;
  if (f.epoch > 1 || (f.index == 200 && f.epoch > 0)) return PLAIT_DROP_RX_EPOCH;
  if (f.lane != Receiver::kLane) return PLAIT_DROP_RX_LANE;
  if (!f.good_tag) return PLAIT_DROP_RX_TAG;
  if (f.counter < 192) return PLAIT_DROP_RX_OLD;
  if (f.counter == 195 || f.counter == 200) return PLAIT_DROP_RX_DUPLICATE;
  return PLAIT_OK;
}

Fields any_fields() {
  // Mostly right in each field, so that each check is reached.
  Fields f;
  f.index = *rc::gen::element<u32>(100, 100, 100, 200, 100, 300, 301);
  f.epoch = *rc::gen::element<u16>(0, 0, 0, 0, 1, 2);
  f.lane = *rc::gen::element<u8>(1, 1, 1, 1, 1, 1, 0, 2, 255);
  f.type = *rc::gen::element<u8>(1, 1, 1, 1, 2, 3, 0, 0x7f, 0x80, 0x81, 0xff);
  f.version = *rc::gen::element<u8>(1, 1, 1, 1, 1, 1, 1, 0, 2);
  f.counter = *rc::gen::element<u64>(300, 199, 192, 191, 195, 200, 0, PLAIT_COUNTER_MAX);
  f.len = *rc::gen::element<u32>(56, 56, 1472, 65507, 64, 63, 55, 48, 47, 31, 1, 0);
  f.good_tag = *rc::gen::element(true, true, true, false);
  return f;
}

RC_GTEST_PROP(Check, gives_each_datagram_of_a_batch_its_own_verdict, ()) {
  const auto fields = *rc::gen::container<std::vector<Fields>>(rc::gen::exec(any_fields));
  std::vector<Octets> datagrams;
  for (const auto& f : fields)
    datagrams.push_back(make(f));

  Receiver r;
  const auto d = r.check(datagrams);
  int runs = 0;
  const Fields* last = nullptr;
  for (size_t i = 0; i < fields.size(); i++) {
    const Fields& f = fields[i];
    RC_ASSERT(d[i].verdict == model(f));
    if (model_form(f) != PLAIT_OK) {
      RC_ASSERT(!d[i].keys);
      continue;
    }
    RC_ASSERT(d[i].keys == r.find(f.index, f.epoch));
    RC_ASSERT(d[i].hdr.pn == plait_pn(f.lane, f.counter));
    if (!last || last->index != f.index || last->epoch != f.epoch) runs++;
    last = &f;
  }
  RC_ASSERT(r.lookups == runs);
}

TEST(Check, looks_a_run_of_one_session_up_once) {
  Receiver r;
  std::vector<Octets> datagrams;
  for (u64 c = 0; c < 50; c++)
    datagrams.push_back(make({.counter = 300 + c}));
  for (const auto& d : r.check(datagrams))
    EXPECT_EQ(d.verdict, PLAIT_OK);
  EXPECT_EQ(r.lookups, 1);
}

TEST(Check, looks_a_run_of_one_stranger_up_once) {
  Receiver r;
  const std::vector<Octets> datagrams(50, make({.index = 999}));
  for (const auto& d : r.check(datagrams)) {
    EXPECT_EQ(d.verdict, PLAIT_DROP_PORT_INDEX);
    EXPECT_EQ(d.keys, nullptr);
  }
  EXPECT_EQ(r.lookups, 1);
}

TEST(Check, what_has_no_header_does_not_end_a_run) {
  Receiver r;
  const auto d = r.check({make({}), Octets(5), make({.counter = 301})});
  EXPECT_EQ(d[1].verdict, PLAIT_DROP_PORT_SHORT);
  EXPECT_EQ(d[2].verdict, PLAIT_OK);
  EXPECT_EQ(r.lookups, 1);
}

TEST(Check, records_nothing_of_what_the_aead_has_not_seen) {
  Receiver r;
  const std::vector<Octets> twice(2, make({}));
  EXPECT_EQ(r.check(twice)[1].verdict, PLAIT_OK);
  EXPECT_EQ(r.check(twice)[0].verdict, PLAIT_OK);
}

TEST(Check, a_truncated_or_lengthened_datagram_has_a_wrong_tag) {
  Receiver r;
  Octets o = make({.len = 100});
  o.pop_back();
  EXPECT_EQ(r.check({o})[0].verdict, PLAIT_DROP_RX_TAG);
  o.resize(101);
  EXPECT_EQ(r.check({o})[0].verdict, PLAIT_DROP_RX_TAG);
}

TEST(Check, reads_no_octet_of_an_empty_datagram) {
  EXPECT_EQ(plait_check_form(nullptr, 0), PLAIT_DROP_PORT_SHORT);
  Receiver r;
  EXPECT_TRUE(r.check({}).empty());
  EXPECT_EQ(r.lookups, 0);
}

}  // namespace
