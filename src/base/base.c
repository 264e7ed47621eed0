/*
 * Allocation that cannot fail. A reconciler that is out of memory has nothing
 * better to do than to die and be started again: it keeps no state.
 */
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *ptr)
{
	if (!ptr) {
		fputs("zpm: out of memory\n", stderr);
		abort();
	}
	return ptr;
}

void zpm_free_ptr(void *ptr)
{
	free(*(void **)ptr);
}

void *zpm_alloc(size_t size)
{
	return checked(calloc(1, size ? size : 1));
}

void *zpm_realloc(void *ptr, size_t size)
{
	return checked(realloc(ptr, size ? size : 1));
}

char *zpm_strdup(const char *text)
{
	return checked(strdup(text));
}
