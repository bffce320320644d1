// SPDX-License-Identifier: GPL-2.0
// Addresses to and from text, by the C library's own parser.
#include "plait/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <stdexcept>

namespace plait {

Address Address::parse(const std::string& text) {
  Address address;
  address.length_ = text.find(':') == std::string::npos ? 4 : 16;
  const int family = address.is_ipv6() ? AF_INET6 : AF_INET;
  if (inet_pton(family, text.c_str(), address.octets_.data()) != 1) {
    throw std::invalid_argument("\"" + text +
                                "\" is not an address: give one like 192.0.2.1 or 2001:db8::1");
  }
  return address;
}

Address Address::from_octets(std::span<const std::byte> octets) {
  if (octets.size() != 4 && octets.size() != 16) {
    throw std::invalid_argument("an address has 4 or 16 octets, not " +
                                std::to_string(octets.size()));
  }
  Address address;
  address.length_ = octets.size();
  std::copy(octets.begin(), octets.end(), address.octets_.begin());
  return address;
}

std::string Address::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(is_ipv6() ? AF_INET6 : AF_INET, octets_.data(), text.data(), text.size());
  return text.data();
}

std::string endpoint(const Address& address, std::uint16_t port) {
  const std::string host =
      address.is_ipv6() ? "[" + address.to_string() + "]" : address.to_string();
  return host + ":" + std::to_string(port);
}

}  // namespace plait
