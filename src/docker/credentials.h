/*
 * Credentials for registries, as the docker command keeps them: in its
 * configuration file ($DOCKER_CONFIG/config.json, else ~/.docker/config.json),
 * or behind a helper program that the file names. Facts about both:
 * https://docs.docker.com/reference/cli/docker/login/
 *
 * They are asked for when first needed, kept in a vault, and only ever handed
 * to the Engine. Thread-safe.
 */
#ifndef ZPM_DOCKER_CREDENTIALS_H
#define ZPM_DOCKER_CREDENTIALS_H

#include "base/base.h"

struct zpm_credentials;

/* What is longer is no configuration of docker's. */
#define ZPM_CREDENTIALS_MAX_CONFIG ((size_t)1024 * 1024)

/* Reads nothing yet. */
struct zpm_credentials *zpm_credentials_new(void);
void zpm_credentials_free(struct zpm_credentials *credentials);

/*
 * What the header X-Registry-Auth has to say for a registry, called by the
 * name that credentials are filed under (see model/image.h). NULL when there
 * are none, or they cannot be had. The credentials' own. Blocks, the first
 * time for each registry, on the file and on a helper, on that for 15 seconds
 * at most.
 */
const char *zpm_credentials_find(struct zpm_credentials *credentials, const char *server);

/* Why some credentials could not be had: each reason once, then NULL. The credentials' own. */
const char *zpm_credentials_trouble(struct zpm_credentials *credentials);

#endif
