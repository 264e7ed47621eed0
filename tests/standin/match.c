/* Does a document match, and which of two comes first. */
#include "match.h"

#include <string.h>

static int compare_numbers(const bson_iter_t *a, const bson_iter_t *b)
{
	double x, y;

	if (!BSON_ITER_HOLDS_DOUBLE(a) && !BSON_ITER_HOLDS_DOUBLE(b)) {
		int64_t i = bson_iter_as_int64(a), j = bson_iter_as_int64(b);

		return i < j ? -1 : i > j;
	}
	x = bson_iter_as_double(a);
	y = bson_iter_as_double(b);
	return x < y ? -1 : x > y;
}

static int type_rank(const bson_iter_t *iter)
{
	switch (bson_iter_type(iter)) {
	case BSON_TYPE_NULL:
		return 1;
	case BSON_TYPE_DOUBLE:
	case BSON_TYPE_INT32:
	case BSON_TYPE_INT64:
		return 2;
	default:
		return 2 + (int)bson_iter_type(iter);
	}
}

static int compare_docs(const bson_t *a, const bson_t *b)
{
	bson_iter_t x, y;
	int order;

	bson_iter_init(&x, a);
	bson_iter_init(&y, b);
	for (;;) {
		bool more_x = bson_iter_next(&x), more_y = bson_iter_next(&y);

		if (!more_x || !more_y)
			return more_x - more_y;
		order = strcmp(bson_iter_key(&x), bson_iter_key(&y));
		if (!order)
			order = iter_compare(&x, &y);
		if (order)
			return order;
	}
}

/* By length first, as the server does. */
static int compare_binaries(const bson_value_t *a, const bson_value_t *b)
{
	uint32_t len = a->value.v_binary.data_len, other = b->value.v_binary.data_len;

	if (len != other)
		return len < other ? -1 : 1;
	if (a->value.v_binary.subtype != b->value.v_binary.subtype)
		return (int)a->value.v_binary.subtype - (int)b->value.v_binary.subtype;
	return memcmp(a->value.v_binary.data, b->value.v_binary.data, len);
}

int iter_compare(const bson_iter_t *a, const bson_iter_t *b)
{
	const bson_value_t *x = bson_iter_value((bson_iter_t *)a), *y = bson_iter_value((bson_iter_t *)b);
	bson_t inner_a, inner_b;

	if (type_rank(a) != type_rank(b))
		return type_rank(a) - type_rank(b);
	if (BSON_ITER_HOLDS_NUMBER(a))
		return compare_numbers(a, b);
	if (iter_sub(a, &inner_a) && iter_sub(b, &inner_b))
		return compare_docs(&inner_a, &inner_b);
	switch (x->value_type) {
	case BSON_TYPE_UTF8:
		return strcmp(x->value.v_utf8.str, y->value.v_utf8.str);
	case BSON_TYPE_OID:
		return bson_oid_compare(&x->value.v_oid, &y->value.v_oid);
	case BSON_TYPE_BINARY:
		return compare_binaries(x, y);
	case BSON_TYPE_BOOL:
		return x->value.v_bool - y->value.v_bool;
	case BSON_TYPE_DATE_TIME:
		return x->value.v_datetime < y->value.v_datetime ? -1
								 : x->value.v_datetime > y->value.v_datetime;
	case BSON_TYPE_TIMESTAMP:
		if (x->value.v_timestamp.timestamp != y->value.v_timestamp.timestamp)
			return x->value.v_timestamp.timestamp < y->value.v_timestamp.timestamp ? -1 : 1;
		return x->value.v_timestamp.increment < y->value.v_timestamp.increment
			       ? -1
			       : x->value.v_timestamp.increment > y->value.v_timestamp.increment;
	default:
		return 0;
	}
}

/* `have` is NULL where the document lacks the field, which equals null. */
static bool equals(const bson_iter_t *have, const bson_iter_t *want)
{
	bson_iter_t element;

	if (!have)
		return bson_iter_type(want) == BSON_TYPE_NULL;
	if (iter_compare(have, want) == 0)
		return true;
	if (!BSON_ITER_HOLDS_ARRAY(have) || !bson_iter_recurse(have, &element))
		return false;
	while (bson_iter_next(&element))
		if (iter_compare(&element, want) == 0)
			return true;
	return false;
}

