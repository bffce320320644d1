// SPDX-License-Identifier: GPL-2.0
// Reading netlink attributes: a view of one nest, and the names we give to attributes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>

namespace plait {

/// A view of the attributes of a message or nest: valid as long as the octets it looks at.
class Attributes {
 public:
  Attributes() = default;
  explicit Attributes(std::span<const std::byte> octets) : octets_(octets) {}

  /// One attribute: its type without flags, its place among the octets, its payload.
  struct Attribute {
    std::uint16_t type = 0;
    std::size_t offset = 0;
    std::span<const std::byte> payload;
  };

  /// The first attribute of that type.
  [[nodiscard]] std::optional<Attribute> find(std::uint16_t type) const;

  /// Calls visit(Attribute) for each whole attribute, stops at the first malformed one.
  template <typename Visit>
  void each(Visit visit) const {
    std::size_t offset = 0;
    while (const auto attribute = at(offset)) {
      visit(*attribute);
      offset = next(*attribute);
    }
  }

  /// The number in the first attribute of that type; nullopt if absent or of another size.
  template <typename Number>
  [[nodiscard]] std::optional<Number> number(std::uint16_t type) const {
    const auto attribute = find(type);
    return attribute ? number<Number>(attribute->payload) : std::nullopt;
  }

  template <typename Number>
  static std::optional<Number> number(std::span<const std::byte> payload) {
    if (payload.size() != sizeof(Number)) {
      return {};
    }
    Number value{};
    std::memcpy(&value, payload.data(), sizeof(value));
    return value;
  }

  /// The string in the first attribute of that type, empty if absent.
  [[nodiscard]] std::string text(std::uint16_t type) const;

  /// The nest in the first attribute of that type, empty if absent.
  [[nodiscard]] Attributes nest(std::uint16_t type) const;

 private:
  [[nodiscard]] std::optional<Attribute> at(std::size_t offset) const;
  static std::size_t next(const Attribute& attribute);

  std::span<const std::byte> octets_;
};

/// "strand.remote" for PLAIT_A_STRAND and PLAIT_A_STRAND_REMOTE, "strand" if inner is 0;
/// numbers for what is not known.
std::string attribute_name(std::uint16_t object, std::uint16_t inner);

}  // namespace plait
