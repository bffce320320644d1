// SPDX-License-Identifier: GPL-2.0
// Makes a generator's frames, by the module's own engine and libcrypto.
#pragma once

#include <rte_mbuf.h>

#include <deque>
#include <vector>

#include "options.hpp"

namespace load {

class Maker {
 public:
  /// @options: those of somebody who sends. @from_hardware: the interface's own address.
  Maker(const Options& options, const std::array<u8, 6>& from_hardware, rte_mempool* pool);

  /// The next frame; null when it is one that gets lost.
  rte_mbuf* next();

  [[nodiscard]] u64 made(Kind kind) const { return made_[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] u64 lost() const { return lost_; }
  /// The first counter that has not been used.
  [[nodiscard]] u64 counter() const { return counter_; }

 private:
  rte_mbuf* frame(u32 datagram);
  rte_mbuf* sealed(u32 size);
  rte_mbuf* forged(u32 size);
  rte_mbuf* repeated();
  void remember(const rte_mbuf* m);

  const Options& options_;
  rte_mempool* const pool_;
  userdp::Aead aead_;
  plait_tag_key tag_key_{};
  plait_dsn_state dsn_{};
  u64 counter_;
  const u64 end_;
  u32 strand_seq_ = 0;
  std::vector<u8> outer_;  ///< the headers' template
  Mix mix_;
  u64 number_ = 0;
  std::array<u64, kKinds> made_{};
  u64 lost_ = 0;
  std::deque<std::vector<u8>> sent_;  ///< the newest valid frames, if some are to be repeated
};

}  // namespace load
