/*
 * The text of one file: read within bounds, checked to be UTF-8, and the way
 * from an offset in it to a line and a column. For manifest/, but for reading.
 */
#ifndef ZPM_MANIFEST_SOURCE_H
#define ZPM_MANIFEST_SOURCE_H

#include "base/buf.h"
#include "base/err.h"
#include "model/diag.h"

/* A file's text; borrowed, and without a byte order mark. */
struct zpm_source {
	const char *name; /* as diagnostics call it */
	const char *text;
	size_t len;
};

/*
 * Reads a file of at most `most` bytes; "-" is standard input. A larger one is
 * refused without reading all of it, so that an endless one is refused too.
 */
int zpm_source_read(const char *path, size_t most, struct zpm_buf *text, struct zpm_err *err);

/* The same for an ordinary file only: never waits for a pipe. */
int zpm_source_read_regular(const char *path, size_t most, struct zpm_buf *text, struct zpm_err *err);

/* Leaves out the byte order mark; false, with a diagnostic, when the rest is not UTF-8. */
bool zpm_source_init(
	struct zpm_source *source, const char *name, const char *text, size_t len, struct zpm_diags *diags);

struct zpm_pos zpm_source_pos(const struct zpm_source *source, size_t offset);

/* The text from a position on; "" when there is no such position. */
const char *zpm_source_at(const struct zpm_source *source, struct zpm_pos pos);

#endif
