// SPDX-License-Identifier: GPL-2.0
// core/prefix.c: a set of prefixes of either version, overlapping or not, asked for
// addresses in and around them, against a comparison of bits prefix by prefix.
#include <memory>

#include "reference.h"

using namespace plait_fuzz;

namespace {

Octets address(const plait_prefix& p) {
  return {p.addr, p.addr + (p.version == 4 ? 4 : 16)};
}

// Near one that is there already, mostly, so that they overlap and touch.
plait_prefix prefix(Input& in, const std::vector<plait_prefix>& there) {
  plait_prefix p{};
  const u8 kind = in.octet();
  p.version = static_cast<u8>(kind == 255 ? in.octet() : kind & 1 ? 6 : 4);
  if (kind & 2 && !there.empty()) p = there[in.below(static_cast<u32>(there.size()))];
  const u8 width = p.version == 4 ? 32 : 128;
  p.len = static_cast<u8>(in.usual({p.len, width, 0, 8, p.len + 1U, p.len - 1U}, 1));
  for (u32 edits = in.below(4); edits; edits--) {
    const u32 at = in.below(16);
    p.addr[at] = in.octet();
  }
  if (kind & 4) return p;  // host bits as they are
  for (u32 bit = p.len; bit < 128; bit++)
    p.addr[bit / 8] &= static_cast<u8>(~(0x80U >> bit % 8));
  return p;
}

bool valid(const plait_prefix& p) {
  if (p.version != 4 && p.version != 6) return false;
  const size_t width = p.version == 4 ? 32 : 128;
  if (p.len > width) return false;
  const Octets a = address(p);
  for (size_t bit = p.len; bit < width; bit++)
    if (bits(a, bit, 1)) return false;
  return true;
}

bool covers(const plait_prefix& p, u8 version, const Octets& addr) {
  if (p.version != version) return false;
  for (size_t bit = 0; bit < p.len; bit++)
    if (bits(address(p), bit, 1) != bits(addr, bit, 1)) return false;
  return true;
}

// A header alone in memory that comes from the address.
Octets from(u8 version, const Octets& addr) {
  Octets p(version == 4 ? 20 : 40);
  p[0] = static_cast<u8>(version << 4 | 5);
  std::copy(addr.begin(), addr.end(), p.begin() + (version == 4 ? 12 : 8));
  return p;
}

void ask(const plait_prefix_set& set, const std::vector<plait_prefix>& prefixes, u8 version,
         const Octets& addr) {
  const bool expected = std::any_of(prefixes.begin(), prefixes.end(),
                                    [&](const auto& p) { return covers(p, version, addr); });
  REQUIRE_EQUAL(plait_prefix_set_has_source(&set, from(version, addr).data()), expected);
}

// One more or less as a number; wraps.
Octets step(Octets addr, int by) {
  for (size_t i = addr.size(); i-- > 0;) {
    addr[i] = static_cast<u8>(addr[i] + by);
    if (addr[i] != (by > 0 ? 0 : 255)) break;
  }
  return addr;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, size_t size) {
  Input in(data, size);
  std::vector<plait_prefix> prefixes;
  for (u32 n = in.below(24); n && !in.empty(); n--) {
    const plait_prefix p = prefix(in, prefixes);
    REQUIRE_EQUAL(plait_prefix_valid(&p), valid(p));
    if (!valid(p)) continue;
    for (const plait_prefix& q : prefixes) {
      REQUIRE_EQUAL(plait_prefix_equal(&p, &q),
                    p.version == q.version && p.len == q.len && address(p) == address(q));
    }
    prefixes.push_back(p);
  }

  // No more room than is promised, so that ASan sees a step outside.
  const std::vector<plait_prefix> alone_prefixes(prefixes.begin(), prefixes.end());
  const std::unique_ptr<plait_range[]> ranges(new plait_range[prefixes.size()]);
  plait_prefix_set set{};
  plait_prefix_set_build(&set, ranges.get(), alone_prefixes.data(),
                         static_cast<u32>(prefixes.size()));

  // Both ends of each, and their neighbours outside.
  for (const plait_prefix& p : prefixes) {
    const Octets first = address(p);
    Octets last(first);
    for (size_t bit = p.len; bit < last.size() * 8; bit++)
      put_bits(last, bit, 1, 1);
    for (const Octets& addr : {first, last, step(first, -1), step(last, 1)})
      ask(set, prefixes, p.version, addr);
  }
  for (const u8 version : {4, 6}) {
    Octets addr = in.octets(version == 4 ? 4 : 16);
    addr.resize(version == 4 ? 4 : 16);
    ask(set, prefixes, version, addr);
  }
  return 0;
}
