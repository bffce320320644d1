// SPDX-License-Identifier: GPL-2.0
// The engine against every file of tests/vectors/: what concerns headers and numbers, and
// the list of files; vector_check_packets.c has what concerns packets. Needs strings and
// nothing else, so that it is the same in the kernel (tests/kunit/).

#include "vector_check.h"

static void load_tag_key(const struct vec_case* c, const char* name, struct plait_tag_key* key) {
  u8 octets[PLAIT_TAG_KEY_LEN] = {0};

  vec_hex(c, name, octets, sizeof(octets));
  plait_tag_key_load(key, octets);
}

static void check_siphash(const struct vec_case* c) {
  struct plait_tag_key key;
  u8 message[64], tag[8];

  if (vec_hex(c, "message", message, sizeof(message)) != 32)
    return;  // the engine hashes 32 octets and nothing else
  load_tag_key(c, "key", &key);
  vec_hex(c, "tag", tag, sizeof(tag));
  EXPECT(c, plait_siphash32(&key, plait_get_le64(message), plait_get_le64(message + 8),
                            plait_get_le64(message + 16),
                            plait_get_le64(message + 24)) == plait_get_le64(tag));
}

static struct plait_hdr header_of(const struct vec_case* c) {
  struct plait_hdr h = {
      .pn = plait_pn((unsigned)vec_num(c, "lane"), vec_num(c, "counter")),
      .index = (u32)vec_num(c, "receiver"),
      .strand_seq = (u32)vec_num(c, "strand_seq"),
      .tstamp_us = (u32)vec_num(c, "timestamp_us"),
      .epoch = (u16)vec_num(c, "epoch"),
      .strand = (u8)vec_num(c, "strand_id"),
      .type = (u8)vec_num(c, "type"),
      .version = (u8)vec_num(c, "version"),
  };

  return h;
}

static void check_clear_header(const struct vec_case* c, const u8* expected, u32 len) {
  struct plait_hdr h = header_of(c), back;
  struct plait_tag_key key;
  u8 out[PLAIT_HDR_LEN];

  load_tag_key(c, "tag_key", &key);
  plait_hdr_encode(out, &h, &key, len);
  EXPECT(c, !memcmp(out, expected, sizeof(out)));

  plait_hdr_decode(&back, expected);
  EXPECT(c, back.tag == plait_header_tag(&key, expected, len));
  EXPECT(c, back.pn == h.pn);
  EXPECT(c, plait_pn_lane(back.pn) == vec_num(c, "lane"));
  EXPECT(c, plait_pn_counter(back.pn) == vec_num(c, "counter"));
  EXPECT(c, back.index == h.index && back.epoch == h.epoch);
  EXPECT(c, back.strand == h.strand && back.strand_seq == h.strand_seq);
  EXPECT(c, back.tstamp_us == h.tstamp_us);
  EXPECT(c, back.type == h.type && back.version == h.version);
}

static void check_header(const struct vec_case* c) {
  u8 expected[PLAIT_HDR_LEN], nonce[12], mine[12] = {0};
  u64 pn = vec_num(c, "packet_number");

  vec_hex(c, "header", expected, sizeof(expected));
  check_clear_header(c, expected, (u32)vec_num(c, "length"));
  EXPECT(c, plait_pn((unsigned)vec_num(c, "lane"), vec_num(c, "counter")) == pn);

  vec_hex(c, "nonce_1", nonce, sizeof(nonce));
  plait_put_le64(mine + 4, pn);
  EXPECT(c, !memcmp(nonce, mine, sizeof(nonce)));
  vec_hex(c, "nonce_2", nonce, sizeof(nonce));
  plait_put_be64(mine + 4, pn);
  EXPECT(c, !memcmp(nonce, mine, sizeof(nonce)));
}

static void check_handshake(const struct vec_case* c) {
  struct plait_tag_key key, cookie;
  u8 d[256], octets[PLAIT_TAG_KEY_LEN];
  u32 len = (u32)vec_hex(c, "datagram", d, sizeof(d));

  load_tag_key(c, "tag_key", &key);
  EXPECT(c, plait_header_tag(&key, d, len) == plait_get_le64(d + PLAIT_OFF_TAG));
  if (vec_hex(c, "cookie", octets, sizeof(octets))) {
    load_tag_key(c, "cookie", &cookie);
    EXPECT(c, plait_cookie_tag(&cookie, d, len) == plait_get_le64(d + PLAIT_OFF_COOKIE_TAG));
  } else {
    EXPECT(c, plait_get_le64(d + PLAIT_OFF_COOKIE_TAG) == 0);
  }
  EXPECT(c, len >= PLAIT_HANDSHAKE_MIN);
  EXPECT(c, d[PLAIT_OFF_TYPE] == vec_num(c, "type"));
  EXPECT(c, plait_check_form(d, len) == PLAIT_DROP_PORT_HANDSHAKE);
}

