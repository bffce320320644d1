// SPDX-License-Identifier: GPL-2.0
// The clocks of a trial: time, and what a thread has used of a CPU.
#pragma once

#include <cstdint>
#include <ctime>

namespace plaitbench {

inline std::uint64_t clock_ns(clockid_t clock) {
  constexpr std::uint64_t second = 1'000'000'000;
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * second +
         static_cast<std::uint64_t>(time.tv_nsec);
}

inline std::uint64_t now_ns() {
  return clock_ns(CLOCK_MONOTONIC);
}

inline double to_seconds(std::uint64_t ns) {
  return static_cast<double>(ns) / 1e9;
}

constexpr std::uint64_t ms_in_ns = 1'000'000;

/// Sleeps until then, at once if that is over.
void sleep_until_ns(std::uint64_t time_ns);

/// What the calling thread uses of a CPU from here on.
class ThreadUse {
 public:
  ThreadUse() : start_ns_(now_ns()), used_ns_(clock_ns(CLOCK_THREAD_CPUTIME_ID)) {}

  [[nodiscard]] double seconds() const { return to_seconds(now_ns() - start_ns_); }
  /// Of one CPU, 0 to 1.
  [[nodiscard]] double share() const {
    const auto passed = now_ns() - start_ns_;
    const auto used = clock_ns(CLOCK_THREAD_CPUTIME_ID) - used_ns_;
    return passed == 0 || used > passed ? 1
                                        : static_cast<double>(used) / static_cast<double>(passed);
  }

 private:
  std::uint64_t start_ns_;
  std::uint64_t used_ns_;
};

}  // namespace plaitbench
