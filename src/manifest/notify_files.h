/* What the files hold that the section `notify` names. */
#ifndef ZPM_MANIFEST_NOTIFY_FILES_H
#define ZPM_MANIFEST_NOTIFY_FILES_H

#include "base/err.h"
#include "base/list.h"
#include "model/api.h"

struct zpm_vault;

/* One webhook with what is secret of it; in the vault and the arena. */
struct zpm_notify_target {
	const char *name, *url;
	struct zpm_api_content secret; /* nothing: what is sent is not signed */
	unsigned events;               /* a bit for each of enum zpm_notice */
};

/*
 * Adds a struct zpm_notify_target for each webhook (struct zpm_notify). As zpm_manifest_api_files(), with
 * ZPM_EINVALID also where a file holds no URL.
 */
int zpm_manifest_notify_files(const struct zpm_ptrs *webhooks, const char *folder, struct zpm_vault *vault,
	struct zpm_arena *arena, struct zpm_ptrs *targets, struct zpm_err *err);

#endif
