/*
 * What servers say of themselves, asked all at once: one that does not answer
 * costs one time-out in all.
 */
#ifndef ZPM_MONGO_SURVEY_H
#define ZPM_MONGO_SURVEY_H

#include "mongo/mongo.h"

/* One server's answers. */
struct zpm_mongo_look {
	const char *host;      /* in: "host:port" */
	struct zpm_buf hello;  /* isMaster, which every version answers, also to nobody in particular */
	struct zpm_buf status; /* replSetGetStatus; empty where the server is in no set, or does not tell */
	struct zpm_buf config; /* replSetGetConfig, a primary's with its commitment; likewise */
	int code;              /* why status and config are empty; see zpm_mongo_run() */
	struct zpm_err err;    /* code ZPM_OK: it has answered all that it can be asked */
};

/*
 * Fills in the answers. Blocks until the slowest server has answered, or not
 * answered in time. A server that is in no set yet is no error: its `code`
 * says so. zpm_mongo_looks_dispose() the looks.
 */
void zpm_mongo_survey(struct zpm_mongo_client *mongo, struct zpm_mongo_look *looks, size_t n);
void zpm_mongo_looks_dispose(struct zpm_mongo_look *looks, size_t n);

#endif
