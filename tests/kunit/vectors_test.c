// SPDX-License-Identifier: GPL-2.0
/*
 * The engine in the kernel against tests/vectors/. The checks are those that user space
 * has, tests/unit/vector_check.c; the vectors come as tables, made by vector_tables.awk.
 */

#include <kunit/test-bug.h>

#include "../unit/vector_check.h"
#include "plait_kunit.h"
#include "vector_tables.h"

const struct vec_table *vec_table_named(const char *name)
{
	unsigned int i;

	for (i = 0; i < vec_tables_count; i++)
		if (!strcmp(vec_tables[i].name, name))
			return &vec_tables[i];
	return NULL;
}

const struct vec_table *vec_table_of(const struct vec_case *c)
{
	const struct vec_table *t = vec_tables;

	while (c < t->cases || c >= t->cases + t->count)
		t++;
	return t;
}

void vec_die(const char *format, ...)
{
	struct kunit *test = kunit_get_current_test();
	struct va_format vaf = { .fmt = format };
	va_list args;

	va_start(args, format);
	vaf.va = &args;
	KUNIT_FAIL(test, "%pV", &vaf);
	va_end(args);
	__kunit_abort(test);
}

void vec_expect(const struct vec_case *c, bool ok, const char *file, int line,
		const char *what)
{
	struct kunit *test = kunit_get_current_test();

	/* How many checks there were: the test case's own. */
	++*(unsigned int *)test->priv;
	if (!ok)
		KUNIT_FAIL(test, "%s:%d: not so: %s", file, line, what);
}

/* All cases of all files, one after the other. */
static const void *next_case(const void *prev, char *desc)
{
	const struct vec_case *c = prev;
	const struct vec_table *t;

	if (!c) {
		t = vec_tables;
		c = t->cases;
	} else {
		t = vec_table_of(c++);
		if (c == t->cases + t->count) {
			if (++t == vec_tables + vec_tables_count)
				return NULL;
			c = t->cases;
		}
	}
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s: %s", t->name, c->name);
	return c;
}

static void engine_holds_to_vector(struct kunit *test)
{
	const struct vec_case *c = test->param_value;
	const char *name = vec_table_of(c)->name;
	unsigned int checks = 0, i = 0;

	test->priv = &checks;
	while (strcmp(vec_checks[i].name, name))
		KUNIT_ASSERT_LT(test, ++i, VEC_CHECKS);
	vec_checks[i].check(c);
	if (!checks)
		kunit_skip(test, "the engine has no use for this case");
}

static void every_check_has_its_vectors(struct kunit *test)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, vec_tables_count, VEC_CHECKS);
	for (i = 0; i < VEC_CHECKS; i++)
		KUNIT_EXPECT_NOT_NULL(test,
				      vec_table_named(vec_checks[i].name));
}

static struct kunit_case vector_cases[] = {
	KUNIT_CASE(every_check_has_its_vectors),
	KUNIT_CASE_PARAM(engine_holds_to_vector, next_case),
	{}
};

static struct kunit_suite vector_suite = {
	.name = "plait_vectors",
	.test_cases = vector_cases,
};

kunit_test_suite(vector_suite);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("plait: tests in the kernel");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
