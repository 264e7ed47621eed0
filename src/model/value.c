/*
 * Scalars between text and int64_t, and the rules that text and numbers obey.
 * Durations, sizes and decimals are all a sum of decimal numbers with a unit,
 * so one reader serves the three.
 */
#include "model/value.h"

#include <inttypes.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	int64_t factor;
};

/* Largest first, as they are written out. */
static const struct unit durations[] = {
	{ "h", 3600000000000 },
	{ "m", 60000000000 },
	{ "s", 1000000000 },
	{ "ms", 1000000 },
	{ "us", 1000 },
	{ "ns", 1 },
	{ 0 },
};

static const struct unit sizes[] = {
	{ "t", INT64_C(1) << 40 },
	{ "g", INT64_C(1) << 30 },
	{ "m", INT64_C(1) << 20 },
	{ "k", INT64_C(1) << 10 },
	{ "b", 1 },
	{ 0 },
};

const char *zpm_value_expected(enum zpm_type type)
{
	switch (type) {
	case ZPM_T_BOOL:
		return "true or false";
	case ZPM_T_INT:
		return "a whole number";
	case ZPM_T_DECIMAL:
		return "a number like 0.5";
	case ZPM_T_DURATION:
		return "a duration like '30s' or '1m30s'";
	case ZPM_T_SIZE:
		return "a size like '512m' or '2g'";
	case ZPM_T_STRING:
		return "text";
	case ZPM_T_LIST:
	case ZPM_T_SET:
		return "a list";
	case ZPM_T_MAP:
		return "a map";
	case ZPM_T_OBJECT:
	case ZPM_T_OBJECTS:
		break;
	}
	return "an object";
}

const char *zpm_value_pattern(enum zpm_type type)
{
	switch (type) {
	case ZPM_T_DECIMAL:
		return "^[0-9]+(\\.[0-9]+)?$";
	case ZPM_T_DURATION:
		return "^(0|([0-9]+(\\.[0-9]+)?(h|m|s|ms|us|ns))+)$";
	case ZPM_T_SIZE:
		return "^[0-9]+(\\.[0-9]+)?([bB]|[kKmMgGtT][bB]?)?$";
	default:
		return NULL;
	}
}

/* What digits behind the point are worth, rounded down; the first 18 are all that can matter. */
static int64_t fraction(const char *text, const char *end, int64_t factor)
{
	__int128 part = 0, scale = 1;

	for (int i = 0; i < 18 && text < end; i++, text++) {
		part = part * 10 + (*text - '0');
		scale *= 10;
	}
	return (int64_t)(part * factor / scale);
}

/* Adds digits[.digits] times the factor to *value. Returns what follows, or NULL: out of range. */
static const char *add_scaled(const char *text, const char *end, int64_t factor, int64_t *value)
{
	int64_t whole = 0, sum;

	for (; text < end && *text != '.'; text++)
		if (__builtin_mul_overflow(whole, 10, &whole) ||
			__builtin_add_overflow(whole, *text - '0', &whole))
			return NULL;
	if (__builtin_mul_overflow(whole, factor, &sum) || __builtin_add_overflow(*value, sum, value))
		return NULL;
	if (text < end && __builtin_add_overflow(*value, fraction(text + 1, end, factor), value))
		return NULL;
	return end;
}

static size_t number_len(const char *text)
{
	size_t len = strspn(text, "0123456789");

	if (len && text[len] == '.' && strspn(text + len + 1, "0123456789"))
		len += 1 + strspn(text + len + 1, "0123456789");
	return len;
}

static const struct unit *unit_of(const struct unit *units, const char *text, size_t len)
{
	for (; units->name; units++)
		if (strlen(units->name) == len && !strncasecmp(units->name, text, len))
			return units;
	return NULL;
}

/* "1h30m": one or more numbers, each with a unit. A lone 0 needs none. */
static int parse_duration(const char *text, int64_t *value)
{
	int64_t sum = 0;

	if (!strcmp(text, "0")) {
		*value = 0;
		return 0;
	}
	do {
		size_t digits = number_len(text);
		const char *name = text + digits;
		size_t len = strspn(name, "hmnsu");
		const struct unit *unit = digits ? unit_of(durations, name, len) : NULL;

		if (!unit || !add_scaled(text, name, unit->factor, &sum))
			return -1;
		text = name + len;
	} while (*text);
	*value = sum;
	return 0;
}

/* "512m", "512mb", "1.5g", "4096" */
static int parse_size(const char *text, int64_t *value)
{
	size_t digits = number_len(text);
	const char *name = text + digits;
	size_t len = strlen(name);
	const struct unit *unit = NULL;
	int64_t sum = 0;

	if (!digits)
		return -1;
	if (len == 2 && (name[1] == 'b' || name[1] == 'B') && name[0] != 'b' && name[0] != 'B')
		len = 1;
	if (len)
		unit = unit_of(sizes, name, len);
	if (len && !unit)
		return -1;
	if (!add_scaled(text, name, unit ? unit->factor : 1, &sum))
		return -1;
	*value = sum;
	return 0;
}

