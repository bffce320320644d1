// SPDX-License-Identifier: GPL-2.0
// The half of vector_check that concerns inner packets: bundles, ECN, segmentation,
// partial checksums. vector_check.c says what this is for.

#include "vector_check.h"

void check_bundle(const struct vec_case* c) {
  static u8 sym[VEC_OCTETS_MAX];
  u32 len = PLAIT_INNER_LEN +
            (u32)vec_hex(c, "inner", sym + PLAIT_INNER_LEN, sizeof(sym) - PLAIT_INNER_LEN);
  bool malformed = !strcmp(vec_line(c, "end", 0)->words[0], "malformed");
  bool whole = !strcmp(vec_line(c, "end", 0)->words[0], "end");
  const struct vec_line* packet;
  struct plait_packet found = {.len = 0};
  u32 at = PLAIT_INNER_LEN;

  for (unsigned i = 0; (packet = vec_line(c, "packet", i)); i++) {
    EXPECT(c, plait_bundle_next(sym, len, &at, &found) == 1);
    EXPECT(c, found.at == sym + PLAIT_INNER_LEN + vec_number(packet, 0));
    EXPECT(c, found.len == vec_number(packet, 1));
  }
  EXPECT(c, plait_bundle_next(sym, len, &at, &found) == (malformed ? -1 : 0));
  EXPECT(c, (at == len) == whole);
}

void check_ecn(const struct vec_case* c) {
  static const char* const families[] = {"v4", "v6"};
  bool drop = !strcmp(vec_line(c, "result", 0)->words[0], "drop");

  for (size_t i = 0; i < 2; i++) {
    const struct vec_line* line = vec_line(c, families[i], 0);
    u8 packet[128], after[128];
    size_t len = vec_octets(line, 0, packet, sizeof(packet));

    vec_octets(line, 1, after, sizeof(after));
    EXPECT(c, (plait_ip_tclass(packet) & 3) == vec_num(c, "inner"));
    EXPECT(c, plait_ecn_decapsulate(packet, (unsigned)vec_num(c, "outer")) ==
                  (drop ? PLAIT_DROP_RX_ECN : PLAIT_OK));
    EXPECT(c, !memcmp(packet, after, len));
    if (!drop) EXPECT(c, (plait_ip_tclass(packet) & 3) == vec_num(c, "result"));
  }
}

void check_segment(const struct vec_case* c) {
  static u8 super[VEC_OCTETS_MAX], whole[VEC_OCTETS_MAX], expected[VEC_OCTETS_MAX];
  u32 len = (u32)vec_hex(c, "super", super, sizeof(super));
  u32 mss = (u32)vec_num(c, "mss"), headers_len = plait_headers_length(super, len);
  u32 count, done = headers_len;
  struct plait_segmenter s;

  EXPECT(c, plait_ip_length(super, len) == len);
  EXPECT(c, headers_len != 0);
  count = plait_segment_begin(&s, super, headers_len, len - headers_len, mss);
  EXPECT(c, count > 0 && s.headers_len == headers_len);
  EXPECT(c, !vec_line(c, "segment", count));
  for (u32 i = 0; i < count; i++) {
    const struct vec_line* line = vec_line(c, "segment", i);
    size_t segment_len;
    u32 payload;

    EXPECT(c, line != NULL);
    if (!line) return;
    payload = plait_segment_headers(&s, i, whole);
    memcpy(whole + headers_len, super + done, payload);
    done += payload;
    segment_len = vec_octets(line, 1, expected, sizeof(expected));
    EXPECT(c, segment_len == headers_len + payload && !memcmp(whole, expected, segment_len));
  }
  EXPECT(c, done == len);
}

// The engine's sums over an odd length: a zero octet is added (RFC 1071).
static u64 sum_padded(const u8* p, u32 len) {
  return plait_csum_words(p, len & ~1u) + (len & 1 ? (u32)p[len - 1] << 8 : 0);
}

void check_checksum(const struct vec_case* c) {
  static u8 whole[VEC_OCTETS_MAX], partial[VEC_OCTETS_MAX];
  u32 len = (u32)vec_hex(c, "whole", whole, sizeof(whole));
  struct plait_csum_place place = {0, 0};
  u64 pseudo, completed;
  u8* field;

  vec_hex(c, "partial", partial, sizeof(partial));
  EXPECT(c, plait_csum_find(whole, len, &place));
  EXPECT(c, place.start == vec_num(c, "start"));
  EXPECT(c, place.start + place.offset == (int)vec_num(c, "field"));

  field = partial + place.start + place.offset;
  pseudo = plait_csum_addresses(partial) +
           (place.offset == 16 ? PLAIT_PROTO_TCP : PLAIT_PROTO_UDP) + len - place.start;
  EXPECT(c, plait_csum_fold(pseudo) == plait_get_be16(field));

  // With the partial sum in its field, the sum over the packet completes it.
  completed = (u16)~plait_csum_fold(sum_padded(partial + place.start, len - place.start));
  if (!completed && place.offset == 6) completed = 0xffff;
  plait_put_be16(field, (u16)completed);
  EXPECT(c, !memcmp(whole, partial, len));
}
