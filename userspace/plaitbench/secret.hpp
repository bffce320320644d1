// SPDX-License-Identifier: GPL-2.0
// 128 random bits that only who sees a connection can know, as octets and as text; and the
// datagrams that carry them.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "stamp.hpp"

namespace plaitbench {

using Secret = std::array<std::byte, 16>;

/// From getrandom(2); throws std::system_error.
Secret random_secret();

/// 32 hexadecimal digits.
std::string to_text(const Secret& secret);
/// The reverse; nothing if it is something else.
std::optional<Secret> secret_from_text(const std::string& text);

/// A hello or a challenge: both are of one length, so a challenge is no larger than its cause.
std::vector<std::byte> secret_datagram(Kind kind, const Secret& secret);
/// The secret in one of that kind.
std::optional<Secret> read_secret(std::span<const std::byte> datagram, Kind kind);

}  // namespace plaitbench
