// SPDX-License-Identifier: GPL-2.0
// core/wire.h: headers read and written, against the diagrams of docs/protocol.md
// bit by bit, and both tags against a SipHash of another make.
#include "reference.h"

using namespace plait_fuzz;

namespace {

struct Input32 {
  TagKey key{};
  plait_tag_key loaded{};
  u32 length;
  Octets header;
};

Input32 take(Input& in) {
  Input32 i;
  for (u8& octet : i.key)
    octet = in.octet();
  plait_tag_key_load(&i.loaded, i.key.data());
  i.length = static_cast<u32>(in.number(4));
  i.header = in.octets(32);
  i.header.resize(32);
  i.header = alone(i.header);
  return i;
}

void clear_header(const Input32& i) {
  plait_hdr h{};
  plait_hdr_decode(&h, i.header.data());
  REQUIRE_EQUAL(h.strand, get(i.header, kStrand));
  REQUIRE_EQUAL(h.strand_seq, get(i.header, kStrandSeq));
  REQUIRE_EQUAL(h.tstamp_us, get(i.header, kTimestamp));
  REQUIRE_EQUAL(h.type, get(i.header, kType));
  REQUIRE_EQUAL(h.version, get(i.header, kVersion));
  REQUIRE_EQUAL(h.epoch, get(i.header, kEpoch));
  REQUIRE_EQUAL(h.index, get(i.header, kIndex));
  REQUIRE_EQUAL(plait_pn_lane(h.pn), get(i.header, kLane));
  REQUIRE_EQUAL(plait_pn_counter(h.pn), get(i.header, kCounter));
  REQUIRE_EQUAL(plait_pn(plait_pn_lane(h.pn), plait_pn_counter(h.pn)), h.pn);

  Octets tag(8), expected(i.header);
  plait_put_le64(tag.data(), h.tag);
  REQUIRE_OCTETS(tag, Octets(i.header.begin(), i.header.begin() + 8));

  // Written again it is the same, but for the tag, which is the right one now.
  tag = header_tag(i.key, i.header, i.length);
  std::copy(tag.begin(), tag.end(), expected.begin());
  h.strand_seq |= 0xff000000;  // no room for these
  Octets again = alone(Octets(32, 0xee));
  plait_hdr_encode(again.data(), &h, &i.loaded, i.length);
  REQUIRE_OCTETS(again, expected);
}

void cookie(const Input32& i) {
  Octets tag(8);
  plait_put_le64(tag.data(), plait_cookie_tag(&i.loaded, i.header.data(), i.length));
  REQUIRE_OCTETS(tag, cookie_tag(i.key, i.header, i.length));
}

void inner_header(const Input32& i) {
  const Octets octets = alone(Octets(i.header.begin(), i.header.begin() + 8));
  plait_inner h{};
  plait_inner_decode(&h, octets.data());
  REQUIRE_EQUAL(h.dsn, get(octets, kDsn));
  REQUIRE_EQUAL(h.distance, get(octets, kDistance));
  REQUIRE_EQUAL(h.bucket, get(octets, kBucket));
  REQUIRE_EQUAL(h.flags, get(octets, kFlagC) ? PLAIT_INNER_PARTIAL_CSUM : 0);

  Octets expected(octets), again = alone(Octets(8, 0xee));
  put_bits(expected, 57, 7, 0);  // reserved: ignored, and sent as zero
  plait_inner_encode(again.data(), &h);
  REQUIRE_OCTETS(again, expected);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, size_t size) {
  Input in(data, size);
  const Input32 i = take(in);
  clear_header(i);
  cookie(i);
  inner_header(i);
  return 0;
}
