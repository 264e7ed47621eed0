/*
 * What one field alone cannot say: references that lead nowhere, dependency
 * cycles, two services on one port, names that Swarm would not take. Pure; a
 * finding names its place as a path in the manifest
 * ("services.core.web.dependsOn[1]"), which manifest/ turns into a position.
 */
#ifndef ZPM_MODEL_CHECK_H
#define ZPM_MODEL_CHECK_H

#include "model/platform.h"

struct zpm_finding {
	const char *path;
	const char *msg;
	bool warning;                  /* allowed, and still unwise */
	const struct zpm_patch *patch; /* of the file the path is in; NULL: of the manifest */
};

/*
 * Adds a struct zpm_finding for each thing that is wrong, or unwise, with a platform as it
 * was parsed (not yet canonical), in the order of the manifest.
 */
void zpm_platform_check(
	const struct zpm_platform *platform, struct zpm_arena *arena, struct zpm_ptrs *findings);

#endif
