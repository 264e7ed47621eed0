/*
 * Entries of reconcile.ignoreDrift: "service/kafka:environment.JMX_PORT". The
 * path is the one that plans show; a '*' in name or path stands for anything.
 */
#ifndef ZPM_MODEL_IGNORE_H
#define ZPM_MODEL_IGNORE_H

#include "model/platform.h"

struct zpm_ignore {
	const char *kind, *name, *path;
};

/* Takes apart an entry that obeys its field's rule. */
struct zpm_ignore zpm_ignore_parse(const char *entry, struct zpm_arena *arena);

#endif
