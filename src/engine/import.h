/* From what runs to a manifest: connect, find the platform, observe, and the way back. */
#ifndef ZPM_ENGINE_IMPORT_H
#define ZPM_ENGINE_IMPORT_H

#include "driver/driver.h"
#include "model/platform.h"

struct zpm_import_options {
	struct zpm_access access;
	const char *platform; /* NULL: the only one there is */
	bool all;             /* what nobody owns too */
};

struct zpm_import {
	struct zpm_arena *arena; /* owns all below */
	struct zpm_world *world;
	struct zpm_platform *platform; /* as a manifest would declare it */
	struct zpm_strs notes;         /* what a person has to know of it */
};

/*
 * Reads only; blocks on the Engine. Fails with ZPM_EINVALID when it has to be
 * told which platform, with ZPM_ENOTFOUND when the platform owns nothing. The
 * caller frees `*out`, also on failure.
 */
int zpm_import(const struct zpm_import_options *options, struct zpm_import **out, struct zpm_err *err);
void zpm_import_free(struct zpm_import *import);

#endif
