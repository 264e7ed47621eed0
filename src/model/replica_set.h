/*
 * A replica set of MongoDB: its configuration, declared or as
 * replSetGetConfig tells it, and what is seen of its members. The field tables
 * in replica_set.c say what each member of the configuration means.
 *
 * 0 is a value here, and unset something else: what a topology leaves unset a
 * live member keeps. So zpm_shape_canonicalise(), to which both are the same,
 * is not for declared sets.
 */
#ifndef ZPM_MODEL_REPLICA_SET_H
#define ZPM_MODEL_REPLICA_SET_H

#include "model/field.h"

#define ZPM_SET_MEMBERS_MAX 50
#define ZPM_SET_VOTERS_MAX  7
#define ZPM_SET_ID_MAX      255                 /* of a member's _id, before 5.0 */
#define ZPM_PRIORITY_ONE    INT64_C(1000000000) /* what a member has by itself */
#define ZPM_PRIORITY_MAX    (INT64_C(1000) * ZPM_PRIORITY_ONE)

struct zpm_set_member {
	const char *host; /* "host:port", which tells it from the others */
	int64_t id;       /* the server's _id; unset where it is only declared */
	int64_t arbiter_only, build_indexes, hidden;
	int64_t votes;
	int64_t priority; /* billionths */
	int64_t delay;    /* seconds; secondaryDelaySecs, or slaveDelay before 5.0 */
	struct zpm_pairs tags;
	const char *extra; /* the fields no row knows, a JSON object; NULL: none */
};

struct zpm_set_settings {
	int64_t election_timeout, heartbeat_interval, catch_up_timeout; /* milliseconds */
	int64_t heartbeat_timeout;                                      /* seconds */
	int64_t chaining_allowed;
	const char *extra; /* as of a member */
};

struct zpm_replica_set {
	const char *name;
	int64_t configsvr;
	struct zpm_set_settings *settings;
	struct zpm_ptrs members; /* struct zpm_set_member */
	int64_t version, term;   /* observed only */
	const char *extra;       /* as of a member */
};

extern const struct zpm_shape zpm_set_member_shape, zpm_set_settings_shape, zpm_replica_set_shape;

/* NULL when the set has no such member. */
struct zpm_set_member *zpm_set_member_by_host(const struct zpm_replica_set *set, const char *host);
struct zpm_set_member *zpm_set_member_by_id(const struct zpm_replica_set *set, int64_t id);

/* What is unset becomes what the server takes for it. */
void zpm_set_member_fill(struct zpm_set_member *member);

/* Nothing about it forbids a priority: it votes, bears all data without delay, and clients see it. */
bool zpm_set_member_may_lead(const struct zpm_set_member *member);

/* Is it one the others may elect? For a member with all fields set. */
bool zpm_set_member_is_electable(const struct zpm_set_member *member);

/* How a member is, as it and the primary tell. */
enum zpm_member_state {
	ZPM_MEMBER_DOWN,       /* does not answer, or not to the primary */
	ZPM_MEMBER_NONE,       /* answers, and is in no set yet */
	ZPM_MEMBER_STARTUP,    /* is in the set without having read its configuration */
	ZPM_MEMBER_STARTUP2,   /* copies the data */
	ZPM_MEMBER_RECOVERING, /* has them, and catches up */
	ZPM_MEMBER_ROLLBACK,
	ZPM_MEMBER_SECONDARY,
	ZPM_MEMBER_PRIMARY, /* and takes writes: its state says so a moment too early */
	ZPM_MEMBER_ARBITER,
	ZPM_MEMBER_REMOVED, /* was in the set */
};

/* "secondary", as people call them. */
extern const char *const zpm_member_state_names[];

/* What is seen of a host, in the configuration or declared only. */
struct zpm_member_view {
	const char *host;
	enum zpm_member_state state;
	const char *set;     /* the set it says it belongs to; NULL: none */
	const char *me;      /* the host it calls itself, which is another under another name; NULL: untold */
	const char *trouble; /* why zpm gets no answer from it; NULL: it does, or has not asked */
	int64_t lag;         /* nanoseconds behind the primary */
	int64_t config_version, config_term; /* of the configuration it knows */
};

struct zpm_set_view {
	const struct zpm_replica_set *config; /* NULL: not initiated */
	struct zpm_ptrs members;              /* struct zpm_member_view, of declared and of live members */
	bool committed;                       /* a majority of the voters has the configuration */
	bool old;                             /* before 5.0: secondaryDelaySecs is called slaveDelay */
};

/* NULL when nothing is known of the host, which counts as down. */
struct zpm_member_view *zpm_member_view_by_host(const struct zpm_ptrs *views, const char *host);

#endif
