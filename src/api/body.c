/* The body of a POST: a JSON object with the members that its route has, and no other. */
#include "api/routes.h"

#include "base/text.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_DEEP 4

static const char *ZPM_PRINTF(2, 3) say(char why[256], const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, 256, fmt, args);
	va_end(args);
	return why;
}

static json_object *parse(const char *text, size_t len)
{
	struct json_tokener *tokener = json_tokener_new_ex(MAX_DEEP);
	json_object *json;
	bool whole;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	json = json_tokener_parse_ex(tokener, text, (int)len);
	whole = json_tokener_get_error(tokener) == json_tokener_success &&
		json_tokener_get_parse_end(tokener) == len;
	json_tokener_free(tokener);
	if (whole)
		return json;
	json_object_put(json);
	return NULL;
}

static bool is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	return zpm_utf8_valid_len(text, len) == len;
}

static const char *take_text(const struct zpm_api_member *member, json_object *value,
	struct zpm_api_command *command, char why[256])
{
	const char *text = json_object_get_string(value);
	size_t len = (size_t)json_object_get_string_len(value);

	if (!json_object_is_type(value, json_type_string))
		return say(why, "'%s' has to be text", member->name);
	if (!is_plain(text, len))
		return say(why, "'%s' must not hold control characters", member->name);
	if (!len || zpm_utf8_width(text) > member->max_len)
		return say(why, "'%s' has to have 1 to %zu characters", member->name, member->max_len);
	memcpy((char *)command + member->at, &text, sizeof(text));
	return NULL;
}

static const char *take_number(const struct zpm_api_member *member, json_object *value,
	struct zpm_api_command *command, char why[256])
{
	int64_t number = json_object_get_int64(value);

	if (!json_object_is_type(value, json_type_int) || number < member->min || number > member->max)
		return say(why, "'%s' has to be a whole number from %" PRId64 " to %" PRId64, member->name,
			member->min, member->max);
	memcpy((char *)command + member->at, &number, sizeof(number));
	return NULL;
}

/* A name of somebody else's, fit to be shown. */
static const char *unknown(const char *name, char why[256])
{
	char shown[65];
	size_t len = strlen(name);

	if (len >= sizeof(shown) || !is_plain(name, len))
		return say(why, "%s", "holds a member that it does not take");
	memcpy(shown, name, len + 1);
	return say(why, "takes no member '%s'", shown);
}

static const char *take_all(const struct zpm_api_member *members, json_object *said,
	struct zpm_api_command *command, char why[256])
{
	size_t n = 0;

	for (const struct zpm_api_member *member = members; member->name; member++) {
		json_object *value = NULL;
		bool there = json_object_object_get_ex(said, member->name, &value);
		const char *wrong = NULL;

		if (!there && member->required)
			return say(why, "'%s' is missing", member->name);
		if (there)
			wrong = member->max ? take_number(member, value, command, why)
					    : take_text(member, value, command, why);
		if (wrong)
			return wrong;
		n += there;
	}
	if (n == (size_t)json_object_object_length(said))
		return NULL;
	json_object_object_foreach (said, key, value) {
		const struct zpm_api_member *member = members;

		(void)value;
		while (member->name && strcmp(member->name, key) != 0)
			member++;
		if (!member->name)
			return unknown(key, why);
	}
	return NULL;
}

const char *zpm_api_body_parse(const struct zpm_api_member *members, const char *text, size_t len,
	struct zpm_api_command *command, json_object **said, char why[256])
{
	struct zpm_api_command taken = *command;
	const char *wrong;

	*said = len ? parse(text, len) : NULL;
	if (json_object_is_type(*said, json_type_object))
		wrong = take_all(members, *said, &taken, why);
	else
		wrong = say(why, "%s", "has to be a JSON object, like {}");
	if (!wrong) {
		*command = taken;
		return NULL;
	}
	json_object_put(*said);
	*said = NULL;
	return wrong;
}
