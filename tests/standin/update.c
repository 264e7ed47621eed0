/* What an update makes of a document, rebuilt field by field. */
#include "match.h"

#include <string.h>

static bool replaces(const bson_t *update)
{
	bson_iter_t iter;

	return !bson_iter_init(&iter, update) || !bson_iter_next(&iter) || bson_iter_key(&iter)[0] != '$';
}

/* A copy of `doc` with the value at a dotted path set, or gone where `value` is NULL. The caller's. */
static bson_t *with_value(const bson_t *doc, const char *path, const bson_value_t *value)
{
	size_t head = strcspn(path, ".");
	const char *rest = path[head] ? path + head + 1 : NULL;
	bson_t *made = bson_new(), *changed, inner, empty = BSON_INITIALIZER;
	bson_iter_t iter;
	bool found = false;

	bson_iter_init(&iter, doc);
	while (bson_iter_next(&iter)) {
		bool here =
			strlen(bson_iter_key(&iter)) == head && !strncmp(bson_iter_key(&iter), path, head);

		found |= here;
		if (!here) {
			bson_append_iter(made, NULL, -1, &iter);
		} else if (rest) {
			changed = with_value(iter_sub(&iter, &inner) ? &inner : &empty, rest, value);
			bson_append_document(made, path, (int)head, changed);
			bson_destroy(changed);
		} else if (value) {
			bson_append_value(made, path, (int)head, value);
		}
	}
	if (!found && value && rest) {
		changed = with_value(&empty, rest, value);
		bson_append_document(made, path, (int)head, changed);
		bson_destroy(changed);
	} else if (!found && value) {
		bson_append_value(made, path, (int)head, value);
	}
	return made;
}

static void replace(bson_t **doc, bson_t *by)
{
	bson_destroy(*doc);
	*doc = by;
}

static void increase(bson_t **doc, bson_iter_t *by)
{
	bson_value_t sum = { .value_type = BSON_TYPE_INT64 };
	bson_iter_t have;

	if (!doc_find(*doc, bson_iter_key(by), &have)) {
		replace(doc, with_value(*doc, bson_iter_key(by), bson_iter_value(by)));
		return;
	}
	if (BSON_ITER_HOLDS_DOUBLE(&have) || BSON_ITER_HOLDS_DOUBLE(by)) {
		sum.value_type = BSON_TYPE_DOUBLE;
		sum.value.v_double = bson_iter_as_double(&have) + bson_iter_as_double(by);
	} else {
		sum.value.v_int64 = bson_iter_as_int64(&have) + bson_iter_as_int64(by);
	}
	replace(doc, with_value(*doc, bson_iter_key(by), &sum));
}

static int apply_operator(bson_t **doc, const bson_iter_t *op, bool inserting, struct refusal *no)
{
	const char *name = bson_iter_key(op);
	bson_iter_t field;
	bool set = !strcmp(name, "$set") || (inserting && !strcmp(name, "$setOnInsert"));

	if (!set && strcmp(name, "$unset") && strcmp(name, "$inc") && strcmp(name, "$setOnInsert"))
		return refuse(no, FAILED_TO_PARSE, "Unknown modifier: %s", name);
	if (!BSON_ITER_HOLDS_DOCUMENT(op) || !bson_iter_recurse(op, &field))
		return refuse(no, FAILED_TO_PARSE, "Modifiers operate on fields but we found another type");
	while (bson_iter_next(&field))
		if (set)
			replace(doc, with_value(*doc, bson_iter_key(&field), bson_iter_value(&field)));
		else if (!strcmp(name, "$unset"))
			replace(doc, with_value(*doc, bson_iter_key(&field), NULL));
		else if (!strcmp(name, "$inc"))
			increase(doc, &field);
	return 0;
}

/* A whole document in the place of another: the _id stays. */
static bson_t *replaced(const bson_t *update, const bson_t *doc)
{
	bson_t *made = bson_new();
	bson_iter_t id;

	if (!doc_has(update, "_id") && bson_iter_init_find(&id, doc, "_id"))
		bson_append_iter(made, NULL, -1, &id);
	bson_concat(made, update);
	return made;
}

bson_t *update_apply(const bson_t *update, const bson_t *doc, bool inserting, struct refusal *no)
{
	bson_t *made;
	bson_iter_t op;

	if (replaces(update))
		return replaced(update, doc);
	made = bson_copy(doc);
	bson_iter_init(&op, update);
	while (bson_iter_next(&op))
		if (apply_operator(&made, &op, inserting, no) < 0) {
			bson_destroy(made);
			return NULL;
		}
	return made;
}

bson_t *upsert_seed(const bson_t *query)
{
	bson_t *seed = bson_new(), view;
	bson_iter_t iter, first;

	bson_iter_init(&iter, query);
	while (bson_iter_next(&iter)) {
		bool operators = iter_sub(&iter, &view) && BSON_ITER_HOLDS_DOCUMENT(&iter) &&
				 bson_iter_init(&first, &view) && bson_iter_next(&first) &&
				 bson_iter_key(&first)[0] == '$';

		if (bson_iter_key(&iter)[0] != '$' && !operators)
			replace(&seed, with_value(seed, bson_iter_key(&iter), bson_iter_value(&iter)));
	}
	return seed;
}
