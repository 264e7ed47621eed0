/*
 * Telling what somebody decided about an object from what the Engine does with
 * it by itself. A version index counts both.
 */
#include "driver/world.h"

#include "base/digest.h"

#include <json-c/json.h>

#define MOST_MEMBERS 8

/*
 * Not a network's addresses, which Swarm chooses after it has answered the create. Not the time a
 * volume was made: the Engine takes it from the folder, where it moves with each file written.
 */
static const char *const members[ZPM_KIND_COUNT][MOST_MEMBERS] = {
	[ZPM_KIND_NETWORK] = { "Driver", "EnableIPv6", "Internal", "Attachable", "Labels" },
	[ZPM_KIND_VOLUME] = { "Driver", "Labels", "Options" },
	[ZPM_KIND_NODE] = { "Spec" },
	[ZPM_KIND_SERVICE] = { "Spec" },
};

const char *zpm_live_content(const struct zpm_object *have, struct zpm_arena *arena)
{
	char digest[ZPM_DIGEST_SIZE];
	json_object *json, *content;
	const char *text;
	size_t len;

	if (!have->live->raw || !members[have->kind->id][0])
		return NULL;
	json = json_tokener_parse(have->live->raw);
	content = json_object_new_object();
	for (const char *const *member = members[have->kind->id]; *member; member++)
		json_object_object_add(content, *member, json_object_get(zpm_json_at(json, *member)));
	text = json_object_to_json_string_length(content, JSON_C_TO_STRING_PLAIN, &len);
	zpm_digest(text, len, digest);
	json_object_put(content);
	json_object_put(json);
	return zpm_arena_strdup(arena, digest);
}
