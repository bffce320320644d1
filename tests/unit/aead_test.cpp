// SPDX-License-Identifier: GPL-2.0
// The sealed layout (protocol section 4) with a third AEAD, OpenSSL's: what the
// vectors hold opens, and the engine's headers with it make the vectors again.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "core.h"
#include "vectors.h"

namespace {

using Octets = std::vector<u8>;
using Key = std::array<u8, PLAIT_AEAD_KEY_LEN>;

struct CtxFree {
  void operator()(EVP_CIPHER_CTX* ctx) const { EVP_CIPHER_CTX_free(ctx); }
};
using Ctx = std::unique_ptr<EVP_CIPHER_CTX, CtxFree>;

// A row of section 4's table, and the vectors' name for what it seals.
struct Cipher {
  const char* datagram;
  const EVP_CIPHER* (*evp)();
  void (*put_pn)(u8* to, u64 pn);
};

std::array<u8, 12> nonce_of(const Cipher& cipher, u64 pn) {
  std::array<u8, 12> nonce{};
  cipher.put_pn(&nonce[4], pn);
  return nonce;
}

std::optional<Octets> open(const Cipher& cipher, const Key& key, const Octets& d) {
  const Ctx ctx(EVP_CIPHER_CTX_new());
  const auto nonce = nonce_of(cipher, plait_get_be64(&d[PLAIT_OFF_PN]));
  Octets tag(d.end() - PLAIT_AUTH_LEN, d.end());
  Octets plain(d.size() - PLAIT_PROTECTED_MIN + 1);
  int len = 0, rest = 0;

  EVP_DecryptInit_ex(ctx.get(), cipher.evp(), nullptr, key.data(), nonce.data());
  EVP_DecryptUpdate(ctx.get(), nullptr, &len, &d[PLAIT_STRAND_HALF], PLAIT_AAD_LEN);
  EVP_DecryptUpdate(ctx.get(), plain.data(), &len, d.data() + PLAIT_HDR_LEN,
                    static_cast<int>(d.size() - PLAIT_PROTECTED_MIN));
  EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_AEAD_SET_TAG, PLAIT_AUTH_LEN, tag.data());
  if (EVP_DecryptFinal_ex(ctx.get(), plain.data() + len, &rest) != 1) return std::nullopt;
  plain.resize(d.size() - PLAIT_PROTECTED_MIN);
  return plain;
}

// Seals in place what stands between a finished clear header and the tag's room.
void seal(const Cipher& cipher, const Key& key, Octets& d) {
  const Ctx ctx(EVP_CIPHER_CTX_new());
  const auto nonce = nonce_of(cipher, plait_get_be64(&d[PLAIT_OFF_PN]));
  u8* text = d.data() + PLAIT_HDR_LEN;
  const int text_len = static_cast<int>(d.size() - PLAIT_PROTECTED_MIN);
  int len = 0;

  EVP_EncryptInit_ex(ctx.get(), cipher.evp(), nullptr, key.data(), nonce.data());
  EVP_EncryptUpdate(ctx.get(), nullptr, &len, &d[PLAIT_STRAND_HALF], PLAIT_AAD_LEN);
  EVP_EncryptUpdate(ctx.get(), text, &len, text, text_len);
  EVP_EncryptFinal_ex(ctx.get(), text + text_len, &len);
  EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_AEAD_GET_TAG, PLAIT_AUTH_LEN, text + text_len);
}

class Sealed : public testing::TestWithParam<Cipher> {
 protected:
  void SetUp() override { file_ = vec_load(PLAIT_VECTORS_DIR, "sealed"); }
  void TearDown() override { vec_free(file_); }

  template <typename F>
  void for_each(F f) {
    for (unsigned i = 0; i < file_->cases_count; i++) {
      const vec_case& c = file_->cases[i];
      SCOPED_TRACE(c.name);
      Key key;
      vec_hex(&c, "aead_key", key.data(), key.size());
      f(c, key, octets(c, GetParam().datagram), octets(c, "plaintext"));
    }
  }

  static Octets octets(const vec_case& c, const char* name) {
    Octets o(65536);
    o.resize(vec_hex(&c, name, o.data(), o.size()));
    return o;
  }

 private:
  vec_file* file_ = nullptr;
};

TEST_P(Sealed, opens_with_the_common_half_as_associated_data) {
  for_each([](const vec_case&, const Key& key, const Octets& datagram, const Octets& plain) {
    const auto opened = open(GetParam(), key, datagram);
    ASSERT_TRUE(opened);
    EXPECT_EQ(*opened, plain);
  });
}

TEST_P(Sealed, is_what_the_engine_and_any_aead_make_of_the_same_plaintext) {
  for_each([](const vec_case& c, const Key& key, const Octets& datagram, const Octets& plain) {
    plait_hdr h;
    plait_tag_key tag_key;
    std::array<u8, PLAIT_TAG_KEY_LEN> material;
    vec_hex(&c, "tag_key", material.data(), material.size());
    plait_tag_key_load(&tag_key, material.data());
    plait_hdr_decode(&h, datagram.data());

    Octets mine(PLAIT_HDR_LEN);
    mine.insert(mine.end(), plain.begin(), plain.end());
    mine.resize(mine.size() + PLAIT_AUTH_LEN);
    plait_hdr_encode(mine.data(), &h, &tag_key, static_cast<u32>(mine.size()));
    seal(GetParam(), key, mine);
    EXPECT_EQ(mine, datagram);
  });
}

TEST_P(Sealed, no_bit_from_the_common_half_on_can_change) {
  for_each([](const vec_case&, const Key& key, Octets d, const Octets&) {
    for (size_t bit = size_t{PLAIT_STRAND_HALF} * 8; bit < d.size() * 8; bit += 5) {
      d[bit / 8] ^= static_cast<u8>(1U << bit % 8);
      EXPECT_FALSE(open(GetParam(), key, d)) << "bit " << bit;
      d[bit / 8] ^= static_cast<u8>(1U << bit % 8);
    }
  });
}

TEST_P(Sealed, the_strand_half_can_be_another_strands) {
  for_each([](const vec_case&, const Key& key, Octets d, const Octets& plain) {
    std::fill(d.begin(), d.begin() + PLAIT_STRAND_HALF, 0x5a);
    EXPECT_EQ(open(GetParam(), key, d), plain);
  });
}

INSTANTIATE_TEST_SUITE_P(by, Sealed,
                         testing::Values(Cipher{"datagram", EVP_chacha20_poly1305, plait_put_le64},
                                         Cipher{"datagram_2", EVP_aes_256_gcm, plait_put_be64}),
                         [](const auto& cipher) {
                           return std::string(cipher.index ? "aes_256_gcm" : "chacha20_poly1305");
                         });

}  // namespace
