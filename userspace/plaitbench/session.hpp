// SPDX-License-Identifier: GPL-2.0
// The server's side of one client, from its hello to its end.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "control.hpp"
#include "desk.hpp"
#include "exchange.hpp"
#include "host.hpp"
#include "secret.hpp"

namespace plaitbench {

/// What both sides speak. Another number: they cannot work together.
constexpr std::uint64_t protocol_number = 1;
constexpr std::uint16_t default_port = 7797;

using Log = std::function<void(const std::string&)>;

class Session {
 public:
  /// hello: the client's first message.
  Session(Control control, Json hello, Desk& desk, Log log);

  /// Until the client goes. Throws what ended it otherwise.
  void run();

 private:
  void welcome();
  void idle();
  void answer_hello();
  void proof(const Json& message);
  void trial(const Json& message);

  Control control_;
  Json hello_;
  Desk& desk_;
  Log log_;
  SocketName client_;
  std::optional<Host> host_;
  Fd udp_;
  Secret cookie_;
  std::optional<SocketName> claimed_;  // where a hello came from
  Secret nonce_{};                     // what was sent there
  unsigned challenges_ = 0;
  bool proven_ = false;
  bool over_ = false;
};

}  // namespace plaitbench
