// SPDX-License-Identifier: GPL-2.0
// Every parser of the engine on random and mutated octets, each input alone in
// memory so that ASan sees a step outside. Sized for CI; PLAIT_FULL=1 runs 50 times
// as many. PLAIT_SEED=N replays a run, whose seed is printed when it fails.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>

#include "packets.h"
#include "vectors.h"

namespace {

using namespace plait_test;

u64 from_environment(const char* name, u64 otherwise) {
  const char* text = std::getenv(name);
  return text && *text ? std::strtoull(text, nullptr, 10) : otherwise;
}

const u64 kRounds = u64{30000} * (from_environment("PLAIT_FULL", 0) ? 50 : 1);

class Robustness : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"sealed", "bundle", "segment", "checksum"}) {
      vec_file* file = vec_load(PLAIT_VECTORS_DIR, name);
      for (unsigned i = 0; i < file->cases_count; i++) {
        for (const char* key : {"datagram", "plaintext", "inner", "super", "whole"}) {
          const struct vec_line* line = vec_line(&file->cases[i], key, 0);
          if (!line) continue;
          Octets o(65536);
          o.resize(vec_octets(line, 0, o.data(), o.size()));
          corpus_.push_back(o);
        }
      }
      vec_free(file);
    }
  }

  u64 below(u64 n) { return n ? random_() % n : 0; }

  // An input from the corpus with a few octets changed, cut or put in; or noise.
  Octets input() {
    Octets o;
    if (below(8) == 0) {
      o.resize(below(200));
      for (u8& octet : o)
        octet = static_cast<u8>(random_());
    } else {
      o = corpus_[below(corpus_.size())];
    }
    for (u64 n = below(6); n > 0; n--) {
      const auto at = static_cast<long>(below(std::min<size_t>(o.size(), 130)));
      const u64 kind = below(5);
      if (kind == 0) o.insert(o.begin() + at, static_cast<u8>(random_()));
      if (o.empty()) continue;
      if (kind == 1) o[at] ^= static_cast<u8>(1U << below(8));
      if (kind == 2) o[at] = static_cast<u8>(random_());
      if (kind == 3) o.resize(below(o.size() + 1));
      if (kind == 4) o[at] = std::array<u8, 6>{0, 0xff, 0x45, 0x60, 0x80, 0x4f}[below(6)];
    }
    return o;
  }

  // Runs f on inputs that lie alone in memory.
  template <typename F>
  void on_inputs(F f) {
    for (u64 i = 0; i < kRounds; i++) {
      const Octets o = input();
      const std::unique_ptr<u8[]> alone(new u8[o.size()]);
      std::copy(o.begin(), o.end(), alone.get());
      f(alone.get(), static_cast<u32>(o.size()));
      if (HasFailure()) {
        FAIL() << "replay: PLAIT_SEED=" << seed_ << " unit_core --gtest_filter='Robustness.*'";
      }
    }
  }

  std::vector<Octets> corpus_;
  u64 seed_ = from_environment("PLAIT_SEED", 1);
  std::mt19937_64 random_{seed_};
};

TEST_F(Robustness, checks_take_any_datagram) {
  u64 bits = 0;
  plait_rx_keys keys{{1, 2}, {}, 0};
  u64 accepted = 0;
  on_inputs([&](u8* p, u32 len) {
    // Mostly with a tag that holds, or nothing would come past it.
    if (len >= PLAIT_HDR_LEN && below(4))
      plait_put_le64(p, plait_header_tag(&keys.tag_key, p, len));
    plait_window_init(&keys.window, &bits, 64);
    plait_rx_dgram d{};
    d.at = p;
    d.len = len;
    plait_check_batch(
        &d, 1, [](void* ctx, u32, u16, plait_verdict*) { return static_cast<plait_rx_keys*>(ctx); },
        &keys);
    accepted += d.verdict == PLAIT_OK;
    EXPECT_LT(d.verdict, PLAIT_VERDICTS);
    if (d.verdict != PLAIT_OK) return;
    EXPECT_GE(len, PLAIT_PROTECTED_MIN);
    EXPECT_EQ(plait_window_accept(&keys.window, plait_pn_counter(d.hdr.pn)), PLAIT_OK);
  });
  EXPECT_GT(accepted, kRounds / 100) << "the inputs no longer reach the end";
}

TEST_F(Robustness, bundles_of_anything_end) {
  u64 packets = 0;
  on_inputs([&](u8* p, u32 len) {
    if (len < PLAIT_INNER_LEN) return;
    u32 at = PLAIT_INNER_LEN, sum = at;
    plait_packet packet;
    while (plait_bundle_next(p, len, &at, &packet) == 1) {
      sum += packet.len;
      EXPECT_EQ(at, sum);
      EXPECT_LE(at, len);
      plait_flow_hash(packet.at, packet.len);
      plait_csum_place place;
      if (plait_csum_find(packet.at, packet.len, &place)) {
        EXPECT_LE(place.start + place.offset + 2U, packet.len);
      }
      plait_ecn_decapsulate(const_cast<u8*>(packet.at), static_cast<unsigned>(below(4)));
      packets++;
    }
  });
  EXPECT_GT(packets, kRounds / 100) << "the inputs no longer hold packets";
}

TEST_F(Robustness, segmentation_takes_any_headers) {
  u64 segments = 0;
  on_inputs([&](u8* p, u32 len) {
    plait_segmenter s;
    const auto payload = static_cast<u32>(below(100000)), mss = static_cast<u32>(below(70000));
    plait_flow_hash(p, len);
    const u32 count = plait_segment_begin(&s, p, len, payload, mss);
    if (!count) return;
    Octets out(s.headers_len);
    out.shrink_to_fit();
    for (u32 i : {0U, count / 2, count - 1}) {
      EXPECT_LE(plait_segment_headers(&s, i, out.data()), mss);
      EXPECT_TRUE(s.version == 6 || naive_sum(out.data(), s.l4) == 0xffff);
      segments++;
    }
  });
  EXPECT_GT(segments, kRounds / 100) << "the inputs no longer hold headers";
}

TEST_F(Robustness, merging_takes_any_two_packets) {
  u64 begun = 0, merged = 0;
  on_inputs([&](u8* p, u32 len) {
    if (plait_ip_length(p, len) != len) return;
    Octets next(p, p + len);  // mostly the very packet that would continue it
    plait_merge m;
    if (!plait_merge_begin(&m, p, len, len)) return;
    begun++;
    put32(next, m.l4 + 4U, m.next_seq);
    if (next[0] >> 4 == 4) put16(next, 4, m.id + 1U);
    if (below(2)) next[below(m.headers_len)] ^= static_cast<u8>(1U << below(8));
    if (below(4) == 0) next = input();
    next.shrink_to_fit();
    if (plait_ip_length(next.data(), static_cast<u32>(next.size())) != next.size()) return;
    if (plait_merge_append(&m, next.data(), static_cast<u32>(next.size()))) {
      plait_merge_finish(&m);
      EXPECT_EQ(m.segments, 2U);
      EXPECT_LE(m.headers_len + m.payload, PLAIT_MERGE_MAX);
      EXPECT_TRUE(p[0] >> 4 == 6 || naive_sum(p, m.l4) == 0xffff);
      merged++;
    }
  });
  EXPECT_GT(begun, 0U);
  EXPECT_GT(merged, 0U) << "the inputs no longer merge";
}

}  // namespace