static int parse_decimal(const char *text, int64_t *value)
{
	size_t digits = number_len(text);
	int64_t sum = 0;

	if (!digits || text[digits] || !add_scaled(text, text + digits, 1000000000, &sum))
		return -1;
	*value = sum;
	return 0;
}

static int parse_int(const char *text, int64_t *value)
{
	int64_t sum = 0, sign = *text == '-' ? -1 : 1;

	if (sign < 0)
		text++;
	if (!*text)
		return -1;
	for (; *text; text++)
		if (*text < '0' || *text > '9' || __builtin_mul_overflow(sum, 10, &sum) ||
			__builtin_add_overflow(sum, sign * (*text - '0'), &sum))
			return -1;
	*value = sum;
	return sum == ZPM_UNSET ? -1 : 0;
}

int zpm_value_parse(enum zpm_type type, const char *text, int64_t *value)
{
	switch (type) {
	case ZPM_T_BOOL:
		if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
			return -1;
		*value = text[0] == 't';
		return 0;
	case ZPM_T_INT:
		return parse_int(text, value);
	case ZPM_T_DECIMAL:
		return parse_decimal(text, value);
	case ZPM_T_DURATION:
		return parse_duration(text, value);
	case ZPM_T_SIZE:
		return parse_size(text, value);
	default:
		return -1;
	}
}

/* As many units as it takes: 90s is "1m30s". */
static const char *format_duration(int64_t value, struct zpm_arena *arena)
{
	const char *text = "";

	for (const struct unit *unit = durations; unit->name; unit++) {
		if (value / unit->factor)
			text = zpm_arena_printf(
				arena, "%s%" PRId64 "%s", text, value / unit->factor, unit->name);
		value %= unit->factor;
	}
	return text[0] ? text : "0s";
}

/* The largest unit that divides it: 1536 MiB is "1536m". */
static const char *format_size(int64_t value, struct zpm_arena *arena)
{
	const struct unit *unit = sizes;

	while (value % unit->factor || (!value && unit->factor > 1))
		unit++;
	return zpm_arena_printf(arena, "%" PRId64 "%s", value / unit->factor, unit->name);
}

static const char *format_decimal(int64_t value, struct zpm_arena *arena)
{
	char *text =
		zpm_arena_printf(arena, "%" PRId64 ".%09" PRId64, value / 1000000000, value % 1000000000);
	size_t len = strlen(text);

	while (text[len - 1] == '0')
		text[--len] = '\0';
	if (text[len - 1] == '.')
		text[len - 1] = '\0';
	return text;
}

const char *zpm_value_format(enum zpm_type type, int64_t value, struct zpm_arena *arena)
{
	if (value == ZPM_UNSET)
		return "";
	switch (type) {
	case ZPM_T_BOOL:
		return value ? "true" : "false";
	case ZPM_T_DECIMAL:
		return format_decimal(value, arena);
	case ZPM_T_DURATION:
		return format_duration(value, arena);
	case ZPM_T_SIZE:
		return format_size(value, arena);
	default:
		return zpm_arena_printf(arena, "%" PRId64, value);
	}
}

/* Patterns are few and constant, so they are compiled once and kept to the end. */
static const regex_t *compiled(const char *pattern)
{
	static struct {
		const char *pattern;
		regex_t regex;
	} cache[64];
	size_t i = 0;

	while (i < ZPM_COUNT(cache) && cache[i].pattern && cache[i].pattern != pattern)
		i++;
	if (i == ZPM_COUNT(cache))
		abort(); /* more patterns than the tables have: raise the size */
	if (!cache[i].pattern) {
		if (regcomp(&cache[i].regex, pattern, REG_EXTENDED | REG_NOSUB))
			abort(); /* a constant of ours that no test can have passed */
		cache[i].pattern = pattern;
	}
	return &cache[i].regex;
}

bool zpm_pattern_matches(const char *pattern, const char *text)
{
	return !regexec(compiled(pattern), text, 0, NULL, 0);
}

bool zpm_rule_allows_text(const struct zpm_rule *rule, const char *text)
{
	if (rule->max_len && strlen(text) > rule->max_len)
		return false;
	if (rule->pattern && !zpm_pattern_matches(rule->pattern, text))
		return false;
	if (!rule->choices)
		return true;
	for (const char *const *choice = rule->choices; *choice; choice++)
		if (!strcmp(*choice, text))
			return true;
	return false;
}

bool zpm_rule_allows_number(const struct zpm_rule *rule, int64_t value)
{
	if (!rule->min && !rule->max)
		return true;
	return value >= rule->min && value <= rule->max;
}
