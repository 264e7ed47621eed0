/* Which Engine, and with what certificates: command line, environment, manifest, in that order. */
#ifndef ZPM_ENGINE_ACCESS_H
#define ZPM_ENGINE_ACCESS_H

#include "driver/driver.h"
#include "model/platform.h"

/*
 * `endpoint` is what the command line says, or NULL, as the platform may be. Of the environment it
 * heeds DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, as docker does.
 * Files of the manifest are looked for in `folder`. What a person should know
 * of them goes to `warnings`. All is in the arena or borrowed. Never fails.
 */
void zpm_access_choose(const char *endpoint, const struct zpm_platform *platform, const char *folder,
	struct zpm_arena *arena, struct zpm_access *out, struct zpm_strs *warnings);

/* The same for the Engine that a host declares as its own. */
struct zpm_access zpm_access_of_host(
	const struct zpm_host *host, const char *folder, struct zpm_arena *arena, struct zpm_strs *warnings);

#endif
