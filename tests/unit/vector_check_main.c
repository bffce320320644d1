// SPDX-License-Identifier: GPL-2.0
// vector_check FOLDER: the engine against every file of tests/vectors/. Plain C without
// libraries, so that it also runs cross-compiled under qemu-user: s390x shows what depends
// on the order of octets.

#include <stdio.h>
#include <stdlib.h>

#include "vector_check.h"

static unsigned checks, failures;

void vec_expect(const struct vec_case* c, bool ok, const char* file, int line, const char* what) {
  checks++;
  if (ok) return;
  failures++;
  printf("%s:%d: %s: not so: %s\n", file, line, c->name, what);
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s FOLDER   (tests/vectors)\n", argv[0]);
    return 2;
  }
  for (unsigned i = 0; i < VEC_CHECKS; i++) {
    struct vec_file* file = vec_load(argv[1], vec_checks[i].name);
    unsigned before = checks;

    for (unsigned k = 0; k < file->cases_count; k++)
      vec_checks[i].check(&file->cases[k]);
    printf("%-10s %3u cases %7u checks\n", vec_checks[i].name, file->cases_count, checks - before);
    vec_free(file);
  }
  printf("%u checks, %u failed\n", checks, failures);
  return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
