// SPDX-License-Identifier: GPL-2.0
// Reads the files of tests/vectors/ (make_vectors.py says what they look like).
// Plain C, so that the same checks also run cross-compiled without a C++ library.
#ifndef PLAIT_TESTS_UNIT_VECTORS_H
#define PLAIT_TESTS_UNIT_VECTORS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vec_line {
  const char* key;
  char** words;
  unsigned words_count;
};

struct vec_case {
  const char* name;
  struct vec_line* lines;
  unsigned lines_count;
};

struct vec_file {
  char* text;
  struct vec_case* cases;
  unsigned cases_count;
};

// A file that cannot be read or parsed ends the program: no vector, no verdict.
struct vec_file* vec_load(const char* folder, const char* name);
void vec_free(struct vec_file* file);

// The nth line with this key, from 0, or NULL.
const struct vec_line* vec_line(const struct vec_case* c, const char* key, unsigned nth);

// A word as number; a word as octets (at most max; the program ends if there are more).
uint64_t vec_number(const struct vec_line* line, unsigned word);
size_t vec_octets(const struct vec_line* line, unsigned word, uint8_t* out, size_t max);

// The same of the first line with this key, which must be there, and its first word.
uint64_t vec_num(const struct vec_case* c, const char* key);
size_t vec_hex(const struct vec_case* c, const char* key, uint8_t* out, size_t max);

#ifdef __cplusplus
}
#endif

#endif  // PLAIT_TESTS_UNIT_VECTORS_H
