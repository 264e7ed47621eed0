/* Writing files that others rely on. */
#ifndef ZPM_BASE_FILE_H
#define ZPM_BASE_FILE_H

#include "base/err.h"

/*
 * Puts a file in the place of `path`, whole or not at all, readable by its owner alone. Blocks
 * until it is on disk. Only an ordinary file is replaced. ZPM_EFAILED, with the reason.
 */
int zpm_file_replace(const char *path, const char *data, size_t len, struct zpm_err *err);

#endif
