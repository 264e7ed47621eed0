/* Looking into the catalogue, and the balancer that empties shards. */
#include "match.h"
#include "repl.h"
#include "router.h"
#include "shards.h"

#include <string.h>

const bson_t *catalogue_find(const struct standin *s, const char *ns, const char *id)
{
	const struct collection *collection = store_collection(&s->store, ns);

	for (size_t i = 0; collection && i < collection->n; i++)
		if (!strcmp(doc_text(collection->docs[i], "_id", ""), id))
			return collection->docs[i];
	return NULL;
}

size_t catalogue_count(const struct standin *s, const char *ns, const char *field, const char *value)
{
	const struct collection *collection = store_collection(&s->store, ns);
	size_t n = 0;

	for (size_t i = 0; collection && i < collection->n; i++)
		n += !strcmp(doc_text(collection->docs[i], field, ""), value);
	return n;
}

const bson_t *catalogue_other_shard(const struct standin *s, const char *name)
{
	const struct collection *shards = store_collection(&s->store, SHARDS);

	for (size_t i = 0; shards && i < shards->n; i++)
		if (strcmp(doc_text(shards->docs[i], "_id", ""), name) &&
			!doc_bool(shards->docs[i], "draining", false))
			return shards->docs[i];
	return NULL;
}

bson_t *catalogue_with(const bson_t *doc, const char *field, const char *value)
{
	bson_t *update = BCON_NEW("$set", "{", field, BCON_UTF8(value), "}");
	struct refusal no;
	bson_t *made = update_apply(update, doc, false, &no);

	bson_destroy(update);
	return made;
}

/* One chunk a round, from a shard that is drained to one that is not. */
static void move_chunk(struct standin *s, const char *from)
{
	const struct collection *chunks = store_collection(&s->store, CHUNKS);
	const bson_t *to = catalogue_other_shard(s, from);
	bson_t *moved;

	for (size_t i = 0; to && chunks && i < chunks->n; i++) {
		if (strcmp(doc_text(chunks->docs[i], "shard", ""), from))
			continue;
		moved = catalogue_with(chunks->docs[i], "shard", doc_text(to, "_id", ""));
		repl_write(s, "set", CHUNKS, moved);
		bson_destroy(moved);
		return;
	}
}

void balance_tick(struct standin *s)
{
	const struct collection *shards = store_collection(&s->store, SHARDS);
	const bson_t *balancer = catalogue_find(s, SETTINGS, "balancer");
	int64_t now = zpm_clock_now();

	if (!shards || !repl_is_writable(s) || now < s->balance_at ||
		(balancer && doc_bool(balancer, "stopped", false)))
		return;
	s->balance_at = now + s->faults.balance_ms * ZPM_MS;
	for (size_t i = 0; i < shards->n; i++)
		if (doc_bool(shards->docs[i], "draining", false)) {
			move_chunk(s, doc_text(shards->docs[i], "_id", ""));
			return;
		}
}
