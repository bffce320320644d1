// SPDX-License-Identifier: GPL-2.0
// Sealing and opening datagrams where they lie, by a device of rte_cryptodev's: the
// associated data stand in front of the ciphertext, so nothing is copied.
#pragma once

#include <rte_cryptodev.h>

#include <array>
#include <cstddef>
#include <span>
#include <string>

#include "engine.hpp"

namespace dpdk {

/// Datagrams that are worked on at once.
constexpr unsigned kBurst = 32;

/// A crypto device in software, the only one at a time. One thread.
class CryptoDevice {
 public:
  /// @name: of a device that EAL was given, as "crypto_aesni_mb0".
  explicit CryptoDevice(const std::string& name);
  CryptoDevice(const CryptoDevice&) = delete;
  CryptoDevice& operator=(const CryptoDevice&) = delete;
  ~CryptoDevice();

 private:
  friend class Cryptor;
  std::uint8_t id_ = 0;
  rte_mempool *sessions_ = nullptr, *operations_ = nullptr;
};

/// One direction's key.
class Cryptor {
 public:
  Cryptor(CryptoDevice& device, rte_crypto_aead_algorithm cipher, std::span<const std::byte> key,
          bool sealing);
  Cryptor(const Cryptor&) = delete;
  Cryptor& operator=(const Cryptor&) = delete;
  ~Cryptor();

  /// One more of a burst: the datagram is @m's whole data, its headers are in place.
  void add(rte_mbuf* m, u64 pn) {
    rte_crypto_op* const op = operations_[count_++];
    u8* const at = rte_pktmbuf_mtod(m, u8*);
    auto* const sym = reinterpret_cast<rte_crypto_sym_op*>(op + 1);  // op->sym, a zero-length array
    op->status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
    sym->m_src = m;
    sym->aead.data.offset = PLAIT_HDR_LEN;
    sym->aead.data.length = m->data_len - PLAIT_PROTECTED_MIN;
    sym->aead.digest.data = at + m->data_len - PLAIT_AUTH_LEN;
    sym->aead.aad.data = at + PLAIT_STRAND_HALF;
    u8* const nonce = rte_crypto_op_ctod_offset(op, u8*, kNonceAt);
    if (pn_first_octet_last_) {
      plait_put_le64(nonce + 4, pn);
    } else {
      plait_put_be64(nonce + 4, pn);
    }
  }

  /// Seals or opens what was added; then good() tells of each, until the next add().
  void run();
  [[nodiscard]] bool good(unsigned i) const {
    return operations_[i]->status == RTE_CRYPTO_OP_STATUS_SUCCESS;
  }

 private:
  static constexpr std::uint16_t kNonceAt = sizeof(rte_crypto_op) + sizeof(rte_crypto_sym_op);

  CryptoDevice& device_;
  const bool pn_first_octet_last_;
  void* session_ = nullptr;
  std::array<rte_crypto_op*, kBurst> operations_{};
  unsigned count_ = 0;
};

}  // namespace dpdk
