// SPDX-License-Identifier: GPL-2.0
// OpenSSL's AEADs: EVP's own, and ChaCha20-Poly1305 put together of two calls as plait.ko
// does it (bench/userdp/aead.cpp). The key is set up before, as in the module.
#include "aead.hpp"

namespace {

// plait's own call.
template <userdp::Cipher cipher>
struct PutTogether : userdp::Aead {
  static constexpr auto kCipher = cipher;
  PutTogether(std::span<const std::byte> key, bool sealing) : Aead(cipher, key, sealing) {}
};
using PutTogetherChaCha = PutTogether<userdp::Cipher::chacha20_poly1305>;
using EvpGcm = PutTogether<userdp::Cipher::aes_256_gcm>;  // one call of EVP's there too

// EVP's ChaCha20-Poly1305, which derives the Poly1305 key by itself.
class EvpChaCha {
 public:
  static constexpr auto kCipher = userdp::Cipher::chacha20_poly1305;

  EvpChaCha(std::span<const std::byte> key, bool sealing)
      : context_(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free) {
    EVP_CipherInit_ex(context_.get(), EVP_chacha20_poly1305(), nullptr,
                      reinterpret_cast<const u8*>(key.data()), nullptr, sealing ? 1 : 0);
  }

  bool seal(u8* datagram, u32 len, u64 pn) {
    u8* const text = datagram + PLAIT_HDR_LEN;
    len -= PLAIT_PROTECTED_MIN;
    return crypt(text, text, len, pn) && EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG,
                                                             PLAIT_AUTH_LEN, text + len) == 1;
  }

  bool open(u8* datagram, u32 len, u64 pn, u8* out) {
    u8* const text = datagram + PLAIT_HDR_LEN;
    len -= PLAIT_PROTECTED_MIN;
    return EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, PLAIT_AUTH_LEN, text + len) ==
               1 &&
           crypt(text, out, len, pn);
  }

 private:
  bool crypt(const u8* text, u8* out, u32 len, u64 pn) {
    EVP_CIPHER_CTX* const c = context_.get();
    std::array<u8, 12> nonce{};
    plait_put_le64(nonce.data() + 4, pn);
    int n = 0;
    return EVP_CipherInit_ex(c, nullptr, nullptr, nullptr, nonce.data(), -1) == 1 &&
           EVP_CipherUpdate(c, nullptr, &n, text - PLAIT_AAD_LEN, PLAIT_AAD_LEN) == 1 &&
           EVP_CipherUpdate(c, out, &n, text, static_cast<int>(len)) == 1 &&
           EVP_CipherFinal_ex(c, out + len, &n) == 1;
  }

  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context_;
};

PLAIT_AEAD(PutTogetherChaCha, "chacha20_poly1305/as_plait");
PLAIT_AEAD(EvpChaCha, "chacha20_poly1305/openssl");
PLAIT_AEAD(EvpGcm, "aes_256_gcm/openssl");

}  // namespace
