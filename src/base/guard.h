/* Who is asked before each write: it may have become somebody else's to make. */
#ifndef ZPM_BASE_GUARD_H
#define ZPM_BASE_GUARD_H

#include "base/err.h"

/* Called by any thread, often; must not block. Fails with the reason not to write. */
struct zpm_guard {
	int (*may_write)(void *ctx, struct zpm_err *err);
	void *ctx;
};

#endif
