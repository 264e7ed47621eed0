/*
 * What members say of themselves and the primary of the others, put together
 * to one view of their set.
 */
#include "driver/replica_set.h"

#include "base/clock.h"
#include "driver/mongo_side.h"
#include "driver/set_wire.h"
#include "model/shape.h"
#include "mongo/survey.h"

#include <json-c/json.h>
#include <string.h>

/* "maxWireVersion" of 5.0. */
#define WIRE_5_0 13

/* A server's answers, parsed. */
struct word {
	const struct zpm_mongo_look *look;
	json_object *hello, *status, *config; /* NULL: none */
};

struct words {
	struct zpm_mongo_client *mongo;
	struct zpm_arena *arena;
	struct word *v;
	size_t n;
};

static json_object *parse(const struct zpm_buf *answer)
{
	return answer->len ? json_tokener_parse(answer->data) : NULL;
}

static bool is_true(json_object *json, const char *key)
{
	return json_object_get_boolean(zpm_json_at(json, key));
}

/* Asks the hosts nobody has asked before. */
static void ask(struct words *words, const struct zpm_strs *hosts)
{
	struct zpm_mongo_look *looks = zpm_arena_alloc(words->arena, hosts->n * sizeof(*looks));
	struct word *all = zpm_arena_alloc(words->arena, (words->n + hosts->n) * sizeof(*all));

	for (size_t i = 0; i < hosts->n; i++)
		looks[i].host = hosts->v[i];
	zpm_mongo_survey(words->mongo, looks, hosts->n);
	if (words->n)
		memcpy(all, words->v, words->n * sizeof(*all));
	words->v = all;
	for (size_t i = 0; i < hosts->n; i++)
		words->v[words->n++] = (struct word){ &looks[i], parse(&looks[i].hello),
			parse(&looks[i].status), parse(&looks[i].config) };
	zpm_mongo_looks_dispose(looks, hosts->n);
}

static const struct word *word_of(const struct words *words, const char *host)
{
	for (size_t i = 0; i < words->n; i++)
		if (!strcmp(words->v[i].look->host, host))
			return &words->v[i];
	return NULL;
}

static void dispose(struct words *words)
{
	for (size_t i = 0; i < words->n; i++) {
		json_object_put(words->v[i].hello);
		json_object_put(words->v[i].status);
		json_object_put(words->v[i].config);
	}
}

/* `a` may be NULL. A primary knows more than others, and of those who has the later configuration. */
static bool knows_more(const struct word *a, const struct word *b)
{
	json_object *have = a ? zpm_json_at(a->config, "config") : NULL;
	json_object *other = zpm_json_at(b->config, "config");
	int64_t term = zpm_json_int(have, "term"), other_term = zpm_json_int(other, "term");

	if (!have || is_true(a->hello, "ismaster") != is_true(b->hello, "ismaster"))
		return !have || is_true(b->hello, "ismaster");
	if (term != other_term)
		return other_term > term;
	return zpm_json_int(other, "version") > zpm_json_int(have, "version");
}

/* The one to believe: the primary, else who knows the latest configuration; NULL: nobody is in the set. */
static const struct word *speaker(const struct words *words, const struct zpm_replica_set *declared)
{
	const struct word *best = NULL;

	for (size_t i = 0; i < words->n; i++) {
		const struct word *word = &words->v[i];
		const char *set = zpm_json_text(word->hello, "setName");

		if (word->status && zpm_json_at(word->config, "config") && set &&
			!strcmp(set, declared->name) && knows_more(best, word))
			best = word;
	}
	return best;
}

/* Live members that are not declared, and up: only they know what they are. */
static void add_undeclared(const struct words *words, const struct word *speaker, struct zpm_strs *hosts)
{
	json_object *members = speaker ? zpm_json_at(speaker->status, "members") : NULL;

	for (size_t i = 0; members && i < json_object_array_length(members); i++) {
		json_object *member = json_object_array_get_idx(members, i);
		const char *host = zpm_json_text(member, "name");

		if (host && json_object_get_double(zpm_json_at(member, "health")) > 0 &&
			!word_of(words, host) && !zpm_strs_have(hosts, host))
			zpm_strs_push(words->arena, hosts, zpm_arena_strdup(words->arena, host));
	}
}

static json_object *told_of(const struct word *speaker, const char *host)
{
	json_object *members = speaker ? zpm_json_at(speaker->status, "members") : NULL;

	for (size_t i = 0; members && i < json_object_array_length(members); i++) {
		json_object *member = json_object_array_get_idx(members, i);
		const char *name = zpm_json_text(member, "name");

		if (name && !strcmp(name, host))
			return member;
	}
	return NULL;
}

