// SPDX-License-Identifier: GPL-2.0
// Sealing, opening and tagging datagrams: docs/protocol.md, sections 2 to 4.
#include "sealed.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace forge {
namespace {

struct ContextFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextFree>;

void need(int result) {
  if (result != 1) {
    throw std::runtime_error("OpenSSL refused to work");
  }
}

std::array<std::uint8_t, 12> nonce_of(const Octets& datagram) {
  std::array<std::uint8_t, 12> nonce{};
  plait_put_le64(&nonce[4], plait_get_be64(&datagram[PLAIT_OFF_PN]));
  return nonce;
}

int text_length(const Octets& datagram) {
  return static_cast<int>(datagram.size() - PLAIT_PROTECTED_MIN);
}

}  // namespace

Keys Keys::parse(const std::string& text) {
  const auto first = text.find(':');
  const auto second = text.find(':', first + 1);
  if (first == std::string::npos || second == std::string::npos) {
    throw std::invalid_argument("a session is INDEX:EPOCH:KEYFILE, not " + text);
  }
  Keys keys;
  keys.index = static_cast<std::uint32_t>(std::stoul(text, nullptr, 0));
  keys.epoch = static_cast<std::uint16_t>(std::stoul(text.substr(first + 1), nullptr, 0));

  const std::string path = text.substr(second + 1);
  std::string base64;
  std::ifstream(path) >> base64;
  std::array<std::uint8_t, PLAIT_KEY_MATERIAL> material{};
  if (base64.size() != std::size_t{PLAIT_KEY_MATERIAL} / 3 * 4 ||
      EVP_DecodeBlock(material.data(), reinterpret_cast<const unsigned char*>(base64.data()),
                      static_cast<int>(base64.size())) != PLAIT_KEY_MATERIAL) {
    throw std::invalid_argument(path + " does not hold 48 octets of base64");
  }
  std::copy_n(material.begin(), keys.aead.size(), keys.aead.begin());
  plait_tag_key_load(&keys.tag, &material[PLAIT_AEAD_KEY_LEN]);
  return keys;
}

void retag(const Keys& keys, Octets& datagram) {
  plait_put_le64(datagram.data(), plait_header_tag(&keys.tag, datagram.data(),
                                                   static_cast<std::uint32_t>(datagram.size())));
}

Octets seal(const Keys& keys, const Header& header, const Octets& plaintext) {
  Octets datagram(PLAIT_PROTECTED_MIN + plaintext.size());
  plait_hdr hdr{};
  hdr.pn = plait_pn(header.lane, header.counter);
  hdr.index = keys.index;
  hdr.strand_seq = header.strand_sequence;
  hdr.tstamp_us = header.timestamp;
  hdr.epoch = keys.epoch;
  hdr.strand = header.strand;
  hdr.type = header.type;
  hdr.version = header.version;
  plait_hdr_encode(datagram.data(), &hdr, &keys.tag, static_cast<u32>(datagram.size()));

  const Context context(EVP_CIPHER_CTX_new());
  const auto nonce = nonce_of(datagram);
  std::uint8_t* text = datagram.data() + PLAIT_HDR_LEN;
  int length = 0;
  need(EVP_EncryptInit_ex(context.get(), EVP_chacha20_poly1305(), nullptr, keys.aead.data(),
                          nonce.data()));
  need(EVP_EncryptUpdate(context.get(), nullptr, &length, &datagram[PLAIT_STRAND_HALF],
                         PLAIT_AAD_LEN));
  if (!plaintext.empty()) {
    need(EVP_EncryptUpdate(context.get(), text, &length, plaintext.data(),
                           static_cast<int>(plaintext.size())));
  }
  need(EVP_EncryptFinal_ex(context.get(), text + plaintext.size(), &length));
  need(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, PLAIT_AUTH_LEN,
                           text + plaintext.size()));
  return datagram;
}

std::optional<Octets> open(const Keys& keys, const Octets& datagram) {
  const Context context(EVP_CIPHER_CTX_new());
  const auto nonce = nonce_of(datagram);
  Octets tag(datagram.end() - PLAIT_AUTH_LEN, datagram.end());
  Octets plain(static_cast<std::size_t>(text_length(datagram)) + 1);
  int length = 0;
  need(EVP_DecryptInit_ex(context.get(), EVP_chacha20_poly1305(), nullptr, keys.aead.data(),
                          nonce.data()));
  need(EVP_DecryptUpdate(context.get(), nullptr, &length, &datagram[PLAIT_STRAND_HALF],
                         PLAIT_AAD_LEN));
  if (text_length(datagram) > 0) {
    need(EVP_DecryptUpdate(context.get(), plain.data(), &length, &datagram[PLAIT_HDR_LEN],
                           text_length(datagram)));
  }
  need(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, PLAIT_AUTH_LEN, tag.data()));
  if (EVP_DecryptFinal_ex(context.get(), plain.data(), &length) != 1) {
    return std::nullopt;
  }
  plain.pop_back();
  return plain;
}

}  // namespace forge
