/* The inside of the client. For mongo/ only. */
#ifndef ZPM_MONGO_CLIENT_H
#define ZPM_MONGO_CLIENT_H

#include "mongo/library.h"
#include "mongo/mongo.h"

#include <pthread.h>
#include <stdatomic.h>

/* One server. The lock is held for a whole call. */
struct zpm_mongo_link {
	struct zpm_mongo_link *next;
	pthread_mutex_t lock;
	mongoc_client_t *client; /* NULL: not connected yet */
	bool by_key;             /* the server does not take the user */
	int64_t silent_until;    /* on zpm_clock_now() */
	struct zpm_err silence;
	char host[];
};

struct zpm_mongo_client {
	const struct zpm_mongoc *lib; /* NULL: for the reason in `failure` */
	struct zpm_err failure;
	struct zpm_mongo_access access;
	pthread_mutex_t lock; /* of the list, whose elements stay where they are */
	struct zpm_mongo_link *links;
	struct zpm_guard guard; /* without a function: nobody is asked */
	atomic_uint writes;
};

/* What is done with an answer, which is the library's. Fails with -1 and `err`. */
struct zpm_mongo_sink {
	int (*take)(void *ctx, const char *host, const bson_t *reply, struct zpm_err *err);
	void *ctx;
};

/* zpm_mongo_run() without JSON in between. `code` is always set. */
int zpm_mongo_run_bson(struct zpm_mongo_client *mongo, const char *host, const char *database,
	const bson_t *command, const struct zpm_mongo_sink *sink, int *code, struct zpm_err *err);

/* What libmongoc's error means, in the words of mongo.h. Returns -1. */
int zpm_mongo_fail(const char *host, const bson_error_t *error, int *code, struct zpm_err *err);

#endif
