/*
 * A replica set's configuration: read, checked, filled up with defaults, and
 * compared with the one before it, by the rules of MongoDB 4.4.
 */
#ifndef STANDIN_CONFIG_H
#define STANDIN_CONFIG_H

#include "doc.h"

#define MEMBERS_MAX 50
#define VOTERS_MAX  7
#define HOST_SIZE   256

struct member {
	int id;
	char host[HOST_SIZE];
	double priority;
	int votes;
	bool arbiter, hidden, build_indexes;
	int64_t delay_secs;
};

struct config {
	bson_t *doc; /* with all defaults; NULL: there is no configuration */
	char name[128];
	int64_t version, term;
	struct member members[MEMBERS_MAX];
	size_t n;
	int heartbeat_ms, heartbeat_timeout_ms, election_ms;
};

/*
 * Reads a configuration as a client sends it or a member hands it on. The term is the
 * document's, unless `term` is 0 or more. Refused: INVALID_REPLICA_SET_CONFIG.
 * To be disposed of by the caller.
 */
int config_parse(struct config *config, const bson_t *doc, int64_t term, struct refusal *no);
void config_dispose(struct config *config);

/* May the one follow the other? */
int config_check_step(const struct config *old, const struct config *next, struct refusal *no);
/* Can the member at this place, or -1, still be the primary? */
int config_check_primary(const struct config *next, int self, struct refusal *no);

/* Is it newer, by term and version? */
bool config_newer(int64_t term, int64_t version, const struct config *than);

int config_find(const struct config *config, const char *host);
size_t config_voters(const struct config *config);
size_t config_majority(const struct config *config);

#endif
