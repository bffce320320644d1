// SPDX-License-Identifier: GPL-2.0
// The engine against vectors: which check is for which file of tests/vectors/, and how one is
// counted and reported, which whoever runs them sees to (vector_check_main.c, tests/kunit/).
#ifndef PLAIT_TESTS_UNIT_VECTOR_CHECK_H
#define PLAIT_TESTS_UNIT_VECTOR_CHECK_H

#include "core.h"
#include "vectors.h"

// Counts a check; reports it if it fails.
void vec_expect(const struct vec_case* c, bool ok, const char* file, int line, const char* what);

#define EXPECT(c, cond) vec_expect(c, cond, __FILE__, __LINE__, #cond)

#define VEC_OCTETS_MAX 65536u

typedef void vec_check_fn(const struct vec_case* c);

vec_check_fn check_bundle, check_ecn, check_segment, check_checksum;

// Checks a case of tests/vectors/NAME.txt.
struct vec_check {
  const char* name;
  vec_check_fn* check;
};

#define VEC_CHECKS 10

extern const struct vec_check vec_checks[VEC_CHECKS];

#endif  // PLAIT_TESTS_UNIT_VECTOR_CHECK_H
