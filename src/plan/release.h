/*
 * May a member of a replica set be stopped for a moment, to be restarted?
 * Never the primary while another can serve, and never the one that makes the
 * majority. Pure.
 */
#ifndef ZPM_PLAN_RELEASE_H
#define ZPM_PLAN_RELEASE_H

#include "model/mongo_object.h"

enum zpm_release_op {
	ZPM_RELEASE_NOW,       /* nobody will miss it */
	ZPM_RELEASE_WAIT,      /* for what `why` says */
	ZPM_RELEASE_STEP_DOWN, /* it is the primary: `successor` takes over, with `others` frozen */
};

struct zpm_member_release {
	enum zpm_release_op op;
	const char *why;
	const char *successor;
	struct zpm_strs others;
};

/*
 * Why a member is not as it should be, if only because it is still on its way; NULL: it is well, or its
 * host is declared down. In the arena, or borrowed.
 */
const char *zpm_member_trouble(const struct zpm_desired_set *set, const struct zpm_set_view *view,
	const struct zpm_member_view *member, struct zpm_arena *arena);

/* `host` is the member's. The result lives in the arena, but for what it borrows of the view. */
struct zpm_member_release zpm_release_judge(
	const struct zpm_set_view *view, const char *host, struct zpm_arena *arena);

#endif
