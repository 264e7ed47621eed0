/*
 * What every module leans on: attributes and numbers without a better home.
 * Anything with a noun of its own (errors, arenas, text) has its own header.
 */
#ifndef ZPM_BASE_BASE_H
#define ZPM_BASE_BASE_H

#include <stddef.h>

#define ZPM_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ZPM_COUNT(array)      (sizeof(array) / sizeof((array)[0]))

/* Frees the malloc'ed memory a local variable points to when it goes out of scope. */
#define ZPM_FREE __attribute__((cleanup(zpm_free_ptr)))

void zpm_free_ptr(void *ptr);

/* Memory or the end of the program: out of memory aborts, so no caller checks. */
void *zpm_alloc(size_t size);
void *zpm_realloc(void *ptr, size_t size);
char *zpm_strdup(const char *text);

#endif
