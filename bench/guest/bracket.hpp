// SPDX-License-Identifier: GPL-2.0
// Time and idle time of a stretch of work. Under -icount shift=0 a nanosecond of
// CLOCK_MONOTONIC is an instruction, and what is not idle is what the work cost.
#pragma once

#include <cstdint>
#include <string>

namespace gauge {

struct Span {
  std::int64_t total_ns = 0;
  std::int64_t idle_ns = 0;
};

// Begins when made; reading the idle time stands outside of the stretch.
class Bracket {
 public:
  Bracket();
  [[nodiscard]] Span end() const;

 private:
  std::int64_t idle_ns_;
  std::int64_t start_ns_;
};

std::int64_t now_ns();

// Enters a network namespace made by `ip netns add`.
void enter_netns(const std::string& name);

[[noreturn]] void die(const std::string& what);

}  // namespace gauge
