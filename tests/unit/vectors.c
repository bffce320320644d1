// SPDX-License-Identifier: GPL-2.0
// Looks into cases of vectors: see vectors.h. Needs strings and nothing else, so that it
// is the same in the kernel; vectors_load.c reads the files.

#include "vectors.h"

#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <string.h>
#endif

const struct vec_line* vec_line(const struct vec_case* c, const char* key, unsigned nth) {
  for (unsigned i = 0; i < c->lines_count; i++)
    if (!strcmp(c->lines[i].key, key) && !nth--) return &c->lines[i];
  return NULL;
}

static const char* word_of(const struct vec_line* line, unsigned word) {
  if (word >= line->words_count) vec_die("%s has no word %u", line->key, word);
  return line->words[word];
}

uint64_t vec_number(const struct vec_line* line, unsigned word) {
  const char* text = word_of(line, word);
  const char* at = text;
  uint64_t value = 0;

  do {
    uint64_t more = value * 10 + (uint64_t)(*at - '0');

    if (*at < '0' || *at > '9' || more / 10 != value)
      vec_die("%s: not a number of 64 bits: %s", line->key, text);
    value = more;
  } while (*++at);
  return value;
}

static unsigned nibble(char c) {
  if (c >= '0' && c <= '9') return (unsigned)(c - '0');
  if (c >= 'a' && c <= 'f') return (unsigned)(c - 'a') + 10;
  vec_die("not a hexadecimal digit: %c", c);
}

size_t vec_octets(const struct vec_line* line, unsigned word, uint8_t* out, size_t max) {
  const char* text = word_of(line, word);
  size_t len = strlen(text) / 2;

  if (!strcmp(text, "-")) return 0;
  if (len > max) vec_die("%s: %zu octets are more than %zu", line->key, len, max);
  if (len * 2 != strlen(text)) vec_die("%s: an odd number of digits", line->key);
  for (size_t i = 0; i < len; i++)
    out[i] = (uint8_t)(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
  return len;
}

static const struct vec_line* needed(const struct vec_case* c, const char* key) {
  const struct vec_line* line = vec_line(c, key, 0);

  if (!line) vec_die("case %s has no %s", c->name, key);
  return line;
}

uint64_t vec_num(const struct vec_case* c, const char* key) {
  return vec_number(needed(c, key), 0);
}

size_t vec_hex(const struct vec_case* c, const char* key, uint8_t* out, size_t max) {
  return vec_octets(needed(c, key), 0, out, max);
}
