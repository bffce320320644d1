// SPDX-License-Identifier: GPL-2.0
// An IPv4 or IPv6 address, as text and as the octets that netlink carries.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace plait {

/// An IPv4 or IPv6 address in network byte order. A value: copy it freely.
class Address {
 public:
  /// 0.0.0.0
  Address() = default;

  /// Reads "192.0.2.1" or "2001:db8::1"; throws std::invalid_argument that says what is wrong.
  static Address parse(const std::string& text);

  /// From 4 or 16 octets; throws std::invalid_argument for any other length.
  static Address from_octets(std::span<const std::byte> octets);

  /// 4 or 16 octets, network byte order.
  [[nodiscard]] std::span<const std::byte> octets() const { return {octets_.data(), length_}; }
  [[nodiscard]] bool is_ipv6() const { return length_ == 16; }
  [[nodiscard]] std::string to_string() const;

  bool operator==(const Address&) const = default;

 private:
  std::array<std::byte, 16> octets_{};
  std::size_t length_ = 4;
};

/// "192.0.2.1:51000", "[2001:db8::1]:51000".
std::string endpoint(const Address& address, std::uint16_t port);

}  // namespace plait
