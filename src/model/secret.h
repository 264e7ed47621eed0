/*
 * Secrets and configs: small files that Swarm keeps and gives to tasks. Both
 * are immutable there, so another content is another object, named after its
 * version. The field tables in secret.c say what each member means.
 */
#ifndef ZPM_MODEL_SECRET_H
#define ZPM_MODEL_SECRET_H

#include "model/field.h"

struct zpm_secret {
	const char *name;
	const char *real_name; /* the Engine's, of an external one */
	int64_t external;      /* made by somebody else: used, never changed */
	const char *file, *environment;
	const char *content; /* configs only */
	struct zpm_pairs labels;
	const char *version; /* what tells this content from another; NULL for an external one */
	/* The content. In no table, so that nothing can show it; whoever read it owns and wipes it. */
	const void *data;
	size_t len;
};

/* A secret or config as a file in a service's containers. */
struct zpm_file {
	const char *source, *target;
	const char *uid, *gid;
	int64_t mode;
};

extern const struct zpm_shape zpm_secret_shape;
extern const struct zpm_shape zpm_config_shape;
extern const struct zpm_shape zpm_secret_file_shape;
extern const struct zpm_shape zpm_config_file_shape;

/* How many of file, environment and content say where the content is. */
size_t zpm_secret_sources(const struct zpm_secret *secret);

/* What Swarm takes at most: https://docs.docker.com/engine/swarm/secrets/, .../configs/ */
#define ZPM_SECRET_MAX_BYTES (500 * 1024)
#define ZPM_CONFIG_MAX_BYTES (1000 * 1024)

/* Digits of a version: enough that two contents of one name never share it. */
#define ZPM_VERSION_LEN 12

/* How services and plans call a version: "keyfile@1f2e3d4c5b6a". */
const char *zpm_version_ref(const char *name, const char *version, struct zpm_arena *arena);

/* The Engine's name of a version: "<platform>_keyfile-1f2e3d4c5b6a". */
const char *zpm_version_real(
	const char *platform, const char *name, const char *version, struct zpm_arena *arena);

/* The name in a ref, which may be without a version. */
const char *zpm_version_name(const char *ref, struct zpm_arena *arena);

/*
 * The ref of what the Engine calls `real`, when that is a version of a secret
 * or config of the platform; else NULL.
 */
const char *zpm_version_parse(const char *platform, const char *real, struct zpm_arena *arena);

#endif
