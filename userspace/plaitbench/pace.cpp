// SPDX-License-Identifier: GPL-2.0
// Deadlines from the start, never from the last one.
#include "pace.hpp"

#include <algorithm>

namespace plaitbench {
namespace {

constexpr double second = 1e9;

std::uint64_t lag_for(double packets_per_second) {
  constexpr double packets = 16;
  constexpr double least = 2e6;
  constexpr double most = 100e6;
  if (packets_per_second <= 0) return 0;
  return static_cast<std::uint64_t>(std::clamp(packets * second / packets_per_second, least, most));
}

}  // namespace

Pacer::Pacer(std::uint64_t start_ns, double packets_per_second)
    : start_ns_(start_ns),
      rate_(packets_per_second),
      longest_lag_ns_(lag_for(packets_per_second)) {}

unsigned batch_for(double packets_per_second, unsigned most) {
  constexpr double interval = 100e-6;
  return static_cast<unsigned>(std::clamp<double>(packets_per_second * interval, 1, most));
}

std::uint64_t Pacer::due_ns() const {
  if (rate_ <= 0) return start_ns_;
  return start_ns_ + static_cast<std::uint64_t>(static_cast<double>(sent_) * second / rate_);
}

void Pacer::woke(std::uint64_t now_ns) {
  const std::uint64_t due = due_ns();
  if (rate_ <= 0 || now_ns <= due + longest_lag_ns_) return;
  const std::uint64_t lost = now_ns - due - longest_lag_ns_;
  start_ns_ += lost;
  stalled_ns_ += lost;
}

}  // namespace plaitbench
