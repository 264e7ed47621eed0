/* Errors by value: composing their text within the fixed buffer. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int zpm_err_set(struct zpm_err *err, enum zpm_code code, const char *fmt, ...)
{
	va_list args;

	err->code = code;
	va_start(args, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	return -1;
}

/* Appends what fits: a message that is cut off is better than one that is lost. */
static void append(struct zpm_err *err, const char *text)
{
	size_t len = strlen(err->msg);
	size_t more = strlen(text);

	if (more > sizeof(err->msg) - 1 - len)
		more = sizeof(err->msg) - 1 - len;
	memcpy(err->msg + len, text, more);
	err->msg[len + more] = '\0';
}

int zpm_err_wrap(struct zpm_err *err, const char *fmt, ...)
{
	char cause[sizeof(err->msg)];
	va_list args;

	memcpy(cause, err->msg, sizeof(cause));
	va_start(args, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	append(err, ": ");
	append(err, cause);
	return -1;
}
