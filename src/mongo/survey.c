#include "mongo/survey.h"

#include <bson/bson.h>
#include <pthread.h>
#include <stdatomic.h>

/* More servers than these are asked by turns. */
#define MAX_THREADS 64

struct survey {
	struct zpm_mongo_client *mongo;
	struct zpm_mongo_look *looks;
	size_t n;
	atomic_size_t next;
};

static bool is_primary(const struct zpm_buf *hello)
{
	bson_t *answer = bson_new_from_json((const uint8_t *)hello->data, (ssize_t)hello->len, NULL);
	bson_iter_t found;
	bool primary = answer && bson_iter_init_find(&found, answer, "ismaster") && bson_iter_as_bool(&found);

	bson_destroy(answer);
	return primary;
}

/*
 * Only a primary of 4.4 or later knows whether its configuration has reached a majority. To
 * ask another is a mistake for which the library forgets the server for half a second.
 */
static int ask_config(struct zpm_mongo_client *mongo, struct zpm_mongo_look *look)
{
	struct zpm_err refused = { 0 };
	int code;

	if (is_primary(&look->hello)) {
		if (!zpm_mongo_run(mongo, look->host, "admin",
			    "{\"replSetGetConfig\":1,\"commitmentStatus\":true}", &look->config, &code,
			    &refused))
			return 0;
		if (!code) {
			look->err = refused;
			return -1;
		}
	}
	return zpm_mongo_run(
		mongo, look->host, "admin", "{\"replSetGetConfig\":1}", &look->config, &code, &look->err);
}

static void look_at(struct zpm_mongo_client *mongo, struct zpm_mongo_look *look)
{
	if (zpm_mongo_run(mongo, look->host, "admin", "{\"isMaster\":1}", &look->hello, &look->code,
		    &look->err) < 0 ||
		zpm_mongo_run(mongo, look->host, "admin", "{\"replSetGetStatus\":1}", &look->status,
			&look->code, &look->err) == 0)
		return;
	if (look->code == ZPM_MONGO_NOT_YET_INITIALIZED || look->code == ZPM_MONGO_INVALID_REPLICA_SET_CONFIG)
		look->err = (struct zpm_err){ 0 };
}

static void *take_turns(void *arg)
{
	struct survey *survey = arg;
	size_t i;

	while ((i = atomic_fetch_add(&survey->next, 1)) < survey->n) {
		struct zpm_mongo_look *look = &survey->looks[i];

		look_at(survey->mongo, look);
		/* One that has been removed knows the last configuration it was in. */
		if (look->status.len || look->code == ZPM_MONGO_INVALID_REPLICA_SET_CONFIG)
			(void)ask_config(survey->mongo, look);
	}
	return NULL;
}

void zpm_mongo_survey(struct zpm_mongo_client *mongo, struct zpm_mongo_look *looks, size_t n)
{
	struct survey all = { .mongo = mongo, .looks = looks, .n = n };
	pthread_t threads[MAX_THREADS];
	size_t started = 0;

	/* One of them is this thread; where no other can be had, it asks all. */
	while (started + 1 < n && started < MAX_THREADS &&
		!pthread_create(&threads[started], NULL, take_turns, &all))
		started++;
	take_turns(&all);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}

void zpm_mongo_looks_dispose(struct zpm_mongo_look *looks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		zpm_buf_dispose(&looks[i].hello);
		zpm_buf_dispose(&looks[i].status);
		zpm_buf_dispose(&looks[i].config);
	}
}
