/* The section `notify`: who is told when something happens that a person should know of. */
#ifndef ZPM_MODEL_NOTIFY_H
#define ZPM_MODEL_NOTIFY_H

#include "model/field.h"

enum zpm_notice {
	ZPM_NOTICE_FAILURE,   /* something fails, or a person has to decide */
	ZPM_NOTICE_DRIFT,     /* somebody changed something */
	ZPM_NOTICE_FAILOVER,  /* another member is primary, or another zpm acts */
	ZPM_NOTICE_RECOVERED, /* what failed does no longer */
	ZPM_NOTICE_COUNT,
};

extern const char *const zpm_notice_names[]; /* NULL behind the last */

/* One webhook. */
struct zpm_notify {
	const char *name;
	const char *url, *url_file; /* one of them; a URL may be a secret by itself */
	const char *secret;         /* a file; NULL: what is sent is not signed */
	struct zpm_strs events;     /* none: all */
};

extern const struct zpm_shape zpm_notify_shape;

#endif
