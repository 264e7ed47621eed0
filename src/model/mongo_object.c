/* The field tables of shards and server-info documents. `wire` is a member of the server's documents. */
#include "model/mongo_object.h"

#include <string.h>

#define AT(member) offsetof(struct zpm_shard, member)

static const struct zpm_field shard_fields[] = {
	{ .name = "name",
		.type = ZPM_T_STRING,
		.at = AT(name),
		.flags = ZPM_REQUIRED | ZPM_KEY,
		.wire = "_id",
		.help = "Its name." },
	{ .name = "replicaSet",
		.type = ZPM_T_STRING,
		.at = AT(replica_set),
		.cost = ZPM_COST_REPLACE,
		.wire = "host",
		.help = "The replica set that it is." },
	{ 0 },
};

const struct zpm_shape zpm_shard_shape = {
	.name = "shard",
	.help = "A shard of the cluster.",
	.size = sizeof(struct zpm_shard),
	.fields = shard_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_server_info, member)

static const struct zpm_field server_info_fields[] = {
	{ .name = "host",
		.type = ZPM_T_STRING,
		.at = AT(host),
		.flags = ZPM_REQUIRED | ZPM_KEY,
		.wire = "host",
		.help = "What the host is called in the network." },
	{ .name = "type",
		.type = ZPM_T_STRING,
		.at = AT(type),
		.cost = ZPM_COST_IN_PLACE,
		.wire = "type",
		.help = "What it is for." },
	{ .name = "state",
		.type = ZPM_T_STRING,
		.at = AT(state),
		.cost = ZPM_COST_IN_PLACE,
		.wire = "state",
		.help = "Whether it is up or down." },
	{ 0 },
};

const struct zpm_shape zpm_server_info_shape = {
	.name = "server-info",
	.help = "A document that says what a host is for.",
	.size = sizeof(struct zpm_server_info),
	.fields = server_info_fields,
};

const struct zpm_mongo_process *zpm_desired_member(const struct zpm_desired_set *set, const char *address)
{
	for (size_t i = 0; i < set->members.n; i++) {
		const struct zpm_mongo_process *process = set->members.v[i];

		if (!strcmp(process->address, address))
			return process;
	}
	return NULL;
}
