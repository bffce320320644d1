// SPDX-License-Identifier: GPL-2.0
// Sealed datagrams by OpenSSL's ChaCha20-Poly1305: an AEAD that is neither the
// kernel's nor the engine's.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "dice.hpp"
#include "engine.hpp"

namespace forge {

/// One direction's keys of a session, as the receiver knows them.
struct Keys {
  std::uint32_t index = 0;
  std::uint16_t epoch = 0;
  std::array<std::uint8_t, PLAIT_AEAD_KEY_LEN> aead{};
  plait_tag_key tag{};

  /// Reads "INDEX:EPOCH:FILE"; the file holds 48 octets of base64.
  static Keys parse(const std::string& text);
};

/// What a datagram says in clear, but its tag.
struct Header {
  std::uint8_t type = PLAIT_TYPE_SOURCE;
  std::uint8_t version = PLAIT_VERSION;
  std::uint8_t lane = 0;
  std::uint8_t strand = 0;
  std::uint32_t strand_sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint64_t counter = 0;
};

/// A whole datagram that the receiver of these keys accepts.
Octets seal(const Keys& keys, const Header& header, const Octets& plaintext);

/// Writes the header tag that belongs to the datagram as it now is.
void retag(const Keys& keys, Octets& datagram);

/// The plaintext, if the datagram is authentic.
std::optional<Octets> open(const Keys& keys, const Octets& datagram);

}  // namespace forge
