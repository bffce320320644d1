// SPDX-License-Identifier: GPL-2.0
// The replay window (protocol section 8) against a set of counters, and its edges.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <vector>

#include "core.h"

namespace {

class Window {
 public:
  explicit Window(u32 span) : bits_(span / 64) { plait_window_init(&w_, bits_.data(), span); }
  plait_verdict check(u64 c) const { return plait_window_check(&w_, c); }
  plait_verdict accept(u64 c) { return plait_window_accept(&w_, c); }
  u64 top() const { return w_.top; }

 private:
  std::vector<u64> bits_;  // exactly as long as asked for: ASan sees a step outside
  plait_window w_;
};

// What the page says, with memory to waste.
class Model {
 public:
  explicit Model(u32 span) : span_(span) {}
  plait_verdict accept(u64 c) {
    if (c / 64 + span_ / 64 <= top_ / 64) return PLAIT_DROP_RX_OLD;
    if (!seen_.insert(c).second) return PLAIT_DROP_RX_DUPLICATE;
    top_ = std::max(top_, c);
    return PLAIT_OK;
  }
  u64 top() const { return top_; }

 private:
  u64 span_, top_ = 0;
  std::set<u64> seen_;
};

RC_GTEST_PROP(Window, agrees_with_a_set_of_all_counters_ever_accepted, ()) {
  const u32 span = 1U << *rc::gen::inRange(6, 12);
  Window window(span);
  Model model(span);

  // Counters from before, about and beyond the window's two ends, and far jumps.
  const auto steps = *rc::gen::container<std::vector<std::pair<int, u32>>>(
      rc::gen::pair(rc::gen::inRange(0, 8), rc::gen::arbitrary<u32>()));
  for (const auto& [kind, noise] : steps) {
    u64 base = model.top(), c = 0;
    if (kind < 3) c = base + noise % 4;                                               // in order
    if (kind >= 3 && kind < 6) c = base - std::min<u64>(base, noise % (span + 130));  // late
    if (kind == 6) c = base + noise % (3 * span);                                     // a jump
    if (kind == 7) c = base + (static_cast<u64>(noise) << 20);                        // a leap
    c = std::min<u64>(c, PLAIT_COUNTER_MAX);

    const plait_verdict before = window.check(c), expected = model.accept(c);
    RC_ASSERT(before == expected);
    RC_ASSERT(window.accept(c) == expected);
    RC_ASSERT(window.top() == model.top());
    RC_ASSERT(window.check(c) != PLAIT_OK);
  }
}

TEST(Window, takes_counter_zero_once) {
  Window w(64);
  EXPECT_EQ(w.accept(0), PLAIT_OK);
  EXPECT_EQ(w.accept(0), PLAIT_DROP_RX_DUPLICATE);
}

TEST(Window, takes_in_any_order_what_lies_within_its_span) {
  Window w(128);
  for (u64 c = 128; c-- > 0;)
    EXPECT_EQ(w.accept(c), PLAIT_OK) << c;
  for (u64 c = 0; c < 128; c++)
    EXPECT_EQ(w.accept(c), PLAIT_DROP_RX_DUPLICATE) << c;
}

TEST(Window, rejects_what_fell_off_its_old_end) {
  Window w(128);
  EXPECT_EQ(w.accept(127), PLAIT_OK);
  EXPECT_EQ(w.check(0), PLAIT_OK);
  EXPECT_EQ(w.accept(128), PLAIT_OK);  // a new block: the oldest leaves as a whole
  EXPECT_EQ(w.check(0), PLAIT_DROP_RX_OLD);
  EXPECT_EQ(w.check(63), PLAIT_DROP_RX_OLD);
  EXPECT_EQ(w.check(64), PLAIT_OK);
}

TEST(Window, checking_records_nothing) {
  Window w(64);
  EXPECT_EQ(w.check(1000), PLAIT_OK);
  EXPECT_EQ(w.check(1000), PLAIT_OK);
  EXPECT_EQ(w.top(), 0U);
}

TEST(Window, a_jump_of_exactly_its_span_keeps_no_bit_of_the_round_before) {
  Window w(256);
  for (u64 c = 0; c < 256; c++)
    EXPECT_EQ(w.accept(c), PLAIT_OK);
  EXPECT_EQ(w.accept(511), PLAIT_OK);
  for (u64 c = 256; c < 511; c++)
    EXPECT_EQ(w.accept(c), PLAIT_OK) << c;
}

TEST(Window, holds_at_the_last_counter_a_sender_may_use) {
  Window w(PLAIT_WINDOW_SPAN_DEFAULT);
  EXPECT_EQ(w.accept(PLAIT_COUNTER_MAX), PLAIT_OK);
  EXPECT_EQ(w.accept(PLAIT_COUNTER_MAX), PLAIT_DROP_RX_DUPLICATE);
  EXPECT_EQ(w.accept(PLAIT_COUNTER_MAX - 1), PLAIT_OK);
  EXPECT_EQ(w.accept(0), PLAIT_DROP_RX_OLD);
}

TEST(Window, spans_are_powers_of_two_between_two_limits) {
  EXPECT_FALSE(plait_window_span_valid(0));
  EXPECT_FALSE(plait_window_span_valid(32));
  EXPECT_TRUE(plait_window_span_valid(PLAIT_WINDOW_SPAN_MIN));
  EXPECT_FALSE(plait_window_span_valid(100));
  EXPECT_TRUE(plait_window_span_valid(PLAIT_WINDOW_SPAN_DEFAULT));
  EXPECT_TRUE(plait_window_span_valid(PLAIT_WINDOW_SPAN_MAX));
  EXPECT_FALSE(plait_window_span_valid(PLAIT_WINDOW_SPAN_MAX * 2));
  EXPECT_EQ(plait_window_bytes(8192), 1024U);
}

}  // namespace
