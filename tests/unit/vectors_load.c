// SPDX-License-Identifier: GPL-2.0
// Reads the files of tests/vectors/ in user space: see vectors.h.

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vectors.h"

void vec_die(const char* format, ...) {
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

  if (!bigger) vec_die("no memory");
  memset(bigger + count * size, 0, size);
  return bigger;
}

static char* read_all(const char* path) {
  FILE* f = fopen(path, "rb");
  char* text;
  long size;

  if (!f) vec_die("%s: %s", path, strerror(errno));
  if (fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0 || fseek(f, 0, SEEK_SET))
    vec_die("%s: %s", path, strerror(errno));
  text = malloc((size_t)size + 1);
  if (!text || fread(text, 1, (size_t)size, f) != (size_t)size) vec_die("%s: cannot read", path);
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
    if (!equals) vec_die("%s: not `key = value`: %s", path, l);
    *equals = '\0';
    if (!strcmp(l, "case")) {
      file->cases = grow(file->cases, file->cases_count, sizeof(*file->cases));
      file->cases[file->cases_count++].name = equals + 3;
    } else if (file->cases_count) {
      add_line(&file->cases[file->cases_count - 1], l, equals + 3);
    } else {
      vec_die("%s: %s stands before the first case", path, l);
    }
  }
  if (!file->cases_count) vec_die("%s: no cases", path);
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
