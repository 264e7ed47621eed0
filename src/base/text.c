/* UTF-8 by the table of the Unicode standard (3-7), and Levenshtein's distance. */
#include "base/text.h"

#include <ctype.h>
#include <string.h>

#define MAX_WORD 64

static size_t sequence_len(const unsigned char *s, size_t left)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t len;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		len = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		len = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (left < len || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

size_t zpm_utf8_valid_len(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len) {
		size_t step = sequence_len((const unsigned char *)text + at, len - at);

		if (!step)
			break;
		at += step;
	}
	return at;
}

size_t zpm_utf8_shown_len(const char *text, size_t left)
{
	unsigned char first = (unsigned char)text[0];

	if (first < 0x80)
		return first >= 0x20 && first != 0x7f;
	/* U+0080 to U+009F: a terminal takes them for escape sequences too. */
	if (first == 0xc2 && left > 1 && (unsigned char)text[1] < 0xa0)
		return 0;
	return sequence_len((const unsigned char *)text, left);
}

size_t zpm_utf8_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		if (((unsigned char)*text & 0xc0) != 0x80)
			width++;
	return width;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Row by row; a swap looks at the row before the last. */
size_t zpm_edit_distance(const char *a, const char *b)
{
	size_t rows[3][MAX_WORD + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2];
	size_t m = strnlen(a, MAX_WORD), n = strnlen(b, MAX_WORD);

	for (size_t j = 0; j <= n; j++)
		last[j] = j;
	for (size_t i = 1; i <= m; i++) {
		size_t *spare = before;

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			bool same = same_letter(a[i - 1], b[j - 1]);
			bool swapped = i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
				       same_letter(a[i - 2], b[j - 1]);

			row[j] = min3(last[j] + 1, row[j - 1] + 1, last[j - 1] + !same);
			if (swapped && before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		before = last;
		last = row;
		row = spare;
	}
	return last[n];
}

bool zpm_starts_with(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

/* Where it fails behind a '*', that one takes a character more; earlier ones need not. */
bool zpm_glob_matches(const char *glob, const char *text)
{
	const char *star = NULL, *taken = NULL;

	while (*text || *glob) {
		if (*glob == '*') {
			star = ++glob;
			taken = text;
		} else if (*text && *glob == *text) {
			glob++;
			text++;
		} else if (star && *taken) {
			glob = star;
			text = ++taken;
		} else {
			return false;
		}
	}
	return true;
}
