// SPDX-License-Identifier: GPL-2.0
// Sealing and opening datagrams by libcrypto (docs/protocol.md, section 4). Contexts keep
// their key; a datagram sets the nonce alone.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <span>

#include "engine.hpp"

namespace userdp {

enum class Cipher { chacha20_poly1305, aes_256_gcm };

/// Octets around a datagram that are borrowed: in front, and behind it.
constexpr u32 kLead = 32, kTrail = 16;
/// Octets in front of an opened datagram's plaintext that are written to.
constexpr u32 kBlock = 64;

/// One direction's key. One thread at a time.
class Aead {
 public:
  Aead(Cipher cipher, std::span<const std::byte> key, bool sealing);

  /// Seals, where it lies, a datagram with its headers and plaintext in place.
  [[nodiscard]] bool seal(u8* datagram, u32 len, u64 pn);

  /// Opens a datagram to @out, which is elsewhere. False if it is not authentic.
  [[nodiscard]] bool open(u8* datagram, u32 len, u64 pn, u8* out);

 private:
  bool gcm(u8* text, u8* out, u32 len, u64 pn, const OSSL_PARAM* tag);
  bool chacha(u8* text, u8* out, u32 len, u64 pn, u8* poly_key);
  bool poly1305(u8* text, u32 len, const u8* key, u8* tag);

  template <auto free>
  struct By {
    void operator()(auto* p) const { free(p); }
  };
  std::unique_ptr<EVP_CIPHER_CTX, By<EVP_CIPHER_CTX_free>> cipher_;
  std::unique_ptr<EVP_MAC_CTX, By<EVP_MAC_CTX_free>> mac_;  ///< of ChaCha20-Poly1305
};

}  // namespace userdp
