// SPDX-License-Identifier: GPL-2.0
// What the files of tests/vectors/ hold (make_vectors.py says what they look like).
// Plain C, so that the same checks also run cross-compiled without a C++ library, and in
// the kernel, where tests/kunit/ has the files as tables.
#ifndef PLAIT_TESTS_UNIT_VECTORS_H
#define PLAIT_TESTS_UNIT_VECTORS_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stddef.h>
#include <stdint.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct vec_line {
  const char* key;
  const char** words;
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

// Says what is wrong with a vector and ends the program, or the test case: no vector, no
// verdict.
void vec_die(const char* format, ...) __attribute__((noreturn, format(printf, 1, 2)));

// Reads a file; in user space.
struct vec_file* vec_load(const char* folder, const char* name);
void vec_free(struct vec_file* file);

// The nth line with this key, from 0, or NULL.
const struct vec_line* vec_line(const struct vec_case* c, const char* key, unsigned nth);

// A word as number; a word as octets (at most max, or vec_die()).
uint64_t vec_number(const struct vec_line* line, unsigned word);
size_t vec_octets(const struct vec_line* line, unsigned word, uint8_t* out, size_t max);

// The same of the first line with this key, which must be there, and its first word.
uint64_t vec_num(const struct vec_case* c, const char* key);
size_t vec_hex(const struct vec_case* c, const char* key, uint8_t* out, size_t max);

#ifdef __cplusplus
}
#endif

#endif  // PLAIT_TESTS_UNIT_VECTORS_H
