// SPDX-License-Identifier: GPL-2.0
// The engine's batch functions under Google Benchmark: what a packet costs here
// outside of AEAD and kernel. items_per_second are datagrams. Times are this CPU's.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

extern "C" {
#include "check.h"
#include "number.h"
#include "packet.h"
#include "segment.h"
#include "window.h"
#include "wire.h"
}

namespace {

constexpr u32 kSpan = 8192;  // replay window with one strand
constexpr u32 kMtu = 1408;   // what plait0 has over a 1500-octet underlay
constexpr u32 kDgram = kMtu + PLAIT_SOURCE_OVERHEAD;
constexpr std::size_t kBatch = 64;

plait_tag_key tag_key() {
  std::array<u8, 16> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i)
    octets[i] = static_cast<u8>(i);
  plait_tag_key key{};
  plait_tag_key_load(&key, octets.data());
  return key;
}

// A batch of datagrams side by side, numbered by the engine itself.
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

  unsigned number() {
    const plait_numbering n{.dsn = &dsn_,
                            .counter = &counter_,
                            .end = PLAIT_COUNTER_MAX + 1,
                            .strand_seq = &strand_seq_,
                            .tag_key = &key_,
                            .index = 0x22,
                            .tstamp_us = 1,
                            .epoch = 0,
                            .lane = 0,
                            .strand = 0};
    return plait_number_batch(&n, tx.data(), static_cast<unsigned>(tx.size()));
  }

 private:
  std::vector<u8> memory_;
  plait_tag_key key_ = tag_key();
  plait_dsn_state dsn_{};
  u64 counter_ = 1;
  u32 strand_seq_ = 0;

 public:
  std::vector<plait_tx_dgram> tx;
};

void count_items(benchmark::State& state, std::size_t each) {
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * each));
}

void encode_header_and_tag(benchmark::State& state) {
  const plait_tag_key key = tag_key();
  std::array<u8, PLAIT_HDR_LEN> out{};
  plait_hdr hdr{};
  hdr.version = PLAIT_VERSION;
  hdr.index = 0x22;
  for (auto _ : state) {
    ++hdr.pn;
    plait_hdr_encode(out.data(), &hdr, &key, kDgram);
    benchmark::DoNotOptimize(out);
  }
  count_items(state, 1);
}
BENCHMARK(encode_header_and_tag);

void number_batch(benchmark::State& state) {
  Batch batch(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state)
    benchmark::DoNotOptimize(batch.number());
  count_items(state, batch.tx.size());
}
BENCHMARK(number_batch)->Arg(1)->Arg(kBatch);

plait_rx_keys* one_session(void* keys, u32, u16, plait_verdict*) {
  return static_cast<plait_rx_keys*>(keys);
}

void check_batch(benchmark::State& state) {
  Batch batch(static_cast<std::size_t>(state.range(0)));
  batch.number();
  std::vector<u64> bits(kSpan / 64);
  plait_rx_keys keys{.tag_key = tag_key(), .window = {}, .lane = 0};
  plait_window_init(&keys.window, bits.data(), kSpan);
  std::vector<plait_rx_dgram> rx(batch.tx.size());
  for (auto _ : state) {
    for (std::size_t i = 0; i < rx.size(); ++i) {
      rx[i].at = batch.tx[i].at;
      rx[i].len = batch.tx[i].len;
    }
    plait_check_batch(rx.data(), static_cast<unsigned>(rx.size()), one_session, &keys);
    benchmark::DoNotOptimize(rx.data());
  }
  for (const auto& d : rx)
    if (d.verdict != PLAIT_OK) state.SkipWithError("a good datagram was refused");
  count_items(state, rx.size());
}
BENCHMARK(check_batch)->Arg(1)->Arg(kBatch);

void window_accept_in_order(benchmark::State& state) {
  std::vector<u64> bits(kSpan / 64);
  plait_window window{};
  plait_window_init(&window, bits.data(), kSpan);
  u64 counter = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(plait_window_accept(&window, ++counter));
  count_items(state, 1);
}
BENCHMARK(window_accept_in_order);

// Two strands with skew: every other counter comes half a window late.
void window_accept_skewed(benchmark::State& state) {
  std::vector<u64> bits(kSpan / 64);
  plait_window window{};
  plait_window_init(&window, bits.data(), kSpan);
  u64 counter = kSpan;
  for (auto _ : state) {
    benchmark::DoNotOptimize(plait_window_accept(&window, counter));
    benchmark::DoNotOptimize(plait_window_accept(&window, counter + 1 - kSpan / 2));
    counter += 2;
  }
  count_items(state, 2);
}
BENCHMARK(window_accept_skewed);

// IPv4 and TCP with timestamps.
std::array<u8, 52> tcp_headers() {
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

void segment_and_merge(benchmark::State& state) {
  const u32 segments = static_cast<u32>(state.range(0));
  auto headers = tcp_headers();
  const u32 mss = kMtu - static_cast<u32>(headers.size());
  const u32 total = static_cast<u32>(headers.size()) + segments * mss;
  plait_put_be16(headers.data() + 2, static_cast<u16>(total));
  std::vector<std::array<u8, 52>> out(segments);
  bool merge = state.range(1) != 0;
  u32 merged = 0;
  for (auto _ : state) {
    plait_segmenter s{};
    const u32 n = plait_segment_begin(&s, headers.data(), headers.size(), segments * mss, mss);
    for (u32 i = 0; i < n; ++i)
      plait_segment_headers(&s, i, out[i].data());
    benchmark::DoNotOptimize(out.data());
    if (!merge) continue;
    plait_merge m{};
    merged = 0;
    if (plait_merge_begin(&m, out[0].data(), headers.size(), kMtu))
      for (merged = 1; merged < n; ++merged)
        if (!plait_merge_append(&m, out[merged].data(), kMtu)) break;
    plait_merge_finish(&m);
    benchmark::DoNotOptimize(out.data());
  }
  if (merge && merged != segments) state.SkipWithError("segments did not merge again");
  count_items(state, segments);
}
BENCHMARK(segment_and_merge)->ArgNames({"segments", "merge"})->Args({44, 0})->Args({44, 1});

}  // namespace
