/*
 * Diagnostics: everything that is wrong with a manifest, collected, each with
 * where it is written. A manifest with any is not used.
 */
#ifndef ZPM_MODEL_DIAG_H
#define ZPM_MODEL_DIAG_H

#include "base/list.h"

struct zpm_pos {
	const char *file;      /* as the user named it */
	unsigned line, column; /* from 1; 0: the file as a whole */
};

struct zpm_diag {
	struct zpm_pos pos;
	const char *msg;
};

/* At most this many are kept; the rest are counted. */
#define ZPM_DIAGS_MAX 100

struct zpm_diags {
	struct zpm_arena *arena;
	struct zpm_ptrs list; /* struct zpm_diag */
	size_t left_out;
};

void zpm_diag_add(struct zpm_diags *diags, struct zpm_pos pos, const char *fmt, ...) ZPM_PRINTF(3, 4);

/* By file and position, as an editor's user wants to walk through them. */
void zpm_diags_sort(struct zpm_diags *diags);

#endif
