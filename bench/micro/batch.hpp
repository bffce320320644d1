// SPDX-License-Identifier: GPL-2.0
// What several benchmarks need: a batch of datagrams numbered by the engine itself, and
// headers of an inner packet.
#pragma once

#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <vector>

#include "engine.hpp"

namespace micro {

constexpr u32 kMtu = 1408;  // what plait0 has over a 1500-octet underlay
constexpr u32 kDgram = kMtu + PLAIT_SOURCE_OVERHEAD;
constexpr std::size_t kBatch = 64;
constexpr u32 kIndex = 0x22;

inline plait_tag_key tag_key() {
  std::array<u8, 16> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i)
    octets[i] = static_cast<u8>(i);
  plait_tag_key key{};
  plait_tag_key_load(&key, octets.data());
  return key;
}

/// Full datagrams, side by side in memory.
class Batch {
 public:
  explicit Batch(std::size_t count) : memory_(count * kDgram), tx(count) {
    for (std::size_t i = 0; i < count; ++i) {
      tx[i].at = memory_.data() + i * kDgram;
      tx[i].len = kDgram;
      tx[i].bucket = 7;
      tx[i].flags = PLAIT_INNER_PARTIAL_CSUM;
    }
  }

  unsigned number() { return number(tx.data(), tx.size(), kIndex); }

  /// Neighbours are of different sessions.
  void number_alternately(u32 index, u32 other) {
    for (std::size_t i = 0; i < tx.size(); ++i)
      number(&tx[i], 1, i % 2 == 0 ? index : other);
  }

 private:
  unsigned number(plait_tx_dgram* first, std::size_t count, u32 index) {
    const plait_numbering n{.dsn = &dsn_,
                            .counter = &counter_,
                            .end = PLAIT_COUNTER_MAX + 1,
                            .strand_seq = &strand_seq_,
                            .tag_key = &key_,
                            .index = index,
                            .tstamp_us = 1,
                            .epoch = 0,
                            .lane = 0,
                            .strand = 0};
    return plait_number_batch(&n, first, static_cast<unsigned>(count));
  }

  std::vector<u8> memory_;
  plait_tag_key key_ = tag_key();
  plait_dsn_state dsn_{};
  u64 counter_ = 1;
  u32 strand_seq_ = 0;

 public:
  std::vector<plait_tx_dgram> tx;
};

/// IPv4 and TCP with timestamps.
inline std::array<u8, 52> tcp_headers() {
  std::array<u8, 52> h{};
  h[0] = 0x45;
  h[6] = 0x40;  // DF
  h[8] = 64;
  h[9] = PLAIT_PROTO_TCP;
  h[12] = h[16] = 10;
  h[15] = 1;
  h[19] = 2;
  plait_put_be16(h.data() + 20, 40000);
  plait_put_be16(h.data() + 22, 5201);
  h[32] = 8 << 4;
  h[33] = 0x10;  // ACK
  h[40] = h[41] = 1;
  h[42] = 8;
  h[43] = 10;
  return h;
}

inline void count_items(benchmark::State& state, std::size_t each) {
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * each));
}

}  // namespace micro
