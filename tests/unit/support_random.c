/*
 * Random objects. What a field may hold is read off its row: its type, its
 * codec and its rule, whose pattern is run backwards. A new field is thus
 * covered the day it gets its row.
 */
#include "support.h"

#include "model/shape.h"
#include "model/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* splitmix64: every seed, small ones too, gives a good sequence. */
uint64_t roll(struct dice *dice, uint64_t sides)
{
	uint64_t z = dice->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (z ^ (z >> 31)) % sides;
}

bool one_in(struct dice *dice, uint64_t n)
{
	return roll(dice, n) == 0;
}

const char *random_text(struct dice *dice, size_t max, struct zpm_arena *arena)
{
	static const char *const letters[] = { "a", "Z", "0", "9", "_", "-", ".", "/", ":", ",", "=", " ",
		"$", "%s", "\"", "'", "\\", "\n", "\t", "{}", "[", "é", "€", "😀" };
	const char *text = "";

	for (uint64_t n = roll(dice, max + 1); n; n--)
		text = zpm_arena_printf(arena, "%s%s", text, letters[roll(dice, ZPM_COUNT(letters))]);
	return text;
}

/* Running a pattern backwards: `at` moves over the pattern, `out` grows. */
struct maker {
	struct dice *dice;
	char out[512];
	size_t len;
};

static void put(struct maker *m, char c)
{
	if (m->len + 1 < sizeof(m->out))
		m->out[m->len++] = c;
}

static const char *class_end(const char *at)
{
	at += at[1] == '^' ? 2 : 1;
	return strchr(at + (*at == ']'), ']') + 1;
}

static const char *atom_end(const char *at)
{
	int depth = 0;

	if (*at == '\\')
		return at + 2;
	if (*at == '[')
		return class_end(at);
	if (*at != '(')
		return at + 1;
	do {
		depth += (*at == '(') - (*at == ')');
		at = *at == '[' ? class_end(at) : at + 1 + (*at == '\\');
	} while (depth);
	return at;
}

static bool in_class(const char *at, const char *end, char c)
{
	bool negated = at[1] == '^', found = false;

	for (at += 1 + negated; at < end - 1; at++) {
		if (at[1] == '-' && at + 2 < end - 1) {
			found |= c >= at[0] && c <= at[2];
			at += 2;
		} else {
			found |= c == *at;
		}
	}
	return found != negated;
}

static void make_class(struct maker *m, const char *at, const char *end)
{
	char c;

	do
		c = (char)(' ' + roll(m->dice, '~' - ' ' + 1));
	while (!in_class(at, end, c));
	put(m, c);
}

static void make_choice(struct maker *m, const char *at, const char *end);

static void make_atom(struct maker *m, const char *at, const char *end)
{
	if (*at == '(')
		make_choice(m, at + 1, end - 1);
	else if (*at == '[')
		make_class(m, at, end);
	else if (*at == '\\')
		put(m, at[1]);
	else if (*at == '.')
		put(m, (char)(' ' + roll(m->dice, '~' - ' ' + 1)));
	else if (*at != '^' && *at != '$')
		put(m, *at);
}

/* How often the atom comes; moves over the quantifier. */
static unsigned repeats(struct maker *m, const char **at)
{
	unsigned least = 1, most = 1;

	if (**at == '*' || **at == '+' || **at == '?') {
		least = **at == '+';
		most = **at == '?' ? 1 : 3;
		++*at;
	} else if (**at == '{') {
		int len = 0;

		if (sscanf(*at, "{%u,%u}%n", &least, &most, &len) != 2 || !len) {
			sscanf(*at, "{%u}%n", &least, &len);
			most = least;
		}
		*at += len;
	}
	return least + (unsigned)roll(m->dice, most - least + 1);
}

static void make_sequence(struct maker *m, const char *at, const char *end)
{
	while (at < end) {
		const char *atom = at, *after = at = atom_end(at);

		for (unsigned n = repeats(m, &at); n; n--)
			make_atom(m, atom, after);
	}
}

static void make_choice(struct maker *m, const char *at, const char *end)
{
	const char *branches[16][2];
	size_t n = 0;

	branches[0][0] = at;
	while (at < end) {
		if (*at == '|') {
			branches[n++][1] = at;
			branches[n][0] = ++at;
		} else {
			at = atom_end(at);
		}
	}
	branches[n++][1] = end;
	n = roll(m->dice, n);
	make_sequence(m, branches[n][0], branches[n][1]);
}

const char *random_match(struct dice *dice, const char *pattern, struct zpm_arena *arena)
{
	struct maker m = { .dice = dice };
	size_t len = strlen(pattern);

	make_choice(&m, pattern, pattern + len);
	/* What is not tied to the end may go on. */
	if (!len || pattern[len - 1] != '$')
		return zpm_arena_printf(arena, "%s%s", m.out, random_text(dice, 6, arena));
	return zpm_arena_strdup(arena, m.out);
}

