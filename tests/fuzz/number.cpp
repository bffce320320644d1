// SPDX-License-Identifier: GPL-2.0
// core/number.c: batches numbered from any state, each datagram's 40 octets against
// ones written by the diagrams, and the 64-bit DSN nearest to one seen.
#include <map>
#include <memory>

#include "reference.h"

using namespace plait_fuzz;

namespace {

constexpr u64 kEnd = (1ULL << 56) - 1;  // the first counter that is not sent

struct Lane {
  explicit Lane(Input& in) {
    for (u8& octet : key)
      octet = in.octet();
    plait_tag_key_load(&loaded, key.data());
    counter = in.usual({0, kEnd - 1, kEnd - 3, kEnd, 1ULL << 32}, 7);
    // Its share of the key epoch; the number that is never sent may lie below its end.
    n.end = in.usual({counter + 3, counter + 40, kEnd, kEnd + 9, counter, ~0ULL}, 8);
    strand_seq = static_cast<u32>(in.usual({0, 0xfffffe, 0xfffffffe}, 4));
    // Far from 2^64: no lane gets there.
    dsn->next = in.usual({0, 0xffff, 0xfffffffe, 1ULL << 40}, 7);
    n.dsn = dsn.get();
    n.counter = &counter;
    n.strand_seq = &strand_seq;
    n.tag_key = &loaded;
    n.index = static_cast<u32>(in.number(4));
    n.tstamp_us = static_cast<u32>(in.number(4));
    n.epoch = static_cast<u16>(in.number(2));
    n.lane = in.octet();
    n.strand = in.octet();
  }

  TagKey key{};
  plait_tag_key loaded{};
  u64 counter;
  u32 strand_seq;
  std::unique_ptr<plait_dsn_state> dsn = std::make_unique<plait_dsn_state>();
  plait_numbering n{};
};

// What the next datagram must look like, by the model's own state.
struct Model {
  u64 counter;
  u64 strand_seq;
  u64 dsn;
  std::map<u8, u64> last{};

  Octets next(const Lane& lane, const plait_tx_dgram& d) {
    u64 distance = last.count(d.bucket) ? dsn - last[d.bucket] : 0;
    if (distance > 65535) distance = 0;
    last[d.bucket] = dsn;

    Octets o(40);
    put(o, kStrand, lane.n.strand);
    put(o, kStrandSeq, strand_seq++);
    put(o, kTimestamp, lane.n.tstamp_us);
    put(o, kType, 1);
    put(o, kVersion, 1);
    put(o, kEpoch, lane.n.epoch);
    put(o, kIndex, lane.n.index);
    put(o, kLane, lane.n.lane);
    put(o, kCounter, counter++);
    put(o, kDsn, dsn++, 256);
    put(o, kDistance, distance, 256);
    put(o, kBucket, d.bucket, 256);
    o[39] = d.flags;
    const Octets tag = header_tag(lane.key, o, d.len);
    std::copy(tag.begin(), tag.end(), o.begin());
    return o;
  }
};

void number_batches(Input& in) {
  Lane lane(in);
  Model model{lane.counter, lane.strand_seq, lane.dsn->next};
  for (int batches = 0; batches < 8 && !in.empty(); batches++) {
    // Symbols of which no datagram was made here: the lane is shared with them.
    const u64 skip = in.usual({0, 0, 0, 1, 65534, 65535, 65536}, 4);
    lane.dsn->next += skip;
    model.dsn += skip;

    std::vector<plait_tx_dgram> d(in.below(6));
    std::vector<Octets> memory(d.size());
    for (size_t i = 0; i < d.size(); i++) {
      memory[i] = alone(Octets(40, 0xee));
      d[i].at = memory[i].data();
      d[i].len = 56 + static_cast<u32>(in.number(2));
      d[i].bucket = static_cast<u8>(in.usual({0, 1, 255}, 1));
      d[i].flags = in.bit() ? PLAIT_INNER_PARTIAL_CSUM : 0;
    }
    const u64 end = std::min(lane.n.end, kEnd);
    const u64 room = model.counter < end ? end - model.counter : 0;
    const unsigned done = plait_number_batch(&lane.n, d.data(), static_cast<unsigned>(d.size()));
    REQUIRE_EQUAL(done, std::min<u64>(d.size(), room));
    for (size_t i = 0; i < d.size(); i++) {
      if (i >= done) {
        REQUIRE_OCTETS(memory[i], Octets(40, 0xee));
        continue;
      }
      REQUIRE_OCTETS(memory[i], model.next(lane, d[i]));
      REQUIRE_EQUAL(d[i].pn, bits(memory[i], 192, 64));
    }
    REQUIRE_EQUAL(lane.counter, model.counter);
    REQUIRE_EQUAL(lane.dsn->next, model.dsn);
  }
}

// Of all numbers with these low bits the nearest; the lower of two; none below 0.
void extend(Input& in) {
  const u64 near = in.usual({0, 1, 1ULL << 31, (1ULL << 32) - 1, 1ULL << 32}, 7);
  const u32 low =
      static_cast<u32>(near) +
      static_cast<u32>(in.usual({0, 1, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff}, 4));
  const auto distance = [near](u64 n) { return n > near ? n - near : near - n; };
  u64 best = low;
  for (u64 high = near >> 32 ? (near >> 32) - 1 : 0; high <= (near >> 32) + 1; high++)
    if (distance(high << 32 | low) < distance(best)) best = high << 32 | low;
  REQUIRE_EQUAL(plait_dsn_extend(near, low), best);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, size_t size) {
  Input in(data, size);
  extend(in);
  number_batches(in);
  return 0;
}
