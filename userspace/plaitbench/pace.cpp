// SPDX-License-Identifier: GPL-2.0
// Deadlines from the start, never from the last one.
#include "pace.hpp"

#include <algorithm>

namespace plaitbench {

unsigned batch_for(double packets_per_second, unsigned most) {
  constexpr double interval = 100e-6;
  return static_cast<unsigned>(std::clamp<double>(packets_per_second * interval, 1, most));
}

std::uint64_t Pacer::due_ns() const {
  constexpr double second = 1e9;
  if (rate_ <= 0) return start_ns_;
  return start_ns_ + static_cast<std::uint64_t>(static_cast<double>(sent_) * second / rate_);
}

void Pacer::woke(std::uint64_t now_ns) {
  const std::uint64_t due = due_ns();
  if (rate_ <= 0 || now_ns <= due + longest_lag_ns) return;
  const std::uint64_t lost = now_ns - due - longest_lag_ns;
  start_ns_ += lost;
  stalled_ns_ += lost;
}

}  // namespace plaitbench
