/*
 * The whole manifest as typed data: what `manifest/` parses a file into and
 * `plan/` expands. Plain data in one arena.
 */
#ifndef ZPM_MODEL_PLATFORM_H
#define ZPM_MODEL_PLATFORM_H

#include "model/api.h"
#include "model/apps.h"
#include "model/engine.h"
#include "model/feature.h"
#include "model/host.h"
#include "model/kind.h"
#include "model/mongo.h"
#include "model/network.h"
#include "model/notify.h"
#include "model/reconcile.h"
#include "model/secret.h"
#include "model/service.h"
#include "model/volume.h"

/* What some services have in the place of what the manifest says of them. */
struct zpm_patch {
	const char *tag;
	struct zpm_strs services;
	struct zpm_pairs environment;
};

struct zpm_release {
	const char *registry, *tag, *build_type;
	struct zpm_patch *patch;
	const char *patches; /* by now its files are read: see struct zpm_platform */
	int64_t pin;
};

/* The sections of `services:`, in the order of enum zpm_tier. */
struct zpm_tiers {
	struct zpm_ptrs services[ZPM_TIER_COUNT]; /* struct zpm_service */
};

struct zpm_platform {
	const char *api_version;
	const char *platform;
	struct zpm_strs include; /* always empty: by the time there is a platform, the files are merged */
	struct zpm_release *release;
	struct zpm_pairs vars;
	struct zpm_ptrs hosts; /* struct zpm_host */
	struct zpm_engine_config *engine;
	struct zpm_ptrs features; /* struct zpm_feature */
	struct zpm_service *defaults;
	struct zpm_ptrs networks; /* struct zpm_network */
	struct zpm_ptrs volumes;  /* struct zpm_volume */
	struct zpm_ptrs secrets;  /* struct zpm_secret */
	struct zpm_ptrs configs;  /* struct zpm_secret */
	struct zpm_tiers *services;
	struct zpm_apps *apps;
	struct zpm_mongo *mongo;
	struct zpm_reconcile *reconcile;
	struct zpm_api_section *api; /* NULL: there is none */
	struct zpm_ptrs notify;      /* struct zpm_notify */
	struct zpm_ptrs patches;     /* struct zpm_patch, of the files beside the manifest: later ones win */
};

#define ZPM_API_VERSION    "zpm/v1"
#define ZPM_PATCHES_FOLDER "patches"

extern const struct zpm_shape zpm_platform_shape;

/* `release.patch`, and a file of patches as a whole. */
extern const struct zpm_shape zpm_patch_shape;

#endif
