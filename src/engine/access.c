/* Choosing the Engine. Reads the environment and looks at files, connects to nobody. */
#include "engine/access.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdlib.h>
#include <sys/stat.h>

#define DEFAULT_ENDPOINT "unix:///var/run/docker.sock"

/* NULL for a variable that is not set or empty: to docker these are the same. */
static const char *environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* The files that docker looks for; there is no way to say that verification is off. */
static struct zpm_tls *tls_of_environment(struct zpm_arena *arena)
{
	const char *folder = environment("DOCKER_CERT_PATH"), *home = environment("HOME");
	struct zpm_tls *tls;

	if (!environment("DOCKER_TLS_VERIFY"))
		return NULL;
	if (!folder)
		folder = zpm_arena_printf(arena, "%s/.docker", home ? home : "");
	tls = zpm_arena_alloc(arena, sizeof(*tls));
	tls->ca = zpm_arena_path(arena, folder, "ca.pem");
	tls->cert = zpm_arena_path(arena, folder, "cert.pem");
	tls->key = zpm_arena_path(arena, folder, "key.pem");
	return tls;
}

static struct zpm_tls *tls_of_manifest(
	const struct zpm_engine_config *engine, const char *folder, struct zpm_arena *arena)
{
	struct zpm_tls *tls;

	if (!engine || !engine->tls)
		return NULL;
	tls = zpm_arena_alloc(arena, sizeof(*tls));
	tls->ca = zpm_arena_path(arena, folder, engine->tls->ca);
	tls->cert = zpm_arena_path(arena, folder, engine->tls->cert);
	tls->key = zpm_arena_path(arena, folder, engine->tls->key);
	return tls;
}

static void warn_of_key(const char *key, struct zpm_arena *arena, struct zpm_strs *warnings)
{
	struct stat about;

	if (key && !stat(key, &about) && about.st_mode & (S_IRWXG | S_IRWXO))
		zpm_strs_push(arena, warnings,
			zpm_arena_printf(arena,
				"others than its owner have access to the private key '%s': chmod 600 it",
				key));
}

void zpm_access_choose(const char *endpoint, const struct zpm_platform *platform, const char *folder,
	struct zpm_arena *arena, struct zpm_access *out, struct zpm_strs *warnings)
{
	const struct zpm_engine_config *engine = platform ? platform->engine : NULL;
	struct zpm_tls *tls = tls_of_environment(arena);

	if (!endpoint)
		endpoint = environment("DOCKER_HOST");
	if (!endpoint && engine)
		endpoint = engine->endpoint;
	if (!endpoint)
		endpoint = DEFAULT_ENDPOINT;
	if (!tls)
		tls = tls_of_manifest(engine, folder, arena);
	if (!zpm_starts_with(endpoint, "tcp://"))
		tls = NULL;
	*out = (struct zpm_access){ .endpoint = endpoint, .tls = tls };
	if (engine && engine->timeout != ZPM_UNSET)
		out->timeout = engine->timeout;
	if (tls)
		warn_of_key(tls->key, arena, warnings);
}

/* A host that is cut off must not hold up the platform for long. */
#define HOST_TIMEOUT (10 * ZPM_S)

struct zpm_access zpm_access_of_host(
	const struct zpm_host *host, const char *folder, struct zpm_arena *arena, struct zpm_strs *warnings)
{
	const struct zpm_engine_config *engine = host->engine;
	struct zpm_access access = { .endpoint = engine->endpoint, .timeout = HOST_TIMEOUT };

	if (zpm_starts_with(engine->endpoint, "tcp://"))
		access.tls = tls_of_manifest(engine, folder, arena);
	if (engine->timeout != ZPM_UNSET)
		access.timeout = engine->timeout;
	if (access.tls)
		warn_of_key(access.tls->key, arena, warnings);
	return access;
}
