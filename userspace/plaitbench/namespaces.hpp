// SPDX-License-Identifier: GPL-2.0
// Two hosts on one machine: network namespaces without a name, joined by a veth, and a tunnel
// between them. They are gone when this is, or when the process is, however it ends.
//
//   ┌ client ──────────────────┐             ┌ server ──────────────────┐
//   │ plait0  10.7.0.1/24    ══╪═ the tunnel ╪══  plait0  10.7.0.2/24   │
//   │ eth0    192.0.2.1/24   ──┼──── veth ───┼──  eth0    192.0.2.2/24  │
//   └──────────────────────────┘             └──────────────────────────┘
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "net.hpp"
#include "plait/objects.hpp"

namespace plaitbench {

struct TwoHostsOptions {
  bool plain = false;  ///< the veth alone
  plait::Cipher cipher = plait::Cipher::chacha20_poly1305;
  std::uint32_t lanes = 1;
  std::uint32_t mtu = 1500;  ///< of the veth
};

class TwoHosts {
 public:
  enum class Side { client, server };

  /// Throws std::runtime_error with what is lacking: root, the module.
  explicit TwoHosts(const TwoHostsOptions& options);

  /// Runs it in a thread of its own on that host, waits for it, and throws what it throws.
  /// Threads that it starts are there, too.
  void on(Side side, const std::function<void()>& what) const;

  /// Of the server, as seen by the client.
  [[nodiscard]] std::string server_address() const;
  [[nodiscard]] std::string device() const;

 private:
  void make_veth() const;
  void make_tunnel() const;

  TwoHostsOptions options_;
  Fd client_;
  Fd server_;
};

}  // namespace plaitbench
