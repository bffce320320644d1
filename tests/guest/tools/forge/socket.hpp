// SPDX-License-Identifier: GPL-2.0
// A UDP socket that sends buffers in order and at a steady rate, from one CPU, so
// that the receiver's queues keep up and nothing overtakes.
#pragma once

#include <chrono>
#include <string>

#include "receiver.hpp"

namespace forge {

class Socket {
 public:
  /// To "nobody": sends nothing and counts as if it had.
  Socket(const std::string& address, const std::string& port, double rate);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();

  void send(const Buffer& buffer);

  std::uint64_t datagrams() const { return datagrams_; }
  std::uint64_t sends() const { return sends_; }

 private:
  void set_ecn(std::uint8_t ecn);
  void wait();

  int fd_ = -1;
  bool v6_ = false;
  int ecn_ = -1;
  double rate_;
  std::uint64_t datagrams_ = 0;
  std::uint64_t sends_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace forge
