// SPDX-License-Identifier: GPL-2.0
// The end that a person, or another thread, asks for: loops look, and throw, so that whatever was
// made is taken away on the way out.
#pragma once

#include <exception>
#include <stop_token>

namespace plaitbench {

class Interrupted : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "interrupted"; }
};

/// From now on SIGINT, SIGTERM and SIGHUP only ask for the end, the second time as ever; a
/// connection that is gone is an error of the call that finds out.
void watch_signals();

/// A signal has asked for the end.
bool signalled();

/// Whether the end is asked for, by a signal or by this token.
class Stop {
 public:
  Stop() = default;
  explicit Stop(std::stop_token token) : token_(std::move(token)) {}

  [[nodiscard]] bool asked() const { return signalled() || token_.stop_requested(); }
  /// Throws Interrupted if it is.
  void check() const {
    if (asked()) throw Interrupted();
  }

 private:
  std::stop_token token_;
};

}  // namespace plaitbench
