// SPDX-License-Identifier: GPL-2.0
// A condition, looked at in steps so that the end can be asked for.
#include "desk.hpp"

#include <stdexcept>
#include <utility>

namespace plaitbench {

Secret Desk::expect(unsigned connections) {
  const std::lock_guard lock(mutex_);
  secret_ = random_secret();
  expected_ = connections;
  connections_.clear();
  return *secret_;
}

bool Desk::hand_over(const std::string& secret, Fd connection) {
  const std::lock_guard lock(mutex_);
  if (!secret_ || secret_from_text(secret) != secret_ || connections_.size() >= expected_) {
    return false;
  }
  connections_.push_back(std::move(connection));
  changed_.notify_all();
  return true;
}

std::vector<Fd> Desk::collect(std::chrono::milliseconds patience, const Stop& stop) {
  constexpr std::chrono::milliseconds step{100};
  const auto end = std::chrono::steady_clock::now() + patience;
  std::unique_lock lock(mutex_);
  while (connections_.size() < expected_) {
    stop.check();
    if (std::chrono::steady_clock::now() >= end) {
      throw std::runtime_error("the client's connections for a TCP trial did not come");
    }
    changed_.wait_for(lock, step);
  }
  secret_.reset();
  return std::exchange(connections_, {});
}

}  // namespace plaitbench
