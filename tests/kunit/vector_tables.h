/* SPDX-License-Identifier: GPL-2.0 */
/* The files of tests/vectors/ as tables, which vector_tables.awk makes. */
#ifndef PLAIT_KUNIT_VECTOR_TABLES_H
#define PLAIT_KUNIT_VECTOR_TABLES_H

#include "../unit/vectors.h"

/**
 * struct vec_table - a file of vectors
 * @name: of the file, without .txt
 * @cases: its cases
 * @count: how many
 */
struct vec_table {
	const char *name;
	const struct vec_case *cases;
	unsigned int count;
};

extern const struct vec_table vec_tables[];
extern const unsigned int vec_tables_count;

const struct vec_table *vec_table_of(const struct vec_case *c);
const struct vec_table *vec_table_named(const char *name);

#endif /* PLAIT_KUNIT_VECTOR_TABLES_H */
