// SPDX-License-Identifier: GPL-2.0
// core/segment.c on transmit: a super-packet taken apart, against segments cut by
// the reference. Where a receiver may merge them, they give the super-packet back.
#include "merger.h"
#include "reference.h"

using namespace plait_fuzz;

namespace {

// Up to so much all segments are compared, else those at the ends and in the middle.
constexpr u32 kWholePayload = 4000, kWholeCount = 64;

// Headers of any sort, damaged or cut; or noise.
Octets headers_of(Input& in) {
  if (in.octet() == 255) return in.octets(PLAIT_HEADERS_MAX + 8);
  Octets h = plait_test::make_packet(packet_spec(in));
  if (in.bit()) damage(h, in, h.size());
  if (in.bit()) h.resize(h.size() - std::min<size_t>(h.size(), in.below(24)));
  return alone(h);
}

Octets engine_segment(const plait_segmenter& s, u32 i, const Octets& payload, size_t* at) {
  Octets out = alone(Octets(s.headers_len, 0xee));
  const u32 len = plait_segment_headers(&s, i, out.data());
  REQUIRE(*at + len <= payload.size());
  out.insert(out.end(), payload.begin() + static_cast<long>(*at),
             payload.begin() + static_cast<long>(*at + len));
  *at += len;
  return out;
}

// Every segment, octet by octet; the way back too.
void whole(const plait_segmenter& s, u32 count, const Octets& headers) {
  const Octets payload = pattern(s.payload);
  Octets super(headers.begin(), headers.begin() + s.headers_len);
  super.insert(super.end(), payload.begin(), payload.end());

  const auto expected = segments(super, s.headers_len, s.mss);
  REQUIRE_EQUAL(count, expected.size());
  size_t at = 0;
  for (u32 i = 0; i < count; i++)
    REQUIRE_OCTETS(engine_segment(s, i, payload, &at), expected[i]);
  REQUIRE_EQUAL(at, payload.size());

  Merger m(expected[0]);
  if (!m.begun()) return;
  for (u32 i = 1; i < count; i++)
    REQUIRE(m.append(expected[i]));
  // As the super-packet was, with the checksums of a super-packet.
  REQUIRE_OCTETS(m.finish(), segments(super, s.headers_len, s.payload)[0]);
}

// Too many to compare them all: how much each carries, and that it adds up.
void ends(const plait_segmenter& s, u32 count) {
  Octets out(s.headers_len);
  for (const u32 i : {0U, count / 2, count - 1}) {
    const u64 done = static_cast<u64>(i) * s.mss;
    REQUIRE_EQUAL(plait_segment_headers(&s, i, out.data()), std::min<u64>(s.mss, s.payload - done));
    REQUIRE(s.version == 6 || plait_test::naive_sum(out.data(), s.l4) == 0xffff);
    if (s.proto == PLAIT_PROTO_TCP)
      REQUIRE_EQUAL(bits(out, (size_t{s.l4} + 4) * 8, 32), static_cast<u32>(s.seq + done));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, size_t size) {
  Input in(data, size);
  const u32 payload = static_cast<u32>(in.usual({1, 100, 2800, 4000, 65000, 0, 1460}, 4));
  const u32 mss = static_cast<u32>(in.usual({100, 1, 1400, 7, 65535, 0, 1460}, 4));
  const Octets headers = headers_of(in);

  const auto length = headers_length(headers);
  REQUIRE_EQUAL(plait_headers_length(headers.data(), size32(headers)), length.value_or(0));

  plait_segmenter s{};
  const u32 count = plait_segment_begin(&s, headers.data(), size32(headers), payload, mss);
  const bool fits = length && payload && mss && mss + *length <= 65535;
  REQUIRE_EQUAL(count, fits ? (static_cast<u64>(payload) + mss - 1) / mss : 0);
  if (!count) return 0;
  REQUIRE_EQUAL(s.headers_len, *length);
  if (payload <= kWholePayload && count <= kWholeCount) {
    whole(s, count, headers);
  } else {
    ends(s, count);
  }
  return 0;
}
