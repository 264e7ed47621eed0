/* The quoting of the shell (POSIX 2.2), without its expansions. */
#include "manifest/words.h"

#include "base/buf.h"

#include <string.h>

#define BLANKS " \t\n"

static const char *take_single(const char *at, struct zpm_buf *word)
{
	size_t len = strcspn(at, "'");

	zpm_buf_add(word, at, len);
	return at[len] ? at + len + 1 : NULL;
}

/* In double quotes a backslash stays where it has nothing to protect. */
static const char *take_double(const char *at, struct zpm_buf *word)
{
	while (*at && *at != '"') {
		if (at[0] == '\\' && at[1] && strchr("$`\"\\\n", at[1]))
			at++;
		zpm_buf_add(word, at++, 1);
	}
	return *at ? at + 1 : NULL;
}

/* One character or one quoted piece of a word. Returns what follows, or NULL when it has no end. */
static const char *take_piece(const char *at, struct zpm_buf *word)
{
	if (*at == '\'')
		return take_single(at + 1, word);
	if (*at == '"')
		return take_double(at + 1, word);
	if (*at == '\\')
		at++;
	if (!*at)
		return NULL;
	zpm_buf_add(word, at, 1);
	return at + 1;
}

const char *zpm_words_split(const char *text, struct zpm_arena *arena, struct zpm_strs *words)
{
	ZPM_BUF word = { 0 };

	for (text += strspn(text, BLANKS); *text; text += strspn(text, BLANKS)) {
		zpm_buf_clear(&word);
		while (*text && !strchr(BLANKS, *text)) {
			char first = *text;

			text = take_piece(text, &word);
			if (!text)
				return first == '\\' ? "a backslash at the end"
						     : "a quote that is not closed";
		}
		zpm_strs_push(arena, words, zpm_arena_strndup(arena, word.data ? word.data : "", word.len));
	}
	return NULL;
}
