/* One string as a list of arguments, split as a shell would. Internal to manifest/. */
#ifndef ZPM_MANIFEST_WORDS_H
#define ZPM_MANIFEST_WORDS_H

#include "base/list.h"

/*
 * Blanks separate; '...' is taken as it is; "..." and the rest know a backslash.
 * Nothing is expanded. Returns NULL, or what is wrong with the text.
 */
const char *zpm_words_split(const char *text, struct zpm_arena *arena, struct zpm_strs *words);

#endif
