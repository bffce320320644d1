// SPDX-License-Identifier: GPL-2.0
// A control connection: messages both ways, and a sign of life a second while a trial runs, so
// that each end notices when the other is gone.
#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

#include "frame.hpp"
#include "net.hpp"
#include "stop.hpp"

namespace plaitbench {

/// The other side closed the connection, or is silent for too long.
class Gone : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The other side said that it will not, and why.
class Refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Control {
 public:
  using Milliseconds = std::chrono::milliseconds;

  /// reader: with what it has already, if a part was read before.
  Control(Fd fd, FrameReader reader, Stop stop);

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const Stop& stop() const { return stop_; }

  /// Throws Gone.
  void send(const Json& message);

  /// The next message but "alive", or nothing within that time. Throws Gone, ProtocolError,
  /// Interrupted; Refused, for a message of type "refused".
  std::optional<Json> receive(Milliseconds patience);

  /// The next message, which must be of that type.
  Json expect(const std::string& type, Milliseconds patience);

  /// Called often while a trial runs: says "alive" when it is time, looks for a message without
  /// waiting. Throws as receive(), and Gone if the other side was silent for ten seconds.
  std::optional<Json> pulse();

 private:
  void read();

  Fd fd_;
  FrameReader reader_;
  Stop stop_;
  std::uint64_t said_ns_;
  std::uint64_t heard_ns_;
};

}  // namespace plaitbench