/* The manual's "Replica Set Member States". */
static enum zpm_member_state state_of(int64_t number)
{
	static const enum zpm_member_state states[] = {
		[0] = ZPM_MEMBER_STARTUP,
		[1] = ZPM_MEMBER_PRIMARY,
		[2] = ZPM_MEMBER_SECONDARY,
		[3] = ZPM_MEMBER_RECOVERING,
		[5] = ZPM_MEMBER_STARTUP2,
		[6] = ZPM_MEMBER_STARTUP, /* not heard of yet */
		[7] = ZPM_MEMBER_ARBITER,
		[9] = ZPM_MEMBER_ROLLBACK,
		[10] = ZPM_MEMBER_REMOVED,
	};

	return number >= 0 && number < (int64_t)ZPM_COUNT(states) ? states[number] : ZPM_MEMBER_DOWN;
}

/* What it says of itself: right away after a start, and with nobody to tell of it. */
static enum zpm_member_state own_state(const struct word *word)
{
	if (word->look->code == ZPM_MONGO_NOT_YET_INITIALIZED)
		return ZPM_MEMBER_NONE;
	if (word->look->code == ZPM_MONGO_INVALID_REPLICA_SET_CONFIG)
		return ZPM_MEMBER_REMOVED;
	return word->status ? state_of(zpm_json_int(word->status, "myState")) : ZPM_MEMBER_DOWN;
}

/* The speaker tells how a member is to the set; the member itself, whether it takes writes by now. */
static enum zpm_member_state decide_state(const struct word *word, json_object *told, bool is_speaker)
{
	enum zpm_member_state state, own = word ? own_state(word) : ZPM_MEMBER_DOWN;

	if (!told)
		return own;
	state = state_of(zpm_json_int(told, "state"));
	if (!is_speaker && json_object_get_double(zpm_json_at(told, "health")) <= 0)
		return ZPM_MEMBER_DOWN;
	/* The speaker hears of others every two seconds; they know earlier. */
	if (word && word->status && state != ZPM_MEMBER_DOWN)
		state = own;
	if (state != ZPM_MEMBER_PRIMARY || (word && is_true(word->hello, "ismaster")))
		return state;
	return ZPM_MEMBER_SECONDARY;
}

static int64_t second_of(json_object *member)
{
	return zpm_json_int(member, "optime.ts.$timestamp.t");
}

/* Behind the most recent write anybody has told of. */
static int64_t lag_of(const struct word *speaker, json_object *told)
{
	json_object *members = zpm_json_at(speaker->status, "members");
	int64_t newest = 0, own = second_of(told);

	for (size_t i = 0; members && i < json_object_array_length(members); i++) {
		int64_t second = second_of(json_object_array_get_idx(members, i));

		newest = second > newest ? second : newest;
	}
	return own && newest > own ? (newest - own) * ZPM_S : 0;
}

static const char *set_of(const struct word *word)
{
	const char *set = zpm_json_text(word->hello, "setName");

	return set ? set : zpm_json_text(word->config, "config._id");
}

static struct zpm_member_view *view_member(
	const struct words *words, const struct word *speaker, const char *host)
{
	struct zpm_member_view *view = zpm_arena_alloc(words->arena, sizeof(*view));
	const struct word *word = word_of(words, host);
	json_object *told = told_of(speaker, host);
	const char *set, *me;

	view->host = host;
	view->state = decide_state(word, told, word && word == speaker);
	view->config_version = zpm_json_int(told, "configVersion");
	view->config_term = zpm_json_int(told, "configTerm");
	view->lag = told ? lag_of(speaker, told) : 0;
	if (!word)
		return view;
	set = set_of(word);
	me = zpm_json_text(word->hello, "me");
	view->set = set ? zpm_arena_strdup(words->arena, set) : NULL;
	view->me = me ? zpm_arena_strdup(words->arena, me) : NULL;
	if (word->look->err.code)
		view->trouble = zpm_arena_strdup(words->arena, word->look->err.msg);
	return view;
}

/* The server says so from 4.4 on; before, those that have the version are counted. */
static bool is_committed(const struct word *speaker, const struct zpm_set_view *view)
{
	json_object *status = zpm_json_at(speaker->config, "commitmentStatus");
	size_t voters = 0, have = 0;

	if (status)
		return json_object_get_boolean(status);
	for (size_t i = 0; i < view->config->members.n; i++) {
		const struct zpm_set_member *member = view->config->members.v[i];
		const struct zpm_member_view *seen = zpm_member_view_by_host(&view->members, member->host);

		voters += member->votes != 0;
		have += member->votes && seen && seen->config_version == view->config->version;
	}
	return 2 * have > voters;
}

