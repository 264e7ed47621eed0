/* What decoding shares: where it is, how it complains, and scalars. For decode*.c. */
#ifndef ZPM_MANIFEST_DECODE_VALUE_H
#define ZPM_MANIFEST_DECODE_VALUE_H

#include "manifest/node.h"
#include "manifest/vars.h"
#include "model/field.h"

struct zpm_decoder {
	struct zpm_arena *arena;
	struct zpm_diags *diags;
	struct zpm_vars vars;
	const struct zpm_node *raw; /* in here nothing is filled in: the variables themselves */
	bool in_raw;
};

/* A value and the way to it from the root, on the stack of those who decode it. */
struct zpm_place {
	const struct zpm_place *up;    /* NULL: the root */
	const struct zpm_entry *entry; /* NULL: item `index` of a list */
	size_t index;
	const struct zpm_node *node;
};

struct zpm_place zpm_place_of_entry(const struct zpm_place *up, const struct zpm_entry *entry);
struct zpm_place zpm_place_of_item(const struct zpm_place *up, size_t index);

/* Adds a diagnostic at the place, its path before the message. */
void zpm_complain(struct zpm_decoder *d, const struct zpm_place *place, const char *fmt, ...)
	ZPM_PRINTF(3, 4);
void zpm_complain_at(struct zpm_decoder *d, const struct zpm_place *place, struct zpm_pos pos,
	const char *fmt, ...) ZPM_PRINTF(4, 5);

/* "expected <expected>, got <what is there>", or that there is nothing. */
void zpm_complain_got(struct zpm_decoder *d, const struct zpm_place *place, const char *expected);

enum zpm_strictness {
	ZPM_STRICT,  /* text: a plain number or boolean has to be put in quotes */
	ZPM_WHOLE,   /* whole numbers are taken as they are written, too */
	ZPM_LENIENT, /* so are all numbers and booleans */
};

/* The text of a scalar, variables filled in; NULL after a complaint. */
const char *zpm_decode_text(struct zpm_decoder *d, const struct zpm_place *place, const char *expected,
	enum zpm_strictness strictness);

/* The same for text that has to obey a rule, which may be NULL. */
const char *zpm_decode_ruled(struct zpm_decoder *d, const struct zpm_place *place,
	const struct zpm_rule *rule, enum zpm_strictness strictness);

/* False, after a complaint, when text does not obey the rule, which may be NULL. */
bool zpm_decode_obeys(
	struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_rule *rule, const char *text);

/* Sets a number of any type, or leaves it unset after a complaint. */
void zpm_decode_number(
	struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_field *field, int64_t *number);

#endif
