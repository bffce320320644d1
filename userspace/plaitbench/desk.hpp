// SPDX-License-Identifier: GPL-2.0
// Where the server's door hands over TCP connections that belong to a session's trial.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net.hpp"
#include "secret.hpp"
#include "stop.hpp"

namespace plaitbench {

class Desk {
 public:
  /// From now on that many connections with this secret are taken.
  Secret expect(unsigned connections);

  /// Whether the connection is one of those.
  bool hand_over(const std::string& secret, Fd connection);

  /// Waits until all are there; throws std::runtime_error if they are not within that time.
  std::vector<Fd> collect(std::chrono::milliseconds patience, const Stop& stop);

 private:
  std::mutex mutex_;  // protects what follows; the door's thread and the session's
  std::condition_variable changed_;
  std::optional<Secret> secret_;
  unsigned expected_ = 0;
  std::vector<Fd> connections_;
};

}  // namespace plaitbench