static void add_member(
	const struct words *words, const struct word *speaker, struct zpm_set_view *view, const char *host)
{
	if (!zpm_member_view_by_host(&view->members, host))
		zpm_ptrs_push(words->arena, &view->members, view_member(words, speaker, host));
}

static bool is_old(const struct words *words, const struct zpm_replica_set *declared)
{
	for (size_t i = 0; i < declared->members.n; i++) {
		const struct word *word =
			word_of(words, ((struct zpm_set_member *)declared->members.v[i])->host);

		if (word && word->hello && zpm_json_int(word->hello, "maxWireVersion") < WIRE_5_0)
			return true;
	}
	return false;
}

static struct zpm_set_view *view_set(const struct words *words, const struct zpm_replica_set *declared)
{
	struct zpm_set_view *view = zpm_arena_alloc(words->arena, sizeof(*view));
	const struct word *from = speaker(words, declared);

	if (from)
		view->config = zpm_set_decode(zpm_json_at(from->config, "config"), words->arena);
	for (size_t i = 0; i < declared->members.n; i++)
		add_member(words, from, view, ((struct zpm_set_member *)declared->members.v[i])->host);
	for (size_t i = 0; from && i < view->config->members.n; i++)
		add_member(words, from, view, ((struct zpm_set_member *)view->config->members.v[i])->host);
	view->committed = from && is_committed(from, view);
	view->old = is_old(words, declared);
	return view;
}

void zpm_sets_observe(
	const struct zpm_world *world, struct zpm_set_look *looks, size_t n, struct zpm_arena *arena)
{
	struct words words = { .mongo = world->mongo->client, .arena = arena };
	struct zpm_strs hosts = { 0 }, others = { 0 };

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < looks[i].declared->members.n; j++) {
			const struct zpm_set_member *member = looks[i].declared->members.v[j];

			if (!zpm_strs_have(&hosts, member->host))
				zpm_strs_push(arena, &hosts, member->host);
		}
	ask(&words, &hosts);
	for (size_t i = 0; i < n; i++)
		add_undeclared(&words, speaker(&words, looks[i].declared), &others);
	if (others.n)
		ask(&words, &others);
	for (size_t i = 0; i < n; i++)
		looks[i].view = view_set(&words, looks[i].declared);
	dispose(&words);
}

/* Nobody says that the set is there, nor that it is not. */
static const char *trouble_of(const struct zpm_set_view *view)
{
	const char *trouble = "none of its members has been asked";

	for (size_t i = view->members.n; i-- > 0;) {
		const struct zpm_member_view *member = view->members.v[i];

		if (view->config || member->state == ZPM_MEMBER_NONE)
			return NULL;
		if (member->trouble)
			trouble = member->trouble;
	}
	return trouble;
}

static void add_set(const struct zpm_world *world, struct zpm_objects *have, const struct zpm_set_look *look)
{
	const struct zpm_set_view *view = look->view;
	struct zpm_object *object = zpm_mongo_object(world, ZPM_KIND_REPLICA_SET, look->declared->name,
		zpm_shape_copy(
			&zpm_replica_set_shape, view->config ? view->config : look->declared, have->arena),
		trouble_of(view), have->arena);
	struct zpm_live *live = (struct zpm_live *)object->live;

	live->set = view;
	live->id = view->config ? object->name : NULL;
	live->version = view->config ? (uint64_t)view->config->version : 0;
	zpm_objects_add(have, object);
}

static int observe(const struct zpm_world *world, struct zpm_objects *have, struct zpm_err *err)
{
	struct zpm_set_look *looks;
	size_t n = 0;

	(void)err;
	if (!world->mongo)
		return 0;
	looks = zpm_arena_alloc(have->arena, world->desired->list.n * sizeof(*looks));
	for (size_t i = 0; i < world->desired->list.n; i++) {
		const struct zpm_object *want = world->desired->list.v[i];

		if (want->kind->id == ZPM_KIND_REPLICA_SET)
			looks[n++].declared = want->spec;
	}
	zpm_sets_observe(world, looks, n, have->arena);
	for (size_t i = 0; i < n; i++)
		add_set(world, have, &looks[i]);
	return 0;
}

const struct zpm_driver zpm_replica_set_driver = {
	.kind = &zpm_kinds[ZPM_KIND_REPLICA_SET],
	.observe = observe,
};
