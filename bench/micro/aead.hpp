// SPDX-License-Identifier: GPL-2.0
// A provider's AEAD on whole SOURCE datagrams, measured: seal where it lies, open to
// elsewhere. Each must agree with plait's own call (userdp::Aead) octet by octet.
#pragma once

#include <cstddef>
#include <exception>
#include <span>
#include <vector>

#include "../userdp/aead.hpp"
#include "batch.hpp"

namespace micro {

/// Memory for a datagram, with what userdp::Aead borrows around it and in front of @out.
struct Datagram {
  explicit Datagram(u32 inner)
      : len(inner + PLAIT_SOURCE_OVERHEAD),
        memory(userdp::kLead + len + userdp::kTrail, 0x5a),
        out(userdp::kBlock + len) {}

  u8* at() { return memory.data() + userdp::kLead; }
  u8* opened() { return out.data() + userdp::kBlock; }

  u32 len;
  std::vector<u8> memory, out;
};

constexpr std::array<std::byte, PLAIT_AEAD_KEY_LEN> kKey{std::byte{7}};

inline void count_octets(benchmark::State& state, u32 len) {
  const auto octets = static_cast<std::int64_t>(state.iterations()) * (len - PLAIT_PROTECTED_MIN);
  state.SetBytesProcessed(octets);
  // Seconds per 10^9 octets are nanoseconds an octet.
  state.counters["ns_per_octet"] = benchmark::Counter(
      static_cast<double>(octets) / 1e9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// Provider: a class with kCipher, a constructor (key, sealing), and userdp::Aead's
/// seal and open.
template <typename Provider>
void seal(benchmark::State& state) {
  Datagram d(static_cast<u32>(state.range(0)));
  Provider provider(kKey, true);
  u64 pn = 0;
  for (auto _ : state) {
    if (!provider.seal(d.at(), d.len, ++pn)) {
      state.SkipWithError("the cipher failed");
      break;
    }
    benchmark::DoNotOptimize(d.at());
  }
  if (!userdp::Aead(Provider::kCipher, kKey, false).open(d.at(), d.len, pn, d.opened()))
    state.SkipWithError("what was sealed is no datagram of plait's");
  count_octets(state, d.len);
}

template <typename Provider>
void open(benchmark::State& state) {
  Datagram d(static_cast<u32>(state.range(0)));
  constexpr u64 pn = 1;
  if (!userdp::Aead(Provider::kCipher, kKey, true).seal(d.at(), d.len, pn)) {
    state.SkipWithError("the cipher failed");
    return;
  }
  Provider provider(kKey, false);
  for (auto _ : state) {
    if (!provider.open(d.at(), d.len, pn, d.opened())) {
      state.SkipWithError("a datagram of plait's was not opened");
      break;
    }
    benchmark::DoNotOptimize(d.opened());
  }
  count_octets(state, d.len);
}

/// A provider that this CPU cannot have throws: then its benchmarks fail, and no others.
template <auto measure>
void guarded(benchmark::State& state) {
  try {
    measure(state);
  } catch (const std::exception& error) {
    state.SkipWithError(error.what());
  }
}

}  // namespace micro

/// Both ways, for inner packets of 64 octets and for full ones.
// NOLINTBEGIN(bugprone-macro-parentheses): a template argument has none.
#define PLAIT_AEAD(provider, name)                 \
  BENCHMARK(micro::guarded<micro::seal<provider>>) \
      ->Name("aead_seal/" name)                    \
      ->Arg(64)                                    \
      ->Arg(micro::kMtu);                          \
  BENCHMARK(micro::guarded<micro::open<provider>>) \
      ->Name("aead_open/" name)                    \
      ->Arg(64)                                    \
      ->Arg(micro::kMtu)
// NOLINTEND(bugprone-macro-parentheses)
