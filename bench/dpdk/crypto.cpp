// SPDX-License-Identifier: GPL-2.0
// Devices, sessions and operations of rte_cryptodev's: see crypto.hpp.
#include "crypto.hpp"

#include <rte_errno.h>

#include <stdexcept>

#include "eal.hpp"

namespace dpdk {

namespace {

constexpr unsigned kSessions = 16;  // more than anybody here has at once
constexpr unsigned kOperations = kSessions * kBurst;
constexpr unsigned kDescriptors = 2 * kBurst;
constexpr std::uint16_t kNonce = 12;
constexpr unsigned kIdleTurns = 1000;  // of asking for what is done: software has it done at once

void need(int result, const std::string& what) {
  if (result < 0) fail(what, result);
}

}  // namespace

CryptoDevice::CryptoDevice(const std::string& name) {
  const int id = rte_cryptodev_get_dev_id(name.c_str());
  if (id < 0) throw std::runtime_error("no crypto device " + name);
  id_ = static_cast<std::uint8_t>(id);
  sessions_ = rte_cryptodev_sym_session_pool_create(
      "sessions", kSessions, rte_cryptodev_sym_get_private_session_size(id_), 0, 0, SOCKET_ID_ANY);
  operations_ = rte_crypto_op_pool_create("operations", RTE_CRYPTO_OP_TYPE_SYMMETRIC, kOperations,
                                          0, kNonce, SOCKET_ID_ANY);
  if (sessions_ == nullptr || operations_ == nullptr) fail(name, rte_errno);
  rte_cryptodev_config config{};
  config.socket_id = SOCKET_ID_ANY;
  config.nb_queue_pairs = 1;
  config.ff_disable = RTE_CRYPTODEV_FF_ASYMMETRIC_CRYPTO;
  need(rte_cryptodev_configure(id_, &config), name);
  rte_cryptodev_qp_conf queue{};
  queue.nb_descriptors = kDescriptors;
  queue.mp_session = sessions_;
  need(rte_cryptodev_queue_pair_setup(id_, 0, &queue, SOCKET_ID_ANY), name + ", queue");
  need(rte_cryptodev_start(id_), name);
}

CryptoDevice::~CryptoDevice() {
  rte_cryptodev_stop(id_);
  rte_cryptodev_close(id_);
  rte_mempool_free(operations_);
  rte_mempool_free(sessions_);
}

Cryptor::Cryptor(CryptoDevice& device, rte_crypto_aead_algorithm cipher,
                 std::span<const std::byte> key, bool sealing)
    : device_(device), pn_first_octet_last_(cipher == RTE_CRYPTO_AEAD_CHACHA20_POLY1305) {
  rte_crypto_sym_xform xform{};
  xform.type = RTE_CRYPTO_SYM_XFORM_AEAD;
  xform.aead.op = sealing ? RTE_CRYPTO_AEAD_OP_ENCRYPT : RTE_CRYPTO_AEAD_OP_DECRYPT;
  xform.aead.algo = cipher;
  xform.aead.key.data = reinterpret_cast<const std::uint8_t*>(key.data());
  xform.aead.key.length = PLAIT_AEAD_KEY_LEN;
  xform.aead.iv.offset = kNonceAt;
  xform.aead.iv.length = kNonce;
  xform.aead.digest_length = PLAIT_AUTH_LEN;
  xform.aead.aad_length = PLAIT_AAD_LEN;
  if (key.size() < PLAIT_AEAD_KEY_LEN) throw std::invalid_argument("an AEAD key has 32 octets");
  session_ = rte_cryptodev_sym_session_create(device_.id_, &xform, device_.sessions_);
  if (session_ == nullptr) fail("the crypto device refuses the cipher", rte_errno);
  if (rte_crypto_op_bulk_alloc(device_.operations_, RTE_CRYPTO_OP_TYPE_SYMMETRIC,
                               operations_.data(), kBurst) != kBurst)
    throw std::runtime_error("no crypto operations are left");
  for (rte_crypto_op* op : operations_) {
    rte_crypto_op_attach_sym_session(op, session_);
    std::memset(rte_crypto_op_ctod_offset(op, u8*, kNonceAt), 0, kNonce);
  }
}

Cryptor::~Cryptor() {
  rte_mempool_put_bulk(device_.operations_, reinterpret_cast<void**>(operations_.data()), kBurst);
  rte_cryptodev_sym_session_free(device_.id_, session_);
}

void Cryptor::run() {
  std::array<rte_crypto_op*, kBurst> done;
  const auto count = static_cast<std::uint16_t>(count_);
  std::uint16_t given = 0, taken = 0;
  for (unsigned idle = 0; taken < count && idle < kIdleTurns; idle++) {
    given = static_cast<std::uint16_t>(
        given + rte_cryptodev_enqueue_burst(device_.id_, 0, operations_.data() + given,
                                            static_cast<std::uint16_t>(count - given)));
    taken = static_cast<std::uint16_t>(
        taken + rte_cryptodev_dequeue_burst(device_.id_, 0, done.data(),
                                            static_cast<std::uint16_t>(count - taken)));
  }
  if (taken < count) throw std::runtime_error("the crypto device does not finish its work");
  count_ = 0;
}

}  // namespace dpdk
