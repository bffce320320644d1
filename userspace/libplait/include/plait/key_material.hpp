// SPDX-License-Identifier: GPL-2.0
// The secret of one direction of a key epoch, and the files that hold it.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "plait/export.hpp"

namespace plait {

/// Key material of one direction: 32 octets of AEAD key, then 16 of header-tag key
/// (docs/protocol.md, section 10). Wiped when destroyed or moved from.
class PLAIT_API KeyMaterial {
 public:
  static constexpr std::size_t size = 48;

  /// All zero: to be assigned to.
  KeyMaterial() = default;
  KeyMaterial(const KeyMaterial&) = default;
  KeyMaterial& operator=(const KeyMaterial&) = default;
  KeyMaterial(KeyMaterial&& other) noexcept;
  KeyMaterial& operator=(KeyMaterial&& other) noexcept;
  ~KeyMaterial();

  /// 48 fresh octets from getrandom(2); throws std::system_error if the kernel has none.
  static KeyMaterial generate();

  /// From 64 characters of base64 or 96 of hexadecimal; white space around them is ignored.
  /// Throws std::invalid_argument that says what is wrong, never a part of the secret.
  static KeyMaterial parse(std::string_view text);

  [[nodiscard]] std::span<const std::byte, size> octets() const { return octets_; }

  /// 64 characters. The caller wipes them.
  [[nodiscard]] std::string to_base64() const;

  bool operator==(const KeyMaterial&) const = default;

 private:
  std::array<std::byte, size> octets_{};
};

/// What a key file holds, and whether it is kept well.
struct KeyFile {
  KeyMaterial material;
  bool others_can_read = false;  ///< group or others have read permission on it
};

/// Reads key material from a file, or from standard input if the path is "-". Throws
/// std::system_error if it cannot be read, std::invalid_argument if it holds something else.
PLAIT_API KeyFile read_key_file(const std::string& path);

}  // namespace plait
