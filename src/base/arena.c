/* A chain of blocks, each larger need getting a block of its own. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE (32 * 1024)
#define ALIGNMENT  16

struct block {
	struct block *next;
	size_t used, size;
	_Alignas(ALIGNMENT) unsigned char data[];
};

struct zpm_arena {
	struct block *blocks;
};

struct zpm_arena *zpm_arena_new(void)
{
	return zpm_alloc(sizeof(struct zpm_arena));
}

void zpm_arena_free(struct zpm_arena *arena)
{
	if (!arena)
		return;
	while (arena->blocks) {
		struct block *next = arena->blocks->next;

		free(arena->blocks);
		arena->blocks = next;
	}
	free(arena);
}

/* Behind the current block, whose rest stays in use. */
void zpm_arena_join(struct zpm_arena *arena, struct zpm_arena *other)
{
	struct block **end = arena->blocks ? &arena->blocks->next : &arena->blocks;
	struct block *rest = *end;

	*end = other->blocks;
	while (*end)
		end = &(*end)->next;
	*end = rest;
	free(other);
}

static struct block *block_new(size_t size)
{
	struct block *block = zpm_alloc(sizeof(*block) + size);

	block->size = size;
	return block;
}

/* A large allocation goes behind the current block, whose rest stays in use. */
static void *alloc_large(struct zpm_arena *arena, size_t size)
{
	struct block *block = block_new(size);

	block->used = size;
	if (arena->blocks) {
		block->next = arena->blocks->next;
		arena->blocks->next = block;
	} else {
		arena->blocks = block;
	}
	return block->data;
}

void *zpm_arena_alloc(struct zpm_arena *arena, size_t size)
{
	struct block *block = arena->blocks;
	void *ptr;

	size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	if (size > BLOCK_SIZE / 4)
		return alloc_large(arena, size);
	if (!block || block->size - block->used < size) {
		block = block_new(BLOCK_SIZE);
		block->next = arena->blocks;
		arena->blocks = block;
	}
	ptr = block->data + block->used;
	block->used += size;
	return ptr;
}

char *zpm_arena_strndup(struct zpm_arena *arena, const char *text, size_t len)
{
	char *copy = zpm_arena_alloc(arena, len + 1);

	memcpy(copy, text, len);
	return copy;
}

char *zpm_arena_strdup(struct zpm_arena *arena, const char *text)
{
	return zpm_arena_strndup(arena, text, strlen(text));
}

/* Most results are short, and so are formatted only once. */
char *zpm_arena_vprintf(struct zpm_arena *arena, const char *fmt, va_list args)
{
	char brief[256], *text;
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(brief, sizeof(brief), fmt, args);
	if ((size_t)len < sizeof(brief)) {
		text = zpm_arena_strndup(arena, brief, (size_t)len);
	} else {
		text = zpm_arena_alloc(arena, (size_t)len + 1);
		vsnprintf(text, (size_t)len + 1, fmt, again);
	}
	va_end(again);
	return text;
}

char *zpm_arena_printf(struct zpm_arena *arena, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = zpm_arena_vprintf(arena, fmt, args);
	va_end(args);
	return text;
}

const char *zpm_arena_path(struct zpm_arena *arena, const char *folder, const char *path)
{
	if (!path || path[0] == '/' || !strcmp(folder, "."))
		return path;
	return zpm_arena_printf(arena, "%s/%s", folder, path);
}
