/*
 * Archives of POSIX (ustar) with one file in them: how the Engine takes a file
 * into a container and hands it out again. Pure.
 */
#ifndef ZPM_BASE_TAR_H
#define ZPM_BASE_TAR_H

#include "base/buf.h"

#include <stdint.h>

/*
 * Adds an archive with one file of root's, which nobody else may read. `name` has at most 99 bytes,
 * `time` is in seconds since 1970.
 */
void zpm_tar_write(struct zpm_buf *out, const char *name, const char *data, size_t len, int64_t time);

/*
 * Finds the first ordinary file: `*data` points into the archive. False when there is none, or the
 * archive is none: it may come from anywhere.
 */
bool zpm_tar_read(const char *archive, size_t size, const char **data, size_t *len);

#endif
