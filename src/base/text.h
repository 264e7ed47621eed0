/* Looking at text: is it UTF-8, and which known word was meant. */
#ifndef ZPM_BASE_TEXT_H
#define ZPM_BASE_TEXT_H

#include "base/base.h"

#include <stdbool.h>

/* The offset of the first byte that is not part of valid UTF-8, or `len`. */
size_t zpm_utf8_valid_len(const char *text, size_t len);

/*
 * The length of the character at `text`, which is not at its end, when it may be shown as it is on a
 * terminal; 0 for a control character and what is no UTF-8.
 */
size_t zpm_utf8_shown_len(const char *text, size_t left);

/* How many columns of a terminal the text takes, counting one for each code point. */
size_t zpm_utf8_width(const char *text);

/*
 * How many edits lead from one word to the other, letters' case aside: a letter more, less or another, or two
 * in each other's place.
 */
size_t zpm_edit_distance(const char *a, const char *b);

bool zpm_starts_with(const char *text, const char *prefix);

/* Does the whole text match a pattern in which '*' stands for anything, also for nothing? */
bool zpm_glob_matches(const char *glob, const char *text);

#endif
