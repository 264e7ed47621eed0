/* See notify_files.h. */
#include "manifest/notify_files.h"

#include "base/text.h"
#include "base/vault.h"
#include "manifest/private_file.h"
#include "model/notify.h"

#include <string.h>

static unsigned events_of(const struct zpm_notify *webhook)
{
	unsigned events = 0;

	for (unsigned i = 0; i < ZPM_NOTICE_COUNT; i++)
		if (!webhook->events.n || zpm_strs_have(&webhook->events, zpm_notice_names[i]))
			events |= 1U << i;
	return events;
}

/* What curl is given has to be a URL and nothing else. */
static int read_url(const struct zpm_private *files, const struct zpm_notify *webhook, const char *field,
	const char **url)
{
	struct zpm_api_content content;
	char *text;

	*url = webhook->url;
	if (*url)
		return 0;
	if (zpm_private_secret(files, field, webhook->url_file, 1, &content) < 0)
		return -1;
	for (size_t i = 0; i < content.len; i++)
		if (content.data[i] <= ' ' || content.data[i] > '~')
			return zpm_private_refuse(files, field, webhook->url_file, "it is not one URL alone");
	if (!zpm_starts_with(content.data, "https://") && !zpm_starts_with(content.data, "http://"))
		return zpm_private_refuse(files, field, webhook->url_file,
			"its content does not begin with https:// or http://");
	text = zpm_vault_alloc(files->vault, content.len + 1);
	memcpy(text, content.data, content.len);
	*url = text;
	return 0;
}

int zpm_manifest_notify_files(const struct zpm_ptrs *webhooks, const char *folder, struct zpm_vault *vault,
	struct zpm_arena *arena, struct zpm_ptrs *targets, struct zpm_err *err)
{
	const struct zpm_private files = { folder, vault, arena, err };

	for (size_t i = 0; i < webhooks->n; i++) {
		const struct zpm_notify *webhook = webhooks->v[i];
		struct zpm_notify_target *target = zpm_arena_alloc(arena, sizeof(*target));
		const char *field = zpm_arena_printf(arena, "notify.%s", webhook->name);

		/* The manifest may be gone before they are. */
		target->name = zpm_arena_strdup(arena, webhook->name);
		target->events = events_of(webhook);
		if (read_url(&files, webhook, zpm_arena_printf(arena, "%s.urlFile", field), &target->url) < 0)
			return -1;
		if (webhook->url)
			target->url = zpm_arena_strdup(arena, webhook->url);
		if (webhook->secret && zpm_private_secret(&files, zpm_arena_printf(arena, "%s.secret", field),
					       webhook->secret, 1, &target->secret) < 0)
			return -1;
		zpm_ptrs_push(arena, targets, target);
	}
	return 0;
}
