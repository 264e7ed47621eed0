/*
 * A growing piece of text on the heap. Zeroed is empty; `data` is
 * NUL-terminated once anything was added. Never grows beyond `cap` bytes when
 * `cap` is set: what comes from outside gets a cap.
 */
#ifndef ZPM_BASE_BUF_H
#define ZPM_BASE_BUF_H

#include "base/base.h"

#include <stdbool.h>

struct zpm_buf {
	char *data;
	size_t len, size;
	size_t cap; /* 0: none */
};

#define ZPM_BUF __attribute__((cleanup(zpm_buf_dispose))) struct zpm_buf

void zpm_buf_dispose(struct zpm_buf *buf);
void zpm_buf_clear(struct zpm_buf *buf);

/* False, and nothing added, when that would exceed the cap. */
bool zpm_buf_add(struct zpm_buf *buf, const char *data, size_t len);
bool zpm_buf_puts(struct zpm_buf *buf, const char *text);
bool zpm_buf_printf(struct zpm_buf *buf, const char *fmt, ...) ZPM_PRINTF(2, 3);

#endif