static struct plait_rx_keys* lookup(void* ctx, u32 index, u16 epoch, enum plait_verdict* why) {
  *why = PLAIT_OK;
  return ctx;
}

// The sender's numbering must give the datagram's clear header and inner header.
static void check_numbering(const struct vec_case* c, const u8* expected, u32 len,
                            const u8* plaintext) {
  static struct plait_dsn_state dsn;
  static u8 out[VEC_OCTETS_MAX];
  u64 counter = vec_num(c, "counter"), distance = vec_num(c, "distance");
  u8 bucket = (u8)vec_num(c, "bucket");
  u32 seq = (u32)vec_num(c, "strand_seq");
  struct plait_tag_key key;
  struct plait_numbering n = {
      .dsn = &dsn,
      .counter = &counter,
      .end = PLAIT_COUNTER_MAX + 1,
      .strand_seq = &seq,
      .tag_key = &key,
      .index = (u32)vec_num(c, "receiver"),
      .tstamp_us = (u32)vec_num(c, "timestamp_us"),
      .epoch = (u16)vec_num(c, "epoch"),
      .lane = (u8)vec_num(c, "lane"),
      .strand = (u8)vec_num(c, "strand_id"),
  };
  struct plait_tx_dgram d = {
      .at = out,
      .len = len,
      .bucket = bucket,
      .flags = vec_num(c, "partial") ? PLAIT_INNER_PARTIAL_CSUM : 0,
  };

  memset(&dsn, 0, sizeof(dsn));
  dsn.next = vec_num(c, "dsn_low");
  if (distance) dsn.last[bucket] = dsn.next + 1 - distance;
  load_tag_key(c, "tag_key", &key);
  EXPECT(c, plait_number_batch(&n, &d, 1) == 1);
  EXPECT(c, !memcmp(out, expected, PLAIT_HDR_LEN));
  EXPECT(c, !memcmp(out + PLAIT_HDR_LEN, plaintext, PLAIT_INNER_LEN));
}

static void check_sealed(const struct vec_case* c) {
  static u8 d[VEC_OCTETS_MAX], plain[VEC_OCTETS_MAX], packet[VEC_OCTETS_MAX];
  static u8 other[VEC_OCTETS_MAX];
  u32 len = (u32)vec_hex(c, "datagram", d, sizeof(d));
  u32 plain_len = (u32)vec_hex(c, "plaintext", plain, sizeof(plain));
  u32 at = PLAIT_INNER_LEN;
  u64 bits[PLAIT_WINDOW_SPAN_MIN / 64];
  struct plait_rx_keys keys = {.lane = (u8)vec_num(c, "lane")};
  struct plait_rx_dgram rx = {.at = d, .len = len};
  struct plait_inner inner;
  struct plait_packet found = {.len = 0};

  check_clear_header(c, d, len);
  EXPECT(c, len == PLAIT_HDR_LEN + plain_len + PLAIT_AUTH_LEN);
  // The clear header knows no cipher.
  EXPECT(c, vec_hex(c, "datagram_2", other, sizeof(other)) == len);
  EXPECT(c, !memcmp(d, other, PLAIT_HDR_LEN) && memcmp(d, other, len));

  load_tag_key(c, "tag_key", &keys.tag_key);
  plait_window_init(&keys.window, bits, PLAIT_WINDOW_SPAN_MIN);
  plait_check_batch(&rx, 1, lookup, &keys);
  EXPECT(c, rx.verdict == PLAIT_OK);
  keys.lane ^= 1;
  plait_check_batch(&rx, 1, lookup, &keys);
  EXPECT(c, rx.verdict == PLAIT_DROP_RX_LANE);
  if (vec_num(c, "type") != PLAIT_TYPE_SOURCE) return;

  check_numbering(c, d, len, plain);
  plait_inner_decode(&inner, plain);
  EXPECT(c, inner.dsn == vec_num(c, "dsn_low"));
  EXPECT(c, inner.distance == vec_num(c, "distance"));
  EXPECT(c, inner.bucket == vec_num(c, "bucket"));
  EXPECT(c, !!(inner.flags & PLAIT_INNER_PARTIAL_CSUM) == (vec_num(c, "partial") == 1));
  for (unsigned i = 0; vec_line(c, "packet", i); i++) {
    size_t packet_len = vec_octets(vec_line(c, "packet", i), 0, packet, sizeof(packet));

    EXPECT(c, plait_bundle_next(plain, plain_len, &at, &found) == 1);
    EXPECT(c, found.len == packet_len && !memcmp(found.at, packet, packet_len));
  }
  EXPECT(c, plait_bundle_next(plain, plain_len, &at, &found) == 0);
  EXPECT(c, plain_len - at == vec_num(c, "padding"));
}