static const char *random_by_rule(struct dice *dice, const struct zpm_rule *rule, struct zpm_arena *arena)
{
	const char *text;
	size_t n = 0;

	if (!rule)
		return random_text(dice, 8, arena);
	while (rule->choices && rule->choices[n])
		n++;
	if (n)
		return rule->choices[roll(dice, n)];
	do
		text = random_match(dice, rule->pattern, arena);
	while (rule->max_len && strlen(text) > rule->max_len);
	if (!zpm_rule_allows_text(rule, text))
		fail_msg("'%s' was made for the pattern %s", text, rule->pattern);
	return text;
}

/* Small numbers, large ones, and the edges of what is allowed. */
static int64_t random_number(struct dice *dice, const struct zpm_field *field)
{
	const struct zpm_rule *rule = field->rule;
	bool bound = rule && (rule->min || rule->max);
	int64_t min = bound ? rule->min : 0, max = bound ? rule->max : INT64_MAX, number;

	if (field->type == ZPM_T_BOOL)
		return (int64_t)roll(dice, 2);
	switch (roll(dice, 4)) {
	case 0:
		number = min;
		break;
	case 1:
		number = max;
		break;
	case 2:
		number = min + (int64_t)roll(dice, 100);
		break;
	default:
		number = min + (int64_t)(roll(dice, UINT64_MAX) % ((uint64_t)max - (uint64_t)min));
		break;
	}
	if (number > max)
		number = max;
	/* A float32 on the Engine's side: six digits come back as they went. */
	return field->codec == ZPM_AS_RATIO ? number / 1000 * 1000 : number;
}

static const char *random_key(struct dice *dice, const struct zpm_field *field, struct zpm_arena *arena)
{
	if (field->codec == ZPM_AS_ENV)
		return random_match(dice, "^[A-Za-z_][A-Za-z0-9_. -]*$", arena);
	if (field->codec == ZPM_AS_HOSTS)
		return random_match(dice, "^[a-z][a-z0-9.-]*$", arena);
	return zpm_arena_printf(arena, "k%s", random_text(dice, 5, arena));
}

static void fill_pairs(
	struct dice *dice, const struct zpm_field *field, struct zpm_pairs *pairs, struct zpm_arena *arena)
{
	for (uint64_t n = 1 + roll(dice, 5); n; n--)
		zpm_pairs_set(arena, pairs, random_key(dice, field, arena),
			random_by_rule(dice, field->rule, arena));
}

static void fill_strs(
	struct dice *dice, const struct zpm_field *field, struct zpm_strs *strs, struct zpm_arena *arena)
{
	for (uint64_t n = 1 + roll(dice, 5); n; n--) {
		const char *text = random_by_rule(dice, field->rule, arena);

		if (field->type == ZPM_T_LIST || !zpm_strs_have(strs, text))
			zpm_strs_push(arena, strs, text);
	}
}

static bool has_key(
	const struct zpm_shape *shape, const struct zpm_ptrs *list, const char *key, struct zpm_arena *arena)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(zpm_shape_key(shape, list->v[i], arena), key))
			return true;
	return false;
}

static void fill_objects(
	struct dice *dice, const struct zpm_field *field, struct zpm_ptrs *list, struct zpm_arena *arena)
{
	for (uint64_t n = 1 + roll(dice, 4); n; n--) {
		void *object = random_canonical(dice, field->shape, arena);

		if (!has_key(field->shape, list, zpm_shape_key(field->shape, object, arena), arena))
			zpm_ptrs_push(arena, list, object);
	}
}

static void fill(struct dice *dice, const struct zpm_field *field, void *object, struct zpm_arena *arena)
{
	switch (field->type) {
	case ZPM_T_STRING:
		*zpm_field_str(field, object) = random_by_rule(dice, field->rule, arena);
		break;
	case ZPM_T_LIST:
	case ZPM_T_SET:
		fill_strs(dice, field, zpm_field_strs(field, object), arena);
		break;
	case ZPM_T_MAP:
		fill_pairs(dice, field, zpm_field_pairs(field, object), arena);
		break;
	case ZPM_T_OBJECT:
		*zpm_field_object(field, object) = random_object(dice, field->shape, arena);
		break;
	case ZPM_T_OBJECTS:
		fill_objects(dice, field, zpm_field_objects(field, object), arena);
		break;
	default:
		*zpm_field_int(field, object) = random_number(dice, field);
		break;
	}
}

void *random_object(struct dice *dice, const struct zpm_shape *shape, struct zpm_arena *arena)
{
	void *object = zpm_shape_new(shape, arena);

	ZPM_EACH_FIELD (field, shape)
		if (field->wire && (field->flags & ZPM_REQUIRED || one_in(dice, 2)))
			fill(dice, field, object, arena);
	return object;
}

void *random_canonical(struct dice *dice, const struct zpm_shape *shape, struct zpm_arena *arena)
{
	void *object = random_object(dice, shape, arena);

	zpm_shape_canonicalise(shape, object, arena);
	return object;
}
