// SPDX-License-Identifier: GPL-2.0
// libplait's look at the filter's maps: how full they are, who has the most, and whether every
// session is in them.
#include <bpf/bpf.h>
#include <gtest/gtest.h>

#include "filter_maps.hpp"
#include "fixture.hpp"

namespace {

using xdp::Program;

constexpr std::uint64_t other_net = 99;

using Maps = xdp::WithProgram;

// A session of another network namespace than the program's own.
void add_foreign_session(const Program& program, std::uint32_t index) {
  const plait_filter_session key{.net = other_net, .index = index, .zero = 0};
  const plait_filter_epochs epochs{};
  ASSERT_EQ(bpf_map_update_elem(program.map("plait_sessions"), &key, &epochs, BPF_ANY), 0);
}

TEST_F(Maps, are_as_full_as_they_were_filled_and_tell_who_has_the_most) {
  Program& program = *program_;
  const auto sessions = [&] {
    return plait::measure_filter_map(program.map("plait_sessions"), "sessions");
  };
  EXPECT_EQ(sessions().entries, 0U);
  EXPECT_EQ(sessions().of_net, 0U);
  program.add_session(1, {});
  EXPECT_EQ(sessions().net, xdp::own_net);
  for (const std::uint32_t index : {1, 2, 3})
    add_foreign_session(program, index);
  const auto measured = sessions();
  EXPECT_EQ(measured.name, "sessions");
  EXPECT_EQ(measured.entries, 4U);
  EXPECT_EQ(measured.max, 4096U);
  EXPECT_EQ(measured.net, other_net);
  EXPECT_EQ(measured.of_net, 3U);
}

TEST_F(Maps, of_another_version_are_told_from_these) {
  const int lanes = program_->map("plait_lanes");
  const std::uint32_t key = sizeof(plait_filter_lane);
  const std::uint32_t value = sizeof(plait_filter_keys);
  EXPECT_TRUE(plait::filter_map_is_like(lanes, key, value));
  EXPECT_FALSE(plait::filter_map_is_like(lanes, key, value - 8));
  EXPECT_FALSE(plait::filter_map_is_like(lanes, key + 8, value));
}

TEST_F(Maps, that_are_full_are_counted_to_the_end) {
  const Program& program = *program_;
  std::uint32_t index = 0;
  const plait_filter_epochs epochs{};
  plait_filter_session key{.net = other_net, .index = 0, .zero = 0};
  do {
    key.index = ++index;
  } while (bpf_map_update_elem(program.map("plait_sessions"), &key, &epochs, BPF_NOEXIST) == 0);
  const auto measured = plait::measure_filter_map(program.map("plait_sessions"), "sessions");
  EXPECT_EQ(measured.entries, measured.max);
  EXPECT_EQ(measured.of_net, measured.max);
}

TEST_F(Maps, have_a_window_for_each_lane_that_found_one) {
  Program& program = *program_;
  const auto windows = [&] {
    return plait::measure_filter_windows(program.map("plait_windows"), program.map("plait_lanes"));
  };
  EXPECT_EQ(windows().entries, 0U);
  const auto keys = [](std::uint32_t slot) {
    return plait_filter_keys{.tag_key = {1, 2}, .secret = 3, .span = 64, .slot = slot};
  };
  program.add_lane(1, 0, 0, keys(0));
  program.add_lane(1, 0, 1, keys(1));
  program.add_lane(1, 0, 2, keys(PLAIT_FILTER_NO_SLOT));
  EXPECT_EQ(windows().entries, 2U);
  EXPECT_EQ(windows().net, xdp::own_net);
  EXPECT_EQ(plait::measure_filter_map(program.map("plait_lanes"), "lanes").entries, 3U);
}

TEST_F(Maps, are_complete_unless_a_session_found_no_room) {
  Program& program = *program_;
  const int state = program.map("plait_state");
  program.set_state(true);
  EXPECT_TRUE(plait::filter_state_is_complete(state));
  program.set_state(true, false);
  EXPECT_FALSE(plait::filter_state_is_complete(state));
}

}  // namespace
