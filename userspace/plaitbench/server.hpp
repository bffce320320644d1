// SPDX-License-Identifier: GPL-2.0
// The server's door: takes connections, lets one client in at a time, tells the others that it is
// busy, and survives whatever they say.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "desk.hpp"
#include "frame.hpp"
#include "net.hpp"
#include "session.hpp"
#include "stop.hpp"

namespace plaitbench {

class Server {
 public:
  /// Listens at one address, or at all of both families. Port 0: any that is free, the same for
  /// all addresses.
  Server(const std::optional<plait::Address>& address, std::uint16_t port, Stop stop, Log log);

  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// Until the end is asked for: then throws Interrupted.
  void run();

 private:
  // A connection that has not said yet what it is.
  struct Visitor {
    Fd fd;
    FrameReader reader;
    std::uint64_t until_ns = 0;
    SocketName name;
  };
  // The client that is in. The thread stops, and is waited for, when this goes.
  struct Running {
    std::atomic<bool> over{false};
    std::jthread thread;
  };

  void accept_from(int listener);
  bool hear(Visitor& visitor);
  void first_word(Visitor& visitor, Json message);
  void let_in(Visitor& visitor, Json hello);

  std::vector<Fd> listeners_;
  std::uint16_t port_ = 0;
  Stop stop_;
  Log log_;
  Desk desk_;
  std::list<Visitor> visitors_;
  std::unique_ptr<Running> running_;
};

}  // namespace plaitbench
