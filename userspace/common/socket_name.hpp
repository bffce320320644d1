// SPDX-License-Identifier: GPL-2.0
// An address and a port, as the socket calls want them.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "plait/address.hpp"

namespace tools {

struct SocketName {
  sockaddr_storage octets{};
  socklen_t length = sizeof(octets);

  SocketName() = default;
  SocketName(const plait::Address& address, std::uint16_t port);

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&octets); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&octets); }

  [[nodiscard]] bool is_ipv6() const { return octets.ss_family == AF_INET6; }
  [[nodiscard]] plait::Address address() const;
  [[nodiscard]] std::uint16_t port() const;
  /// The same address, and scope, with another port.
  [[nodiscard]] SocketName with_port(std::uint16_t port) const;
  /// "192.0.2.1:7777", "[2001:db8::1]:7777".
  [[nodiscard]] std::string to_string() const { return plait::endpoint(address(), port()); }
};

}  // namespace tools
