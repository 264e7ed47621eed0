/* The registry of kinds, and the tiers. */
#include "model/kind.h"

#include "model/catalog.h"
#include "model/host.h"
#include "model/mongo_object.h"
#include "model/network.h"
#include "model/secret.h"
#include "model/service.h"
#include "model/setup.h"
#include "model/volume.h"

#include <string.h>

const struct zpm_kind zpm_kinds[ZPM_KIND_COUNT] = {
	[ZPM_KIND_NODE] = { ZPM_KIND_NODE, "node", &zpm_node_shape },
	[ZPM_KIND_NETWORK] = { ZPM_KIND_NETWORK, "network", &zpm_network_shape },
	[ZPM_KIND_VOLUME] = { ZPM_KIND_VOLUME, "volume", &zpm_volume_shape },
	[ZPM_KIND_SECRET] = { ZPM_KIND_SECRET, "secret", &zpm_secret_shape },
	[ZPM_KIND_CONFIG] = { ZPM_KIND_CONFIG, "config", &zpm_config_shape },
	[ZPM_KIND_SERVICE] = { ZPM_KIND_SERVICE, "service", &zpm_service_shape },
	[ZPM_KIND_SETUP] = { ZPM_KIND_SETUP, "setup", &zpm_setup_shape },
	[ZPM_KIND_REPLICA_SET] = { ZPM_KIND_REPLICA_SET, "replica-set", &zpm_replica_set_shape },
	[ZPM_KIND_SHARD] = { ZPM_KIND_SHARD, "shard", &zpm_shard_shape },
	[ZPM_KIND_SERVER_INFO] = { ZPM_KIND_SERVER_INFO, "server-info", &zpm_server_info_shape },
	[ZPM_KIND_PORT] = { ZPM_KIND_PORT, "port", &zpm_port_record_shape },
};

bool zpm_kind_is_engines(enum zpm_kind_id kind)
{
	return kind < ZPM_KIND_REPLICA_SET;
}

const struct zpm_kind *zpm_kind_by_name(const char *name)
{
	for (size_t i = 0; i < ZPM_KIND_COUNT; i++)
		if (!strcmp(zpm_kinds[i].name, name))
			return &zpm_kinds[i];
	return NULL;
}

const char *const zpm_tier_names[ZPM_TIER_COUNT] = {
	[ZPM_TIER_SYSTEM] = "system",
	[ZPM_TIER_CORE] = "core",
	[ZPM_TIER_BATCH] = "batch",
	[ZPM_TIER_APPS] = "apps",
	[ZPM_TIER_UI] = "ui",
};

enum zpm_tier zpm_tier_by_name(const char *name)
{
	for (int tier = 0; name && tier < ZPM_TIER_COUNT; tier++)
		if (!strcmp(zpm_tier_names[tier], name))
			return (enum zpm_tier)tier;
	return ZPM_TIER_NONE;
}
