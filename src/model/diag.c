/*
 * Collecting diagnostics. What a message quotes comes from a file that anybody
 * may have written, so here is where it is cut to a bearable length and where
 * what would move a terminal's cursor is made visible instead.
 */
#include "model/diag.h"

#include "base/buf.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MSG_MAX 1000

/* How many bytes of a control character begin here; 0: it is none. U+0080 to U+009F take two. */
static size_t control_len(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	if (s[0] < 0x20 || s[0] == 0x7f)
		return 1;
	return s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f ? 2 : 0;
}

static void add_control(struct zpm_buf *buf, const char *text, size_t len)
{
	unsigned value = (unsigned char)text[len - 1];

	if (value == '\n')
		zpm_buf_puts(buf, "\\n");
	else if (value == '\t')
		zpm_buf_puts(buf, "\\t");
	else
		zpm_buf_printf(buf, "\\x%02x", value);
}

static const char *printable(const char *msg, struct zpm_arena *arena)
{
	ZPM_BUF buf = { 0 };

	while (*msg) {
		size_t len = control_len(msg);

		if (len)
			add_control(&buf, msg, len);
		else
			zpm_buf_add(&buf, msg, len = 1);
		msg += len;
	}
	return zpm_arena_strdup(arena, buf.data ? buf.data : "");
}

void zpm_diag_add(struct zpm_diags *diags, struct zpm_pos pos, const char *fmt, ...)
{
	char msg[MSG_MAX + sizeof("...")];
	struct zpm_diag *diag;
	va_list args;
	int len;

	if (diags->list.n >= ZPM_DIAGS_MAX) {
		diags->left_out++;
		return;
	}
	va_start(args, fmt);
	len = vsnprintf(msg, MSG_MAX, fmt, args);
	va_end(args);
	if (len >= MSG_MAX)
		memcpy(msg + zpm_utf8_valid_len(msg, strlen(msg)), "...", sizeof("..."));

	diag = zpm_arena_alloc(diags->arena, sizeof(*diag));
	diag->pos = pos;
	diag->msg = printable(msg, diags->arena);
	zpm_ptrs_push(diags->arena, &diags->list, diag);
}

static int compare(const void *left, const void *right)
{
	const struct zpm_diag *a = *(const struct zpm_diag *const *)left;
	const struct zpm_diag *b = *(const struct zpm_diag *const *)right;
	int files = strcmp(a->pos.file, b->pos.file);

	if (files)
		return files;
	if (a->pos.line != b->pos.line)
		return a->pos.line < b->pos.line ? -1 : 1;
	if (a->pos.column != b->pos.column)
		return a->pos.column < b->pos.column ? -1 : 1;
	return strcmp(a->msg, b->msg);
}

/* What an alias stands for is read once for each use, and then so is its mistake. */
void zpm_diags_sort(struct zpm_diags *diags)
{
	struct zpm_ptrs *list = &diags->list;
	size_t kept = 0;

	if (!list->n)
		return;
	qsort(list->v, list->n, sizeof(*list->v), compare);
	for (size_t i = 0; i < list->n; i++)
		if (!kept || compare(&list->v[kept - 1], &list->v[i]))
			list->v[kept++] = list->v[i];
	list->n = kept;
}
