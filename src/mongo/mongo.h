/*
 * Client of MongoDB servers. The only user of libmongoc.
 *
 * Talks to servers one by one, by "host:port", and never by way of a set: who
 * reconfigures one has to know whom he talks to. Commands and answers are JSON,
 * MongoDB's relaxed extended kind, so that nobody else needs BSON.
 *
 * Thread-safe; calls to one server wait for one another. Calls block: at most
 * the time-outs below. Facts about the protocol: MongoDB's manual 4.4 and 5.0,
 * "Database Commands".
 */
#ifndef ZPM_MONGO_MONGO_H
#define ZPM_MONGO_MONGO_H

#include "base/buf.h"
#include "base/err.h"
#include "base/guard.h"

#include <stdint.h>

struct zpm_mongo_client;

/* Who asks, and how. What is pointed to is copied. */
struct zpm_mongo_access {
	const char *username; /* NULL: nobody */
	const char *password; /* as a file has it: the end of its last line is none of it */
	const char *source;   /* the database that knows the user; NULL: admin */
	/*
	 * What is in the members' key file; NULL: not known. Who has it may log in as they do among
	 * themselves: that is how a set is initiated that knows no user yet. Taken where there is no
	 * username, or a server does not know it.
	 */
	const char *key;
	bool tls;                /* certificate and host name always verified */
	const char *ca;          /* of TLS, in PEM; NULL: whom the system trusts */
	const char *pem;         /* certificate and key in one file; NULL: none */
	int64_t connect_timeout; /* nanoseconds; 0: ZPM_MONGO_CONNECT_TIMEOUT */
	int64_t timeout;         /* of one answer; 0: ZPM_MONGO_TIMEOUT */
};

#define ZPM_MONGO_CONNECT_TIMEOUT (2LL * 1000 * 1000 * 1000)
#define ZPM_MONGO_TIMEOUT         (15LL * 1000 * 1000 * 1000)

/* A longer answer is refused with ZPM_EFAILED. */
#define ZPM_MONGO_MAX_ANSWER ((size_t)64 * 1024 * 1024)

/*
 * The caller frees it. Loads libmongoc, so to be called while no other thread reads the environment;
 * where it cannot be loaded, each call says so with ZPM_EFAILED.
 */
struct zpm_mongo_client *zpm_mongo_new(const struct zpm_mongo_access *access);

/* No call may be in flight. Wipes the password. */
void zpm_mongo_free(struct zpm_mongo_client *mongo);

/* The server's error codes that zpm tells apart; the manual's "Error Codes". */
enum zpm_mongo_code {
	ZPM_MONGO_UNAUTHORIZED = 13,
	ZPM_MONGO_AUTHENTICATION_FAILED = 18,
	ZPM_MONGO_ILLEGAL_OPERATION = 20, /* and a shard of that name with other members */
	ZPM_MONGO_ALREADY_INITIALIZED = 23,
	ZPM_MONGO_WRITE_CONCERN_FAILED = 64,
	ZPM_MONGO_SHARD_NOT_FOUND = 70,
	ZPM_MONGO_NODE_NOT_FOUND = 74, /* no quorum answers */
	ZPM_MONGO_NO_REPLICATION = 76,
	ZPM_MONGO_INVALID_REPLICA_SET_CONFIG = 93, /* and asked of a member that has been removed */
	ZPM_MONGO_NOT_YET_INITIALIZED = 94,
	ZPM_MONGO_CONFIG_INCOMPATIBLE = 103, /* a version that is not newer, or two voters at once */
	ZPM_MONGO_PRIMARY_NOT_ELECTABLE = 104,
	ZPM_MONGO_CONFIG_IN_PROGRESS = 109,
	ZPM_MONGO_PRIMARY_STEPPED_DOWN = 189,
	ZPM_MONGO_FAILED_TO_SATISFY = 133, /* nobody of a set can be read from, or written to */
	ZPM_MONGO_EXCEEDED_TIME = 262,     /* no secondary has caught up in time */
	ZPM_MONGO_CONFIG_NOT_COMMITTED = 308,
	ZPM_MONGO_NOT_PRIMARY = 10107,
	ZPM_MONGO_DUPLICATE_KEY = 11000,
};

/*
 * Runs one command of a database on one server. `answer` (NULL: not wanted) is
 * cleared first and holds the answer as JSON after success. `code` (NULL: not
 * wanted) is the server's error code, 0 when it was not the server that failed.
 *
 *   no connection, no answer in time, in the middle of an election -> ZPM_EUNAVAIL
 *   changed meanwhile: 103, 109, 308, not the primary              -> ZPM_ECONFLICT
 *   94, 70                                                         -> ZPM_ENOTFOUND
 *   the rest, authentication and authorisation too                 -> ZPM_EFAILED
 *
 * Messages begin with the server's name and say the cause; none has a password
 * in it. A server that did not answer is not asked again for as long as the
 * time-out it has cost: it fails at once, with the same words.
 *
 * A command that ends in ZPM_EUNAVAIL may have been carried out: observe.
 */
int zpm_mongo_run(struct zpm_mongo_client *mongo, const char *host, const char *database, const char *command,
	struct zpm_buf *answer, int *code, struct zpm_err *err);

/* Forgets who did not answer: the next call asks. */
void zpm_mongo_retry(struct zpm_mongo_client *mongo);

/* Asked before each zpm_mongo_write() from now on. To be called while no call is in flight. */
void zpm_mongo_guard(struct zpm_mongo_client *mongo, const struct zpm_guard *guard);

/* Commands that a server has carried out though they change something; see zpm_mongo_write(). */
unsigned zpm_mongo_writes(const struct zpm_mongo_client *mongo);

/* zpm_mongo_run() of a command that changes something, and is counted when it goes well. */
int zpm_mongo_write(struct zpm_mongo_client *mongo, const char *host, const char *database,
	const char *command, struct zpm_buf *answer, int *code, struct zpm_err *err);

#endif
