// SPDX-License-Identifier: GPL-2.0
// The two directions of the poll-mode path: one strand, one lane, one key epoch each, by the
// module's own engine. Packets and datagrams (a UDP packet's payload) are whole buffers, and
// are worked on where they lie.
#pragma once

#include <vector>

#include "crypto.hpp"

namespace dpdk {

/// One direction's keys; the tag key stands behind the AEAD key (docs/protocol.md, section 10).
struct Keys {
  rte_crypto_aead_algorithm cipher;
  std::span<const std::byte, PLAIT_KEY_MATERIAL> material;
  u32 index = 0;
  u16 epoch = 0;
  u8 lane = 0;
};

/// What is dropped, by plait_verdict.
using Drops = std::array<u64, PLAIT_VERDICTS>;

/// Where a transmitter's numbering stands.
struct Numbers {
  plait_dsn_state dsn{};
  u64 counter = 0;
  u32 strand_seq = 0;
  u8 strand = 0;
};

/// From inner packets to datagrams.
class Transmitter {
 public:
  Transmitter(CryptoDevice& device, const Keys& keys, const Numbers& first = {});

  /// Up to kBurst packets become datagrams. Says how many; they are in front. What cannot be
  /// sent is freed and counted.
  unsigned seal(std::span<rte_mbuf*> packets, u32 now_us);

  /// The second half of it: numbers and seals datagrams with their symbols in place.
  unsigned seal_symbols(std::span<rte_mbuf*> datagrams, plait_tx_dgram* d, u32 now_us);

  [[nodiscard]] const Drops& drops() const { return drops_; }

 private:
  void drop(rte_mbuf* m, plait_verdict why);

  Cryptor cryptor_;
  const Keys keys_;
  plait_tag_key tag_key_{};
  Numbers next_;
  const u64 end_;
  Drops drops_{};
};

/// From datagrams to inner packets.
class Receiver {
 public:
  Receiver(CryptoDevice& device, const Keys& keys);

  /// Up to kBurst datagrams are checked and opened; their packets are appended to @packets. What
  /// is refused is freed and counted.
  void open(std::span<rte_mbuf*> datagrams, std::vector<rte_mbuf*>& packets);

  [[nodiscard]] const Drops& drops() const { return drops_; }
  [[nodiscard]] u64 accepted() const { return accepted_; }

 private:
  static plait_rx_keys* find(void* receiver, u32 index, u16 epoch, plait_verdict* why);
  void drop(rte_mbuf* m, plait_verdict why);
  void deliver(rte_mbuf* m, std::vector<rte_mbuf*>& packets);

  Cryptor cryptor_;
  const u32 index_;
  const u16 epoch_;
  const u64 fail_limit_;
  std::vector<u64> window_bits_;
  plait_rx_keys keys_{};
  u64 failed_ = 0, accepted_ = 0;
  Drops drops_{};
};

/// A cipher's limits (docs/protocol.md, section 8).
plait_limits limits_of(rte_crypto_aead_algorithm cipher);

}  // namespace dpdk
