// SPDX-License-Identifier: GPL-2.0
// What the engine must do, said a second time: slowly, from docs/protocol.md and the
// RFCs, sharing nothing with netdrv/core but names. Targets compare the two.
#ifndef PLAIT_TESTS_FUZZ_REFERENCE_H
#define PLAIT_TESTS_FUZZ_REFERENCE_H

#include <array>
#include <optional>
#include <set>
#include <vector>

#include "fuzz.h"

namespace plait_fuzz {

// Bits of a diagram: number `first`, counted from the first octet's most significant.
u64 bits(const Octets& o, size_t first, size_t count);
void put_bits(Octets& o, size_t first, size_t count, u64 value);

// Where a field stands in section 2's and section 5's diagrams.
struct Field {
  size_t first, count;
};
constexpr Field kStrand{64, 8}, kStrandSeq{72, 24}, kTimestamp{96, 32}, kType{128, 8},
    kVersion{136, 8}, kEpoch{144, 16}, kIndex{160, 32}, kLane{192, 8}, kCounter{200, 56};
constexpr Field kDsn{0, 32}, kDistance{32, 16}, kBucket{48, 8}, kFlagC{56, 1};

inline u64 get(const Octets& o, Field f, size_t base = 0) {
  return bits(o, base + f.first, f.count);
}
inline void put(Octets& o, Field f, u64 value, size_t base = 0) {
  put_bits(o, base + f.first, f.count, value);
}

using TagKey = std::array<u8, 16>;

// SipHash-2-4 of a message of any length, octet by octet; as octets on the wire.
Octets siphash(const TagKey& key, const Octets& message);

// Section 3 and section 7: the tags of a datagram whose first 32 octets these are.
Octets header_tag(const TagKey& key, const Octets& header, u64 length);
Octets cookie_tag(const TagKey& key, const Octets& header, u64 length);

// Section 8: a replay window that remembers everything.
class Window {
 public:
  explicit Window(u64 span) : span_(span) {}
  plait_verdict verdict(u64 counter) const;
  void accept(u64 counter);
  u64 top() const { return accepted_.empty() ? 0 : *accepted_.rbegin(); }
  u64 span() const { return span_; }

 private:
  u64 span_;
  std::set<u64> accepted_;
};

// The length of the packet that o begins with; none if malformed or cut short.
std::optional<size_t> ip_length(const Octets& o);

// Transport header of an unfragmented TCP or UDP packet, whole but for TCP's options.
struct Transport {
  size_t start;
  u8 proto;
};
std::optional<Transport> transport(const Octets& packet);

// IP and transport headers of such a packet, options included; none if cut short.
std::optional<size_t> headers_length(const Octets& packet);

// Segments of a super-packet, whole, as section 5 has them cut.
std::vector<Octets> segments(const Octets& super, size_t headers, size_t mss);

}  // namespace plait_fuzz

#endif  // PLAIT_TESTS_FUZZ_REFERENCE_H
