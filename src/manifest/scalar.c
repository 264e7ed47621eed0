/* The regular expressions of the core schema, written out as code. */
#include "manifest/scalar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

static bool is_one_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(*words, text))
			return true;
	return false;
}

static bool is_null(const char *text)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL", NULL };

	return is_one_of(text, words);
}

static bool is_bool(const char *text)
{
	static const char *const words[] = { "true", "True", "TRUE", "false", "False", "FALSE", NULL };

	return is_one_of(text, words);
}

static bool all_of(const char *text, const char *set)
{
	return *text && !text[strspn(text, set)];
}

static const char *skip_sign(const char *text)
{
	return text + (*text == '-' || *text == '+');
}

static bool is_int(const char *text)
{
	if (text[0] == '0' && text[1] == 'o')
		return all_of(text + 2, "01234567");
	if (text[0] == '0' && text[1] == 'x')
		return all_of(text + 2, DIGITS "abcdefABCDEF");
	return all_of(skip_sign(text), DIGITS);
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_float(const char *text)
{
	static const char *const words[] = { ".inf", ".Inf", ".INF", NULL };
	static const char *const nans[] = { ".nan", ".NaN", ".NAN", NULL };
	const char *at = skip_sign(text);
	size_t whole = strspn(at, DIGITS), fraction = 0;

	if (is_one_of(at, words) || is_one_of(text, nans))
		return true;
	at += whole;
	if (*at == '.') {
		fraction = strspn(at + 1, DIGITS);
		at += 1 + fraction;
	}
	if (!whole && !fraction)
		return false;
	if (*at == 'e' || *at == 'E')
		return all_of(skip_sign(at + 1), DIGITS);
	return !*at;
}

enum zpm_scalar_kind zpm_scalar_resolve(const char *text)
{
	if (is_null(text))
		return ZPM_SCALAR_NULL;
	if (is_bool(text))
		return ZPM_SCALAR_BOOL;
	if (is_int(text))
		return ZPM_SCALAR_INT;
	return is_float(text) ? ZPM_SCALAR_FLOAT : ZPM_SCALAR_TEXT;
}

const char *zpm_scalar_decimal(const char *text, struct zpm_arena *arena)
{
	int base = text[0] != '0' ? 10 : text[1] == 'x' ? 16 : text[1] == 'o' ? 8 : 10;
	long long value;

	errno = 0;
	value = strtoll(base == 10 ? text : text + 2, NULL, base);
	return errno ? NULL : zpm_arena_printf(arena, "%lld", value);
}

bool zpm_scalar_looks_octal(const char *text)
{
	text = skip_sign(text);
	return text[0] == '0' && text[strspn(text, "0")] && all_of(text, DIGITS);
}
