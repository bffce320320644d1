// SPDX-License-Identifier: GPL-2.0
// Reads the files of tests/vectors/: see vectors.h.

#include "vectors.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void __attribute__((noreturn, format(printf, 1, 2))) die(const char* format, ...) {
  va_list args;

  va_start(args, format);
  fputs("vectors: ", stderr);
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
  va_end(args);
  exit(2);
}

// Grows an array by one zeroed element and returns the array.
static void* grow(void* array, unsigned count, size_t size) {
  char* bigger = realloc(array, (count + 1) * size);

  if (!bigger) die("no memory");
  memset(bigger + count * size, 0, size);
  return bigger;
}

static char* read_all(const char* path) {
  FILE* f = fopen(path, "rb");
  char* text;
  long size;

  if (!f) die("%s: %s", path, strerror(errno));
  if (fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0 || fseek(f, 0, SEEK_SET))
    die("%s: %s", path, strerror(errno));
  text = malloc((size_t)size + 1);
  if (!text || fread(text, 1, (size_t)size, f) != (size_t)size) die("%s: cannot read", path);
  text[size] = '\0';
  fclose(f);
  return text;
}

static void add_line(struct vec_case* c, const char* key, char* value) {
  struct vec_line* line;
  char* save = NULL;

  c->lines = grow(c->lines, c->lines_count, sizeof(*c->lines));
  line = &c->lines[c->lines_count++];
  line->key = key;
  for (char* word = strtok_r(value, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
    line->words = grow(line->words, line->words_count, sizeof(*line->words));
    line->words[line->words_count++] = word;
  }
}

struct vec_file* vec_load(const char* folder, const char* name) {
  struct vec_file* file = grow(NULL, 0, sizeof(*file));
  char path[4096], *save = NULL;

  snprintf(path, sizeof(path), "%s/%s.txt", folder, name);
  file->text = read_all(path);
  for (char* l = strtok_r(file->text, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
    char* equals = strstr(l, " = ");

    if (l[0] == '#') continue;
    if (!equals) die("%s: not `key = value`: %s", path, l);
    *equals = '\0';
    if (!strcmp(l, "case")) {
      file->cases = grow(file->cases, file->cases_count, sizeof(*file->cases));
      file->cases[file->cases_count++].name = equals + 3;
    } else if (file->cases_count) {
      add_line(&file->cases[file->cases_count - 1], l, equals + 3);
    } else {
      die("%s: %s stands before the first case", path, l);
    }
  }
  if (!file->cases_count) die("%s: no cases", path);
  return file;
}

void vec_free(struct vec_file* file) {
  for (unsigned i = 0; i < file->cases_count; i++) {
    for (unsigned k = 0; k < file->cases[i].lines_count; k++)
      free(file->cases[i].lines[k].words);
    free(file->cases[i].lines);
  }
  free(file->cases);
  free(file->text);
  free(file);
}

const struct vec_line* vec_line(const struct vec_case* c, const char* key, unsigned nth) {
  for (unsigned i = 0; i < c->lines_count; i++)
    if (!strcmp(c->lines[i].key, key) && !nth--) return &c->lines[i];
  return NULL;
}

static const char* word_of(const struct vec_line* line, unsigned word) {
  if (word >= line->words_count) die("%s has no word %u", line->key, word);
  return line->words[word];
}

uint64_t vec_number(const struct vec_line* line, unsigned word) {
  const char* text = word_of(line, word);
  char* end;
  uint64_t value = strtoull(text, &end, 10);

  if (end == text || *end) die("%s: not a number: %s", line->key, text);
  return value;
}

static unsigned nibble(char c) {
  if (c >= '0' && c <= '9') return (unsigned)(c - '0');
  if (c >= 'a' && c <= 'f') return (unsigned)(c - 'a') + 10;
  die("not a hexadecimal digit: %c", c);
}

size_t vec_octets(const struct vec_line* line, unsigned word, uint8_t* out, size_t max) {
  const char* text = word_of(line, word);
  size_t len = strlen(text) / 2;

  if (!strcmp(text, "-")) return 0;
  if (len > max) die("%s: %zu octets are more than %zu", line->key, len, max);
  if (len * 2 != strlen(text)) die("%s: an odd number of digits", line->key);
  for (size_t i = 0; i < len; i++)
    out[i] = (uint8_t)(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
  return len;
}

static const struct vec_line* needed(const struct vec_case* c, const char* key) {
  const struct vec_line* line = vec_line(c, key, 0);

  if (!line) die("case %s has no %s", c->name, key);
  return line;
}

uint64_t vec_num(const struct vec_case* c, const char* key) {
  return vec_number(needed(c, key), 0);
}

size_t vec_hex(const struct vec_case* c, const char* key, uint8_t* out, size_t max) {
  return vec_octets(needed(c, key), 0, out, max);
}
