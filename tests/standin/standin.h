/*
 * One process of the stand-in: what it was told on the command line, what it
 * knows of its set, and the requests it has not answered yet. Everything runs
 * in one thread; time is zpm_clock_now(), in nanoseconds, unless a name says
 * `wall_ms`.
 */
#ifndef STANDIN_STANDIN_H
#define STANDIN_STANDIN_H

#include "base/clock.h"
#include "config.h"
#include "cursors.h"
#include "faults.h"
#include "key.h"
#include "net.h"
#include "store.h"

#include <stddef.h>

/* The server's numbers. */
enum member_state {
	STATE_STARTUP = 0,
	STATE_PRIMARY = 1,
	STATE_SECONDARY = 2,
	STATE_STARTUP2 = 5,
	STATE_ARBITER = 7,
	STATE_DOWN = 8,
	STATE_REMOVED = 10,
};

struct options {
	const char *set, *dbpath, *bind_ip, *configdb, *key_file; /* NULL: not given */
	int port;
	bool configsvr, shardsvr, mongos;
	bool auth; /* clients have to log in */
};

/* What is known of a member of the set from its answers, by its place in the configuration. */
struct view {
	char host[HOST_SIZE];
	bool up, asking;
	int state;
	struct optime applied;
	int64_t applied_wall_ms;
	int64_t config_version, config_term;
	int64_t next_heartbeat, up_since;
	int64_t heard_wall_ms, received_wall_ms;
	char trouble[200];
	/* The primary's: how much of its log the member is known to have, and the commit point it was told.
	 */
	bool matched, pushing;
	size_t match, told;
	int64_t next_push;
};

struct campaign {
	uint64_t serial; /* answers to another one come too late */
	bool running, dry;
	size_t granted;
};

struct standin {
	struct options opts;
	struct net *net;
	struct faults faults;
	struct key key;
	bson_t *system; /* the user that members are to each other */
	bson_oid_t process;
	int64_t started;

	struct store store;
	struct cursors cursors;
	struct config config;
	struct view views[MEMBERS_MAX];
	int self; /* place in the configuration, or -1 */
	char self_host[HOST_SIZE], called[HOST_SIZE];
	enum member_state state;
	int64_t state_since;
	int64_t term, voted_term;
	struct optime elected;
	int64_t elected_wall_ms;

	int primary; /* place in the configuration, or -1 */
	int64_t election_at, takeover_at, frozen_until, writable_at, majority_lost_at, noop_at;
	struct campaign campaign;
	size_t commit;  /* entries of the log that a majority has */
	size_t barrier; /* what a majority has to have before the next reconfiguration */
	bool synced;
	const struct request *reconfiguring; /* NULL: none */

	struct request *requests;
	int64_t balance_at;
};

/* What a handler says; PARKED: call me again after the next event. */
enum outcome {
	REFUSED = -1,
	DONE = 0,
	PARKED = 1,
};

struct survey;
struct errand;

/* Whose a request is; found when it comes, as its connection may be gone when it is served. */
enum trust {
	TRUST_NOBODY,
	TRUST_LOCAL,  /* nobody, from this machine */
	TRUST_KNOWN,  /* a user who is logged in, or a member; and everybody where nobody has to log in */
	TRUST_FORGED, /* a member's, with another key */
};

struct request {
	struct request *next;
	uint64_t conn;
	struct message message;
	const struct command *command;
	enum trust trust;
	int64_t deadline; /* from maxTimeMS; 0: none */
	/* The handler's, from one call to the next. */
	int step;
	int64_t until, term;
	size_t position;
	bson_t *result;
	struct survey *survey;
	struct errand *errand;
};

typedef enum outcome (*command_run)(
	struct standin *s, struct request *req, bson_t *reply, struct refusal *no);

enum command_flags {
	FOR_SET = 1,    /* refused without --replSet */
	FOR_MEMBER = 2, /* refused before initiation */
	FOR_ROUTER = 4, /* the only ones a mongos serves itself; all servers do */
	WRITES = 8,     /* refused but by a writable primary */
	READS = 16,     /* refused by a secondary unless the client allows it */
	OPEN = 32,      /* served without a login */
};

struct command {
	const char *name;
	command_run run;
	unsigned flags;
};

/* Each module's part of the table of commands, ended by a row without a name. */
extern const struct command BASIC_COMMANDS[], SET_COMMANDS[], MEMBER_COMMANDS[], PUSH_COMMANDS[],
	ELECTION_COMMANDS[], DATA_COMMANDS[], CURSOR_COMMANDS[], FAULT_COMMANDS[], LOGIN_COMMANDS[],
	USER_COMMANDS[];

/* The command's name as it was sent; empty where there is none. */
const char *request_name(const struct request *req);

int64_t wall_ms_now(void);

/* Serves until told to end. */
void standin_turn(struct standin *s);
void standin_dispose(struct standin *s);

#endif
