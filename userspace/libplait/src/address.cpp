// SPDX-License-Identifier: GPL-2.0
// Addresses to and from text, by the C library's own parser.
#include "plait/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
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

namespace {

// The first `length` bits of an address, the others zero.
Address masked(const Address& address, unsigned length) {
  std::array<std::byte, 16> octets{};
  std::ranges::copy(address.octets(), octets.begin());
  for (unsigned bit = length; bit < address.bits(); bit++) {
    octets[bit / 8] &= ~(std::byte{0x80} >> (bit % 8));
  }
  return Address::from_octets(std::span(octets).first(address.octets().size()));
}

}  // namespace

Prefix::Prefix(const Address& address, unsigned length) : length_(length) {
  if (length > address.bits()) {
    throw std::invalid_argument("a prefix of " + address.to_string() + " has a length of 0 to " +
                                std::to_string(address.bits()) + ", not " + std::to_string(length));
  }
  address_ = masked(address, length);
}

Prefix Prefix::parse(const std::string& text) {
  const auto slash = text.find('/');
  const Address address = Address::parse(text.substr(0, slash));
  unsigned length = address.bits();
  if (slash != std::string::npos) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, length);
    if (error != std::errc() || stop != end) {
      throw std::invalid_argument("\"" + text + "\" is not a prefix: give one like 10.7.0.0/24");
    }
  }
  const Prefix prefix(address, length);
  if (prefix.address() != address) {
    throw std::invalid_argument("\"" + text + "\" has bits set behind its length: give " +
                                prefix.to_string());
  }
  return prefix;
}

bool Prefix::contains(const Address& address) const {
  return address.is_ipv6() == address_.is_ipv6() && masked(address, length_) == address_;
}

bool Prefix::overlaps(const Prefix& other) const {
  return length_ <= other.length_ ? contains(other.address_) : other.contains(address_);
}

std::string Prefix::to_string() const {
  return address_.to_string() + "/" + std::to_string(length_);
}

}  // namespace plait