static bool among(const bson_iter_t *have, const bson_iter_t *list)
{
	bson_iter_t element;

	if (!BSON_ITER_HOLDS_ARRAY(list) || !bson_iter_recurse(list, &element))
		return false;
	while (bson_iter_next(&element))
		if (equals(have, &element))
			return true;
	return false;
}

/* Order is only between values of one kind. */
static bool ordered(const bson_iter_t *have, const bson_iter_t *want, bool less, bool equal)
{
	int order;

	if (!have || type_rank(have) != type_rank(want))
		return false;
	order = iter_compare(have, want);
	return (equal && order == 0) || (less ? order < 0 : order > 0);
}

static int operator_holds(const bson_iter_t *have, const bson_iter_t *want, struct refusal *no)
{
	const char *name = bson_iter_key(want);

	if (!strcmp(name, "$eq"))
		return equals(have, want);
	if (!strcmp(name, "$ne"))
		return !equals(have, want);
	if (!strcmp(name, "$in"))
		return among(have, want);
	if (!strcmp(name, "$nin"))
		return !among(have, want);
	if (!strcmp(name, "$exists"))
		return (have != NULL) == bson_iter_as_bool(want);
	if (!strcmp(name, "$gt") || !strcmp(name, "$gte"))
		return ordered(have, want, false, name[3] == 'e');
	if (!strcmp(name, "$lt") || !strcmp(name, "$lte"))
		return ordered(have, want, true, name[3] == 'e');
	return refuse(no, BAD_VALUE, "unknown operator: %s", name);
}

static int field_matches(const bson_iter_t *want, const bson_t *doc, struct refusal *no)
{
	bson_iter_t found, op;
	const bson_iter_t *have = doc_find(doc, bson_iter_key(want), &found) ? &found : NULL;
	int holds = 1;

	if (!BSON_ITER_HOLDS_DOCUMENT(want) || !bson_iter_recurse(want, &op) || !bson_iter_next(&op) ||
		bson_iter_key(&op)[0] != '$')
		return equals(have, want);
	do
		holds = operator_holds(have, &op, no);
	while (holds > 0 && bson_iter_next(&op));
	return holds;
}

static int any_matches(const bson_iter_t *list, const bson_t *doc, bool all, struct refusal *no)
{
	bson_iter_t element;
	bson_t query;
	int matches = all;

	if (!BSON_ITER_HOLDS_ARRAY(list) || !bson_iter_recurse(list, &element))
		return refuse(no, BAD_VALUE, "%s must be an array", bson_iter_key(list));
	while (matches == all && iter_next_doc(&element, &query))
		matches = query_matches(&query, doc, no);
	return matches;
}

int query_matches(const bson_t *query, const bson_t *doc, struct refusal *no)
{
	bson_iter_t want;
	int matches = 1;

	bson_iter_init(&want, query);
	while (matches > 0 && bson_iter_next(&want)) {
		const char *key = bson_iter_key(&want);

		if (!strcmp(key, "$and") || !strcmp(key, "$or"))
			matches = any_matches(&want, doc, key[1] == 'a', no);
		else if (key[0] == '$' && strcmp(key, "$comment"))
			matches = refuse(no, BAD_VALUE, "unknown top level operator: %s", key);
		else if (key[0] != '$')
			matches = field_matches(&want, doc, no);
	}
	return matches;
}

int doc_compare(const bson_t *sort, const bson_t *a, const bson_t *b)
{
	bson_iter_t by, x, y;
	int order = 0;

	bson_iter_init(&by, sort);
	while (!order && bson_iter_next(&by)) {
		bool have_x = doc_find(a, bson_iter_key(&by), &x),
		     have_y = doc_find(b, bson_iter_key(&by), &y);

		order = have_x && have_y ? iter_compare(&x, &y) : have_x - have_y;
		if (bson_iter_as_int64(&by) < 0)
			order = -order;
	}
	return order;
}
