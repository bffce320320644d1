// SPDX-License-Identifier: GPL-2.0
// AES-GCM is EVP's AEAD. ChaCha20-Poly1305 is put together of EVP's ChaCha20 and Poly1305
// as plait.ko puts it together (netdrv/crypto.c says why): EVP's AEAD would take a call of
// its own for the Poly1305 key, and 15 % more instructions for a full datagram.
#include "aead.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include <array>
#include <stdexcept>

namespace userdp {

namespace {

constexpr u32 kPolyBlock = 16;

std::array<OSSL_PARAM, 2> tag_at(u8* tag) {
  return {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, PLAIT_AUTH_LEN),
          OSSL_PARAM_construct_end()};
}

}  // namespace

Aead::Aead(Cipher cipher, std::span<const std::byte> key, bool sealing)
    : cipher_(EVP_CIPHER_CTX_new()) {
  const bool gcm = cipher == Cipher::aes_256_gcm;
  const std::unique_ptr<EVP_CIPHER, By<EVP_CIPHER_free>> type(
      EVP_CIPHER_fetch(nullptr, gcm ? "AES-256-GCM" : "ChaCha20", nullptr));
  const std::unique_ptr<EVP_MAC, By<EVP_MAC_free>> mac(
      gcm ? nullptr : EVP_MAC_fetch(nullptr, "POLY1305", nullptr));
  if (mac) mac_.reset(EVP_MAC_CTX_new(mac.get()));
  if (!cipher_ || !type || (!gcm && !mac_) || key.size() < PLAIT_AEAD_KEY_LEN ||
      EVP_CipherInit_ex2(cipher_.get(), type.get(), reinterpret_cast<const u8*>(key.data()),
                         nullptr, sealing ? 1 : 0, nullptr) != 1)
    throw std::runtime_error("libcrypto lacks the cipher");
}

// @tag: what libcrypto is to compare with when it opens.
bool Aead::gcm(u8* text, u8* out, u32 len, u64 pn, const OSSL_PARAM* tag) {
  EVP_CIPHER_CTX* const c = cipher_.get();
  std::array<u8, 12> nonce{};
  plait_put_be64(nonce.data() + 4, pn);
  int n = 0;
  return EVP_CipherInit_ex2(c, nullptr, nullptr, nonce.data(), -1, tag) == 1 &&
         EVP_CipherUpdate(c, nullptr, &n, text - PLAIT_AAD_LEN, PLAIT_AAD_LEN) == 1 &&
         EVP_CipherUpdate(c, out, &n, text, static_cast<int>(len)) == 1 &&
         EVP_CipherFinal_ex(c, out + len, &n) == 1;
}

// A call covers keystream block 0, which is the Poly1305 key, and the text behind it.
bool Aead::chacha(u8* text, u8* out, u32 len, u64 pn, u8* poly_key) {
  std::array<u8, kBlock> lead;
  std::array<u8, 16> counter_and_nonce{};
  plait_put_le64(counter_and_nonce.data() + 8, pn);
  std::memcpy(lead.data(), text - kBlock, kBlock);
  std::memset(text - kBlock, 0, kBlock);
  int n = 0;
  const bool ok = EVP_CipherInit_ex2(cipher_.get(), nullptr, nullptr, counter_and_nonce.data(), -1,
                                     nullptr) == 1 &&
                  EVP_CipherUpdate(cipher_.get(), out - kBlock, &n, text - kBlock,
                                   static_cast<int>(kBlock + len)) == 1;
  std::memcpy(poly_key, out - kBlock, PLAIT_AEAD_KEY_LEN);
  std::memcpy(text - kBlock, lead.data(), kBlock);
  return ok;
}

// An update covers associated data, ciphertext, and padding and lengths (RFC 8439 §2.8),
// which stand behind it for that while.
bool Aead::poly1305(u8* text, u32 len, const u8* key, u8* tag) {
  const u32 pad = -len & (kPolyBlock - 1);
  std::array<u8, PLAIT_AUTH_LEN + kTrail> behind;
  std::memcpy(behind.data(), text + len, behind.size());
  std::memset(text + len, 0, kPolyBlock);
  plait_put_le64(text + len + pad, PLAIT_AAD_LEN);
  plait_put_le64(text + len + pad + 8, len);
  std::size_t n = 0;
  const bool ok = EVP_MAC_init(mac_.get(), key, PLAIT_AEAD_KEY_LEN, nullptr) == 1 &&
                  EVP_MAC_update(mac_.get(), text - PLAIT_AAD_LEN,
                                 PLAIT_AAD_LEN + len + pad + kPolyBlock) == 1 &&
                  EVP_MAC_final(mac_.get(), tag, &n, PLAIT_AUTH_LEN) == 1;
  std::memcpy(text + len, behind.data(), behind.size());
  return ok;
}

bool Aead::seal(u8* datagram, u32 len, u64 pn) {
  u8* const text = datagram + PLAIT_HDR_LEN;
  len -= PLAIT_PROTECTED_MIN;
  if (mac_) {
    std::array<u8, PLAIT_AEAD_KEY_LEN> key;
    std::array<u8, PLAIT_AUTH_LEN> tag;
    const bool ok =
        chacha(text, text, len, pn, key.data()) && poly1305(text, len, key.data(), tag.data());
    std::memcpy(text + len, tag.data(), tag.size());
    return ok;
  }
  auto tag = tag_at(text + len);
  return gcm(text, text, len, pn, nullptr) &&
         EVP_CIPHER_CTX_get_params(cipher_.get(), tag.data()) == 1;
}

bool Aead::open(u8* datagram, u32 len, u64 pn, u8* out) {
  u8* const text = datagram + PLAIT_HDR_LEN;
  len -= PLAIT_PROTECTED_MIN;
  if (mac_) {
    std::array<u8, PLAIT_AEAD_KEY_LEN> key;
    std::array<u8, PLAIT_AUTH_LEN> tag;
    return chacha(text, out, len, pn, key.data()) && poly1305(text, len, key.data(), tag.data()) &&
           CRYPTO_memcmp(tag.data(), text + len, tag.size()) == 0;
  }
  const auto tag = tag_at(text + len);
  return gcm(text, out, len, pn, tag.data());
}

}  // namespace userdp
