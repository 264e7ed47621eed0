/* Growing text; see the header for the cap. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void zpm_buf_dispose(struct zpm_buf *buf)
{
	free(buf->data);
	*buf = (struct zpm_buf){ .cap = buf->cap };
}

void zpm_buf_clear(struct zpm_buf *buf)
{
	buf->len = 0;
	if (buf->data)
		buf->data[0] = '\0';
}

static bool reserve(struct zpm_buf *buf, size_t more)
{
	size_t need = buf->len + more + 1;
	size_t size = buf->size ? buf->size : 256;

	if (buf->cap && buf->len + more > buf->cap)
		return false;
	while (size < need)
		size *= 2;
	if (size != buf->size) {
		buf->data = zpm_realloc(buf->data, size);
		buf->size = size;
	}
	return true;
}

bool zpm_buf_add(struct zpm_buf *buf, const char *data, size_t len)
{
	if (!reserve(buf, len))
		return false;
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return true;
}

bool zpm_buf_puts(struct zpm_buf *buf, const char *text)
{
	return zpm_buf_add(buf, text, strlen(text));
}

bool zpm_buf_printf(struct zpm_buf *buf, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (!reserve(buf, (size_t)len))
		return false;
	va_start(args, fmt);
	vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, args);
	va_end(args);
	buf->len += (size_t)len;
	return true;
}
