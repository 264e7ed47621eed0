/*
 * From a file of YAML, those it includes and the patches beside it to a platform, and back.
 * The only user of libyaml.
 *
 * Loading never stops at the first mistake: everything wrong with the file is
 * in the diagnostics, each with its position. Limits: see the enumerators.
 */
#ifndef ZPM_MANIFEST_MANIFEST_H
#define ZPM_MANIFEST_MANIFEST_H

#include "base/buf.h"
#include "model/diag.h"
#include "model/platform.h"

enum zpm_manifest_limit {
	ZPM_MANIFEST_MAX_BYTES = 4 * 1024 * 1024, /* of all files together; so are the values below */
	ZPM_MANIFEST_MAX_FILES = 64,              /* included, each counted as often as it is, and patches */
	ZPM_MANIFEST_MAX_DEPTH = 64,
	ZPM_MANIFEST_MAX_NODES =
		1000 * 1000, /* with each alias counted as what it stands for, and long text as several */
};

struct zpm_template;
struct zpm_vault;

struct zpm_manifest {
	struct zpm_arena *arena;       /* owns all below */
	const char *folder;            /* files that the manifest names are looked for in it */
	struct zpm_strs files;         /* files and folders that were looked for; one may be listed twice */
	struct zpm_platform *platform; /* as written, not yet canonical; NULL when there are diagnostics */
	struct zpm_template *template; /* see template.h; NULL: there is none */
	struct zpm_diags diags;
	struct zpm_diags warnings; /* what is allowed and still unwise */
	struct zpm_vault *vault;   /* the contents of secrets, wiped with the manifest */
};

/* Variables from outside, which win over those of the manifest. Borrowed while loading. */
struct zpm_manifest_vars {
	struct zpm_strs sets;  /* "NAME=VALUE"; later ones win, and all of them over files */
	struct zpm_strs files; /* paths of YAML maps from name to value; later ones win */
};

/*
 * Reads `path`, or standard input when it is "-". Blocks on files only. `vars`
 * may be NULL; what is wrong with them is in the diagnostics too. `files` has,
 * as seen from the process's folder, all that the result depends on: whether or
 * not a file is there, and with diagnostics as far as the manifest could be read.
 * Returns 0 with `*out` set, diagnostics or not; -1 when the file cannot be
 * read at all. The caller frees `*out`.
 */
int zpm_manifest_load(const char *path, const struct zpm_manifest_vars *vars, struct zpm_manifest **out,
	struct zpm_err *err);

/* The same from memory and without patches; `name` stands for the file in diagnostics. Never fails. */
struct zpm_manifest *zpm_manifest_parse(const char *name, const char *text, size_t len);

struct json_object;

/*
 * The platform as a manifest says it, in short forms where one says all, so
 * that reading it gives the same platform. The caller's: json_object_put() it.
 */
struct json_object *zpm_manifest_to_json(const struct zpm_platform *platform, struct zpm_arena *arena);

/*
 * Adds JSON as YAML, with the notes as comments on top. Fails with ZPM_EINVALID
 * on text that is not UTF-8, which no manifest can hold.
 */
int zpm_manifest_emit(
	struct json_object *json, const struct zpm_strs *notes, struct zpm_buf *out, struct zpm_err *err);

/* A struct zpm_patch in the same way, as a file of its own. */
struct json_object *zpm_manifest_patch_to_json(const struct zpm_patch *patch, struct zpm_arena *arena);

/*
 * Adds the manifest as a text that means the same when the files it was made of have changed, but for those
 * of secrets, and of configs that are no text. `manifest` is without diagnostics, `out` without a cap. Fails
 * as emitting does.
 */
int zpm_manifest_store(const struct zpm_manifest *manifest, struct zpm_buf *out, struct zpm_err *err);

/* Reads such a text; files that it still names are looked for in `folder`. Never fails. */
struct zpm_manifest *zpm_manifest_restore(const char *name, const char *folder, const char *text);

void zpm_manifest_free(struct zpm_manifest *manifest);

#endif
