// SPDX-License-Identifier: GPL-2.0
// Between our addresses and the kernel's structures.
#include "socket_name.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>
#include <span>

namespace tools {

SocketName::SocketName(const plait::Address& address, std::uint16_t port) {
  if (address.is_ipv6()) {
    sockaddr_in6 in6{};
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port);
    std::memcpy(&in6.sin6_addr, address.octets().data(), sizeof(in6.sin6_addr));
    std::memcpy(&octets, &in6, sizeof(in6));
    length = sizeof(in6);
  } else {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    std::memcpy(&in.sin_addr, address.octets().data(), sizeof(in.sin_addr));
    std::memcpy(&octets, &in, sizeof(in));
    length = sizeof(in);
  }
}

plait::Address SocketName::address() const {
  if (is_ipv6()) {
    sockaddr_in6 in6{};
    std::memcpy(&in6, &octets, sizeof(in6));
    return plait::Address::from_octets(std::as_bytes(std::span(&in6.sin6_addr, 1)));
  }
  sockaddr_in in{};
  std::memcpy(&in, &octets, sizeof(in));
  return plait::Address::from_octets(std::as_bytes(std::span(&in.sin_addr, 1)));
}

// The port stands where IPv6 has it.
SocketName SocketName::with_port(std::uint16_t port) const {
  SocketName name = *this;
  sockaddr_in in{};
  std::memcpy(&in, &octets, sizeof(in));
  in.sin_port = htons(port);
  std::memcpy(&name.octets, &in, sizeof(in));
  return name;
}

std::uint16_t SocketName::port() const {
  sockaddr_in in{};
  std::memcpy(&in, &octets, sizeof(in));
  return ntohs(in.sin_port);
}

}  // namespace tools
