/*
 * The kinds: what a platform is made of. Each has a shape, a section of the
 * manifest and, in driver/, a driver of the same name.
 */
#ifndef ZPM_MODEL_KIND_H
#define ZPM_MODEL_KIND_H

#include "model/field.h"

enum zpm_kind_id {
	ZPM_KIND_NODE,
	ZPM_KIND_NETWORK,
	ZPM_KIND_VOLUME,
	ZPM_KIND_SECRET,
	ZPM_KIND_CONFIG,
	ZPM_KIND_SERVICE,
	ZPM_KIND_SETUP, /* in containers, through the Engine */
	/* In MongoDB, not on the Engine. */
	ZPM_KIND_REPLICA_SET,
	ZPM_KIND_SHARD,
	ZPM_KIND_SERVER_INFO,
	ZPM_KIND_PORT,
	ZPM_KIND_COUNT,
};

struct zpm_kind {
	enum zpm_kind_id id;
	const char *name; /* "service" */
	const struct zpm_shape *shape;
};

extern const struct zpm_kind zpm_kinds[ZPM_KIND_COUNT];

/* Is it one of those that the Engine has? The others are in MongoDB. */
bool zpm_kind_is_engines(enum zpm_kind_id kind);

/* NULL when there is no such kind. */
const struct zpm_kind *zpm_kind_by_name(const char *name);

/* Tiers, in the order they start. Networks and volumes belong to none. */
enum zpm_tier {
	ZPM_TIER_SYSTEM,
	ZPM_TIER_CORE,
	ZPM_TIER_BATCH,
	ZPM_TIER_APPS,
	ZPM_TIER_UI,
	ZPM_TIER_COUNT,
	ZPM_TIER_NONE = ZPM_TIER_COUNT,
};

extern const char *const zpm_tier_names[ZPM_TIER_COUNT];

/* ZPM_TIER_NONE for an unknown name or NULL. */
enum zpm_tier zpm_tier_by_name(const char *name);

/* Labels zpm puts on what it makes; nothing without the first is ever touched. */
#define ZPM_LABEL_PREFIX   "zpm."
#define ZPM_LABEL_PLATFORM "zpm.platform"
#define ZPM_LABEL_TIER     "zpm.tier"
#define ZPM_LABEL_SPEC     "zpm.spec" /* the hash of the desired spec it was last given */
#define ZPM_LABEL_HOLD     "zpm.hold" /* an operator keeps the service at zero tasks; see model/hold.h */
/* The hash of a desired spec that Swarm took back, and why: it is not sent again by itself. */
#define ZPM_LABEL_QUARANTINE        "zpm.quarantine"
#define ZPM_LABEL_QUARANTINE_REASON "zpm.quarantine.reason"

/* The longest name Swarm takes for a service, and so for all that zpm names. */
#define ZPM_NAME_MAX 63

#endif