// Runs of symbols: `step = bucket count first-dsn first-distance`.
static void check_distances(const struct vec_case* c) {
  static struct plait_dsn_state dsn;
  static u8 out[PLAIT_SOURCE_OVERHEAD];
  static const struct plait_tag_key key;
  const struct vec_line* step;
  u64 counter = 0;
  u32 seq = 0;
  struct plait_numbering n = {
      .dsn = &dsn, .counter = &counter, .end = ~0ULL, .strand_seq = &seq, .tag_key = &key};

  memset(&dsn, 0, sizeof(dsn));
  dsn.next = vec_num(c, "first_dsn");
  for (unsigned i = 0; (step = vec_line(c, "step", i)); i++) {
    EXPECT(c, dsn.next == vec_number(step, 2));
    for (u64 k = 0; k < vec_number(step, 1); k++) {
      struct plait_tx_dgram d = {.at = out, .len = sizeof(out), .bucket = (u8)vec_number(step, 0)};
      struct plait_inner inner;
      u32 low = (u32)dsn.next;

      EXPECT(c, plait_number_batch(&n, &d, 1) == 1);
      plait_inner_decode(&inner, out + PLAIT_HDR_LEN);
      EXPECT(c, inner.dsn == low && inner.bucket == d.bucket);
      EXPECT(c, inner.distance == (k ? 1 : vec_number(step, 3)));
    }
  }
}

static void check_numbers(const struct vec_case* c) {
  const struct vec_line* line;

  if (!strcmp(c->name, "overhead")) {
    EXPECT(c, vec_num(c, "source") == PLAIT_SOURCE_OVERHEAD);
    EXPECT(c, vec_num(c, "reserved") == PLAIT_OVERHEAD_MAX);
  } else if (!strncmp(c->name, "mtu-", 4)) {
    u64 ip = vec_num(c, "ip_version") == 4 ? PLAIT_IPV4_LEN : PLAIT_IPV6_LEN;

    EXPECT(c,
           vec_num(c, "inner") == vec_num(c, "underlay") - ip - PLAIT_UDP_LEN - PLAIT_OVERHEAD_MAX);
  } else if (!strcmp(c->name, "dsn-extension")) {
    for (unsigned i = 0; (line = vec_line(c, "extend", i)); i++)
      EXPECT(c, plait_dsn_extend(vec_number(line, 0), (u32)vec_number(line, 1)) ==
                    vec_number(line, 2));
  } else {
    check_distances(c);
  }
}

static enum plait_verdict verdict_named(const char* name) {
  if (!strcmp(name, "old")) return PLAIT_DROP_RX_OLD;
  if (!strcmp(name, "duplicate")) return PLAIT_DROP_RX_DUPLICATE;
  return PLAIT_OK;
}

static void check_window(const struct vec_case* c) {
  static u64 bits[PLAIT_WINDOW_SPAN_MAX / 64];
  const struct vec_line* step;
  struct plait_window w;

  plait_window_init(&w, bits, (u32)vec_num(c, "span"));
  for (unsigned i = 0; (step = vec_line(c, "step", i)); i++) {
    enum plait_verdict expected = verdict_named(step->words[1]);

    EXPECT(c, plait_window_check(&w, vec_number(step, 0)) == expected);
    EXPECT(c, plait_window_accept(&w, vec_number(step, 0)) == expected);
  }
}

const struct vec_check vec_checks[VEC_CHECKS] = {
    {"siphash", check_siphash},   {"header", check_header},   {"handshake", check_handshake},
    {"sealed", check_sealed},     {"numbers", check_numbers}, {"window", check_window},
    {"bundle", check_bundle},     {"ecn", check_ecn},         {"segment", check_segment},
    {"checksum", check_checksum},
};
