// SPDX-License-Identifier: GPL-2.0
// The engine's batch functions under Google Benchmark: what a packet costs here
// outside of AEAD and kernel. items_per_second are datagrams. Times are this CPU's.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
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

// What the ciphers cost this CPU, beside their prices in instructions: OpenSSL's
// implementations, one datagram of 1400 octets at a time, the key set up before.
void aead_seal(benchmark::State& state, const EVP_CIPHER* cipher) {
  constexpr int kPlain = 1400;
  const std::array<u8, 32> key{};
  const std::array<u8, PLAIT_AAD_LEN> aad{};
  std::vector<u8> text(kPlain);
  std::array<u8, PLAIT_AUTH_LEN> tag{};
  std::array<u8, 12> nonce{};
  std::uint64_t pn = 0;
  int len = 0;
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> ctx(EVP_CIPHER_CTX_new(),
                                                                            EVP_CIPHER_CTX_free);
  EVP_EncryptInit_ex(ctx.get(), cipher, nullptr, key.data(), nonce.data());
  for (auto _ : state) {
    plait_put_be64(nonce.data() + 4, ++pn);
    if (EVP_EncryptInit_ex(ctx.get(), nullptr, nullptr, nullptr, nonce.data()) != 1 ||
        EVP_EncryptUpdate(ctx.get(), nullptr, &len, aad.data(), aad.size()) != 1 ||
        EVP_EncryptUpdate(ctx.get(), text.data(), &len, text.data(), kPlain) != 1 ||
        EVP_EncryptFinal_ex(ctx.get(), text.data() + len, &len) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_AEAD_GET_TAG, tag.size(), tag.data()) != 1)
      state.SkipWithError("the cipher failed");
    benchmark::DoNotOptimize(tag);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * kPlain);
  // Seconds per 10^9 bytes, so nanoseconds per byte.
  state.counters["per_GB"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * kPlain / 1e9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK_CAPTURE(aead_seal, chacha20_poly1305, EVP_chacha20_poly1305());
BENCHMARK_CAPTURE(aead_seal, aes_256_gcm, EVP_aes_256_gcm());

}  // namespace
