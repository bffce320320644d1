// SPDX-License-Identifier: GPL-2.0
// The engine's batch functions under Google Benchmark: what a packet costs here
// outside of AEAD and kernel. items_per_second are datagrams. Times are this CPU's.
#include "batch.hpp"

extern "C" {
#include "prefix.h"
#include "window.h"
}

namespace {

using micro::Batch;
using micro::count_items;
using micro::kBatch;
using micro::kIndex;
using micro::kMtu;
using micro::tag_key;

constexpr u32 kSpan = 8192;  // replay window with one strand

void number_batch(benchmark::State& state) {
  Batch batch(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state)
    benchmark::DoNotOptimize(batch.number());
  count_items(state, batch.tx.size());
}
BENCHMARK(number_batch)->Arg(1)->Arg(kBatch);

// The lookup of a session is the kernel's (an rhashtable, netdrv/session.c). The engine asks
// for it once a run of one session's datagrams; what it and its answer cost here is the
// difference between one session in a batch and two whose datagrams alternate.
struct Sessions {
  std::vector<u64> bits;
  std::array<plait_rx_keys, 2> keys;

  Sessions() : bits(2 * kSpan / 64), keys{} {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      keys[i].tag_key = tag_key();
      plait_window_init(&keys[i].window, bits.data() + i * kSpan / 64, kSpan);
    }
  }

  static plait_rx_keys* find(void* self, u32 index, u16, plait_verdict*) {
    return &static_cast<Sessions*>(self)->keys[index - kIndex];
  }
};

void check(benchmark::State& state, const Batch& batch) {
  Sessions sessions;
  std::vector<plait_rx_dgram> rx(batch.tx.size());
  for (auto _ : state) {
    for (std::size_t i = 0; i < rx.size(); ++i) {
      rx[i].at = batch.tx[i].at;
      rx[i].len = batch.tx[i].len;
    }
    plait_check_batch(rx.data(), static_cast<unsigned>(rx.size()), Sessions::find, &sessions);
    benchmark::DoNotOptimize(rx.data());
  }
  for (const auto& d : rx)
    if (d.verdict != PLAIT_OK) state.SkipWithError("a good datagram was refused");
  count_items(state, rx.size());
}

void check_batch(benchmark::State& state) {
  Batch batch(static_cast<std::size_t>(state.range(0)));
  batch.number();
  check(state, batch);
}
BENCHMARK(check_batch)->Arg(1)->Arg(kBatch);

void check_batch_of_two_sessions(benchmark::State& state) {
  Batch batch(kBatch);
  batch.number_alternately(kIndex, kIndex + 1);
  check(state, batch);
}
BENCHMARK(check_batch_of_two_sessions);

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

// Copies of what was accepted: checked, and refused, before anything is decrypted.
void window_check_replayed(benchmark::State& state) {
  std::vector<u64> bits(kSpan / 64);
  plait_window window{};
  plait_window_init(&window, bits.data(), kSpan);
  for (u64 counter = 1; counter <= kSpan / 2; ++counter)
    plait_window_accept(&window, counter);
  benchmark::IterationCount refused = 0;
  for (auto _ : state) {
    const u64 counter = 1 + static_cast<u64>(refused) % (kSpan / 2);
    refused += plait_window_check(&window, counter) == PLAIT_DROP_RX_DUPLICATE ? 1 : 0;
  }
  if (refused != state.iterations()) state.SkipWithError("a copy was taken");
  count_items(state, 1);
}
BENCHMARK(window_check_replayed);

// May this inner source speak here? Every other address is in the set: 10.0.0.0/32, .2 ...
void prefix_find(benchmark::State& state) {
  const auto count = static_cast<u32>(state.range(0));
  std::vector<plait_prefix> prefixes(count);
  for (u32 i = 0; i < count; ++i) {
    plait_put_be32(prefixes[i].addr, 0x0a000000 + 2 * i);
    prefixes[i].len = 32;
    prefixes[i].version = 4;
  }
  std::vector<plait_range> ranges(count);
  plait_prefix_set set{};
  plait_prefix_set_build(&set, ranges.data(), prefixes.data(), count);
  auto packet = micro::tcp_headers();
  u32 at = 0;
  for (auto _ : state) {
    at = (at + 0x9e3779b1) % count;  // no neighbour of the one before
    plait_put_be32(packet.data() + 12, 0x0a000000 + 2 * at);
    if (!plait_prefix_set_has_source(&set, packet.data())) {
      state.SkipWithError("a source of the set was not found");
      break;
    }
  }
  count_items(state, 1);
}
BENCHMARK(prefix_find)->Arg(1)->Arg(64)->Arg(4096);

void segment_and_merge(benchmark::State& state) {
  const u32 segments = static_cast<u32>(state.range(0));
  auto headers = micro::tcp_headers();
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
