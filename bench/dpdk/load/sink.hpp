// SPDX-License-Identifier: GPL-2.0
// Counts what a plait peer sends, as a receiver with its keys would: checked by the engine,
// opened, and looked into.
#pragma once

#include <rte_mbuf.h>

#include <span>
#include <vector>

#include "options.hpp"

namespace load {

class Sink {
 public:
  /// @port: what is for another UDP port is none of the sink's.
  Sink(userdp::Cipher cipher, const Session& session, u16 port);

  /// Looks at frames and frees them.
  void take(std::span<rte_mbuf*> frames);

  [[nodiscard]] u64 accepted() const { return accepted_; }
  [[nodiscard]] u64 packets() const { return packets_; }
  [[nodiscard]] u64 octets() const { return octets_; }
  [[nodiscard]] u64 dropped(plait_verdict why) const { return drops_[why]; }
  /// Packet numbers between the lowest and the highest accepted that did not come.
  [[nodiscard]] u64 missing() const;

 private:
  static plait_rx_keys* find(void* sink, u32 index, u16 epoch, plait_verdict* why);
  void judge(plait_rx_dgram& d);
  void deliver(const u8* symbol, u32 len);

  userdp::Aead aead_;
  const u32 index_;
  const u16 epoch_, port_;
  const u64 fail_limit_;
  std::vector<u64> window_bits_;
  plait_rx_keys keys_{};
  std::vector<u8> plain_;
  u64 lowest_ = 0, accepted_ = 0, packets_ = 0, octets_ = 0;
  std::array<u64, PLAIT_VERDICTS> drops_{};
};

}  // namespace load
