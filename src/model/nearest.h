/* Which of the names that exist was meant by one that does not. */
#ifndef ZPM_MODEL_NEAREST_H
#define ZPM_MODEL_NEAREST_H

#include "base/list.h"

/*
 * "; did you mean 'NAME'?" with the nearest of the names, or "" when none is
 * near. Looks at all of them, so it is not for every one of thousands of mistakes.
 */
const char *zpm_nearest_hint(const char *name, const struct zpm_strs *names, struct zpm_arena *arena);

#endif
