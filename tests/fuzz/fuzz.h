// SPDX-License-Identifier: GPL-2.0
// What every fuzz target uses: an input taken apart, packets made from it, and
// demands upon the engine, which abort so that libFuzzer and the replay both see.
#ifndef PLAIT_TESTS_FUZZ_FUZZ_H
#define PLAIT_TESTS_FUZZ_FUZZ_H

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>

#include "packets.h"

extern "C" int LLVMFuzzerTestOneInput(const u8* data, size_t size);

namespace plait_fuzz {

using plait_test::Octets;
using plait_test::PacketSpec;

[[noreturn]] inline void failed(const char* file, int line, const char* what) {
  std::fprintf(stderr, "%s:%d: the engine breaks a rule: %s\n", file, line, what);
  std::abort();
}

inline void require_equal(const char* file, int line, const char* what, u64 got, u64 expected) {
  if (got == expected) return;
  std::fprintf(stderr, "got 0x%llx, expected 0x%llx\n", static_cast<unsigned long long>(got),
               static_cast<unsigned long long>(expected));
  failed(file, line, what);
}

inline void require_octets(const char* file, int line, const char* what, const Octets& got,
                           const Octets& expected) {
  if (got == expected) return;
  const auto end = std::min(got.size(), expected.size());
  size_t at = 0;
  while (at < end && got[at] == expected[at])
    at++;
  std::fprintf(stderr, "%zu octets, expected %zu; the first that differs is %zu\n", got.size(),
               expected.size(), at);
  failed(file, line, what);
}

#define REQUIRE(condition) \
  ((condition) ? void() : plait_fuzz::failed(__FILE__, __LINE__, #condition))
#define REQUIRE_EQUAL(got, expected) \
  plait_fuzz::require_equal(__FILE__, __LINE__, #got " == " #expected, got, expected)
#define REQUIRE_OCTETS(got, expected) \
  plait_fuzz::require_octets(__FILE__, __LINE__, #got " == " #expected, got, expected)

// Takes an input apart from its front; zeros come behind its end. Not clang's
// FuzzedDataProvider, since the replay is built where there is no clang.
class Input {
 public:
  Input(const u8* data, size_t size) : at_(data), left_(size) {}

  bool empty() const { return !left_; }

  u8 octet() {
    if (!left_) return 0;
    left_--;
    return *at_++;
  }

  bool bit() { return octet() & 1; }

  u64 number(unsigned octets) {
    u64 v = 0;
    while (octets--)
      v = v << 8 | octet();
    return v;
  }

  // A number less than n.
  u32 below(u32 n) { return static_cast<u32>(number(n <= 256 ? 1 : n <= 65536 ? 2 : 4) % n); }

  // One of the usual values, or any of so many octets: so that few octets of input
  // reach what only a few values of a field reach.
  u64 usual(std::initializer_list<u64> values, unsigned octets) {
    const u8 choice = octet();
    return choice < 192 ? values.begin()[choice % values.size()] : number(octets);
  }

  // At most n, fewer at the end.
  Octets octets(size_t n) {
    n = std::min(n, left_);
    Octets o(at_, at_ + n);
    at_ += n;
    left_ -= n;
    return o;
  }

  Octets rest() { return octets(left_); }

 private:
  const u8* at_;
  size_t left_;
};

// A copy that ends where its memory ends, so that ASan sees a step outside.
inline Octets alone(const Octets& o) {
  return {o.begin(), o.end()};
}

inline u32 size32(const Octets& o) {
  return static_cast<u32>(o.size());
}

// At most 65,535 octets of payload; every place looks different from its neighbours.
inline Octets pattern(size_t n) {
  static const Octets all = [] {
    Octets o(65535);
    for (size_t i = 0; i < o.size(); i++)
      o[i] = static_cast<u8>(i * 131 + (i >> 8));
    return o;
  }();
  return {all.begin(), all.begin() + static_cast<long>(n)};
}

// A TCP or UDP packet with some of its fields from the input, a payload apart.
inline PacketSpec packet_spec(Input& in) {
  PacketSpec s;
  const u8 kind = in.octet();
  s.version = kind & 1 ? 6 : 4;
  s.proto = kind & 2 ? PLAIT_PROTO_UDP : PLAIT_PROTO_TCP;
  s.df = kind & 4;
  if (kind & 8) s.tclass = in.octet();
  if (kind & 16) s.id = static_cast<u16>(in.number(2));
  if (kind & 32) s.seq = static_cast<u32>(in.number(4));
  if (kind & 64) s.tcp_flags = in.octet();
  if (kind & 128) {
    const size_t options = in.octet();
    s.tcp_options = Octets((options & 15) % 11 * 4, 1);
    if (s.version == 4) s.ip_options = Octets((options >> 4) % 11 * 4, 1);
  }
  s.payload.clear();
  return s;
}

// Changes up to three octets among the first n, as the input says.
inline void damage(Octets& o, Input& in, size_t n) {
  n = std::min(n, o.size());
  for (u32 edits = in.below(4); n && edits; edits--) {
    const size_t at = in.below(static_cast<u32>(n));
    o[at] ^= in.octet();
  }
}

}  // namespace plait_fuzz

#endif  // PLAIT_TESTS_FUZZ_FUZZ_H
