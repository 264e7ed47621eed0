/* Routing to shards. */
#include "router.h"

int router_start(struct standin *s)
{
	(void)s;
	fprintf(stderr, "there is no mongos mode yet\n");
	return -1;
}

void router_free(struct standin *s)
{
	(void)s;
}

enum outcome router_run(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	(void)s;
	(void)req;
	(void)reply;
	return (enum outcome)refuse(no, COMMAND_NOT_FOUND, "no such command");
}

void balance_tick(struct standin *s)
{
	(void)s;
}

const struct command SHARD_COMMANDS[] = { { .name = NULL } };
