// SPDX-License-Identifier: GPL-2.0
// When to send: absolute deadlines, so that a batch that was late makes the next no later, and a
// bound on how much is made up for after a pause.
#pragma once

#include <cstdint>

namespace plaitbench {

/// How many packets are sent at once at that rate: what is due in 100 us, 1 to most.
unsigned batch_for(double packets_per_second, unsigned most);

class Pacer {
 public:
  /// Without a rate (0) everything is due at once.
  Pacer(std::uint64_t start_ns, double packets_per_second);

  /// What lies further back is not made up for, but lost to the rate: a long pause would become a
  /// burst that no deadline asked for. 2 ms, or the time of 16 packets up to 100 ms.
  [[nodiscard]] std::uint64_t longest_lag_ns() const { return longest_lag_ns_; }

  /// When the next packet is due.
  [[nodiscard]] std::uint64_t due_ns() const;

  void sent(std::uint64_t packets) { sent_ += packets; }

  /// Called when the deadline has come, with the time that it really is.
  void woke(std::uint64_t now_ns);

  /// Time that was lost to the rate.
  [[nodiscard]] std::uint64_t stalled_ns() const { return stalled_ns_; }

 private:
  std::uint64_t start_ns_;
  double rate_;
  std::uint64_t longest_lag_ns_;
  std::uint64_t sent_ = 0;
  std::uint64_t stalled_ns_ = 0;
};

}  // namespace plaitbench
