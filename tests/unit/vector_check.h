// SPDX-License-Identifier: GPL-2.0
// What the halves of vector_check share: how a check is counted and reported.
#ifndef PLAIT_TESTS_UNIT_VECTOR_CHECK_H
#define PLAIT_TESTS_UNIT_VECTOR_CHECK_H

#include "core.h"
#include "vectors.h"

// Counts a check; prints it if it fails.
void vec_expect(const struct vec_case* c, bool ok, const char* file, int line, const char* what);

#define EXPECT(c, cond) vec_expect(c, cond, __FILE__, __LINE__, #cond)

#define VEC_OCTETS_MAX 65536u

typedef void vec_check_fn(const struct vec_case* c);

vec_check_fn check_bundle, check_ecn, check_segment, check_checksum;

#endif  // PLAIT_TESTS_UNIT_VECTOR_CHECK_H
