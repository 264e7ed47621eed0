/*
 * One manifest out of several files. Each is read from the manifest's folder,
 * and only while all of them together are not too much. Internal to manifest/.
 */
#ifndef ZPM_MANIFEST_PARTS_H
#define ZPM_MANIFEST_PARTS_H

#include "manifest/decode_value.h"

struct zpm_parts {
	struct zpm_decoder decoder; /* for complaints; no variable is known yet */
	const char *folder;
	struct zpm_strs *looked_for; /* files and folders: each is added */
	size_t files, bytes, weight; /* so far; whoever reads one more file counts it */
};

/* What there is too much of has been told of once: what more there is does not matter. */
bool zpm_parts_full(const struct zpm_parts *parts);

/*
 * Looks for a file, or a folder. False, after a complaint at the place, when its name leads out of the
 * manifest's folder. `name` is what `written` was resolved to: NULL when that did so by its spelling.
 */
bool zpm_parts_hold(
	struct zpm_parts *parts, const struct zpm_place *place, const char *name, const char *written);

/*
 * The root of a file that the folder holds; NULL when it says nothing, or after
 * a complaint: at the place when it cannot be read, else where its mistake is.
 * Blocks on the file only.
 */
struct zpm_node *zpm_parts_read(struct zpm_parts *parts, const struct zpm_place *place, const char *name);

#endif
