/*
 * Memory that lives and dies together. One manifest, one observation or one
 * plan owns one arena; whatever it points to is freed with it, so model data
 * needs no ownership rules of its own.
 *
 * Not thread-safe: an arena is filled by one thread, and may be read by many.
 */
#ifndef ZPM_BASE_ARENA_H
#define ZPM_BASE_ARENA_H

#include "base/base.h"

#include <stdarg.h>

struct zpm_arena;

struct zpm_arena *zpm_arena_new(void);
void zpm_arena_free(struct zpm_arena *arena);

/* Hands all memory of `other` over, which is freed; what points into it stays valid as long as `arena`. */
void zpm_arena_join(struct zpm_arena *arena, struct zpm_arena *other);

/* Zeroed, and aligned for any type. */
void *zpm_arena_alloc(struct zpm_arena *arena, size_t size);
char *zpm_arena_strdup(struct zpm_arena *arena, const char *text);
char *zpm_arena_strndup(struct zpm_arena *arena, const char *text, size_t len);
char *zpm_arena_printf(struct zpm_arena *arena, const char *fmt, ...) ZPM_PRINTF(2, 3);
char *zpm_arena_vprintf(struct zpm_arena *arena, const char *fmt, va_list args) ZPM_PRINTF(2, 0);

/* Where a file is, whose path is as seen from a folder. The path itself when it is absolute, or NULL. */
const char *zpm_arena_path(struct zpm_arena *arena, const char *folder, const char *path);

#endif
