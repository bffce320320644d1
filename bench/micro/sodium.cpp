// SPDX-License-Identifier: GPL-2.0
// libsodium's AEADs. Its AES-256-GCM wants AES and PCLMUL instructions.
#include <sodium.h>

#include <stdexcept>

#include "aead.hpp"

namespace {

const u8* octets(std::span<const std::byte> key) {
  return reinterpret_cast<const u8*>(key.data());
}

class ChaCha {
 public:
  static constexpr auto kCipher = userdp::Cipher::chacha20_poly1305;

  ChaCha(std::span<const std::byte> key, bool) : key_(octets(key)) {
    if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
  }

  bool seal(u8* datagram, u32 len, u64 pn) {
    u8* const text = datagram + PLAIT_HDR_LEN;
    len -= PLAIT_PROTECTED_MIN;
    return crypto_aead_chacha20poly1305_ietf_encrypt_detached(text, text + len, nullptr, text, len,
                                                              text - PLAIT_AAD_LEN, PLAIT_AAD_LEN,
                                                              nullptr, nonce(pn), key_) == 0;
  }

  bool open(u8* datagram, u32 len, u64 pn, u8* out) {
    u8* const text = datagram + PLAIT_HDR_LEN;
    len -= PLAIT_PROTECTED_MIN;
    return crypto_aead_chacha20poly1305_ietf_decrypt_detached(out, nullptr, text, len, text + len,
                                                              text - PLAIT_AAD_LEN, PLAIT_AAD_LEN,
                                                              nonce(pn), key_) == 0;
  }

 private:
  const u8* nonce(u64 pn) {
    plait_put_le64(nonce_.data() + 4, pn);
    return nonce_.data();
  }

  const u8* key_;
  std::array<u8, crypto_aead_chacha20poly1305_ietf_NPUBBYTES> nonce_{};
};

class Gcm {
 public:
  static constexpr auto kCipher = userdp::Cipher::aes_256_gcm;

  Gcm(std::span<const std::byte> key, bool) {
    if (sodium_init() < 0 || crypto_aead_aes256gcm_is_available() == 0)
      throw std::runtime_error("libsodium has no AES-256-GCM for this CPU");
    crypto_aead_aes256gcm_beforenm(&state_, octets(key));
  }

  bool seal(u8* datagram, u32 len, u64 pn) {
    u8* const text = datagram + PLAIT_HDR_LEN;
    len -= PLAIT_PROTECTED_MIN;
    return crypto_aead_aes256gcm_encrypt_detached_afternm(text, text + len, nullptr, text, len,
                                                          text - PLAIT_AAD_LEN, PLAIT_AAD_LEN,
                                                          nullptr, nonce(pn), &state_) == 0;
  }

  bool open(u8* datagram, u32 len, u64 pn, u8* out) {
    u8* const text = datagram + PLAIT_HDR_LEN;
    len -= PLAIT_PROTECTED_MIN;
    return crypto_aead_aes256gcm_decrypt_detached_afternm(out, nullptr, text, len, text + len,
                                                          text - PLAIT_AAD_LEN, PLAIT_AAD_LEN,
                                                          nonce(pn), &state_) == 0;
  }

 private:
  const u8* nonce(u64 pn) {
    plait_put_be64(nonce_.data() + 4, pn);
    return nonce_.data();
  }

  crypto_aead_aes256gcm_state state_;
  std::array<u8, crypto_aead_aes256gcm_NPUBBYTES> nonce_{};
};

PLAIT_AEAD(ChaCha, "chacha20_poly1305/libsodium");
PLAIT_AEAD(Gcm, "aes_256_gcm/libsodium");

}  // namespace
