// SPDX-License-Identifier: GPL-2.0
// The client's side: a server that was found, and the trials that it takes part in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "control.hpp"
#include "exchange.hpp"
#include "host.hpp"
#include "secret.hpp"

namespace plaitbench {

class Peer {
 public:
  /// Connects and greets. device: which one must lead there. Throws with what would be right.
  Peer(const std::string& host, std::uint16_t port, const std::optional<std::string>& device,
       const Stop& stop);

  /// What the server says of its host; what this host says of itself.
  [[nodiscard]] const Json& server() const { return server_; }
  [[nodiscard]] const Json& client() const { return client_; }
  [[nodiscard]] const tools::Link& device() const { return host_.device(); }
  [[nodiscard]] SocketName name() const { return peer_name(control_.fd()); }
  /// Octets of IP and UDP header in front of a payload.
  [[nodiscard]] std::uint32_t header_size() const;

  /// Has the server make sure of our UDP address. Returns the largest packet that both ways take.
  std::uint32_t prove();

  Trial run(const Spec& spec);

  /// We need it no more.
  void leave() { control_.send({{"type", "bye"}}); }

 private:
  [[nodiscard]] Secret wait_for_challenge();

  Control control_;
  Host host_;
  Json server_;
  Json client_;
  std::uint16_t udp_port_ = 0;
  Secret cookie_{};
  Fd udp_;
};

}  // namespace plaitbench
