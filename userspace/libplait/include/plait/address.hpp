// SPDX-License-Identifier: GPL-2.0
// An IPv4 or IPv6 address and a range of them, as text and as what netlink carries.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "plait/export.hpp"

namespace plait {

/// An IPv4 or IPv6 address in network byte order. A value: copy it freely.
class PLAIT_API Address {
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
  /// 32 or 128.
  [[nodiscard]] unsigned bits() const { return static_cast<unsigned>(length_) * 8; }
  [[nodiscard]] std::string to_string() const;

  bool operator==(const Address&) const = default;

 private:
  std::array<std::byte, 16> octets_{};
  std::size_t length_ = 4;
};

/// "192.0.2.1:7777", "[2001:db8::1]:7777".
PLAIT_API std::string endpoint(const Address& address, std::uint16_t port);

/// A range of addresses, 10.7.0.0/24. Host bits are always zero.
class PLAIT_API Prefix {
 public:
  /// 0.0.0.0/0
  Prefix() = default;

  /// Clears the host bits; throws std::invalid_argument if the length is over 32 or 128.
  Prefix(const Address& address, unsigned length);

  /// Reads "10.7.0.0/24", "2001:db8::/32", or an address alone, which is a range of one. Throws
  /// std::invalid_argument that says what is wrong: host bits that are not zero, for one.
  static Prefix parse(const std::string& text);

  [[nodiscard]] const Address& address() const { return address_; }
  [[nodiscard]] unsigned length() const { return length_; }
  /// Every address of its family: 0.0.0.0/0 or ::/0.
  [[nodiscard]] bool is_everything() const { return length_ == 0; }
  [[nodiscard]] bool contains(const Address& address) const;
  /// One of the two lies within the other.
  [[nodiscard]] bool overlaps(const Prefix& other) const;
  [[nodiscard]] std::string to_string() const;

  bool operator==(const Prefix&) const = default;

 private:
  Address address_;
  unsigned length_ = 0;
};

}  // namespace plait
