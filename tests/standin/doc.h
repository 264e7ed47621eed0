/*
 * Reading BSON without ceremony, and saying no. Paths are dotted; a field that
 * is missing or of another type reads as the fallback, since drivers send
 * numbers in whichever type they have at hand.
 */
#ifndef STANDIN_DOC_H
#define STANDIN_DOC_H

#include "base/base.h"

#include <bson/bson.h>
#include <stdbool.h>
#include <stdint.h>

/* The server's codes, as far as the stand-in refuses things. */
enum refusal_code {
	BAD_VALUE = 2,
	HOST_UNREACHABLE = 6,
	FAILED_TO_PARSE = 9,
	USER_NOT_FOUND = 11,
	UNAUTHORIZED = 13,
	TYPE_MISMATCH = 14,
	PROTOCOL_ERROR = 17,
	AUTHENTICATION_FAILED = 18,
	ILLEGAL_OPERATION = 20,
	ALREADY_INITIALIZED = 23,
	NAMESPACE_NOT_FOUND = 26,
	ROLE_NOT_FOUND = 31,
	CURSOR_NOT_FOUND = 43,
	MAX_TIME_EXPIRED = 50,
	COMMAND_NOT_FOUND = 59,
	WRITE_CONCERN_FAILED = 64,
	SHARD_NOT_FOUND = 70,
	INVALID_NAMESPACE = 73,
	NODE_NOT_FOUND = 74,
	NO_REPLICATION_ENABLED = 76,
	INVALID_REPLICA_SET_CONFIG = 93,
	NOT_YET_INITIALIZED = 94,
	NOT_SECONDARY = 95,
	OPERATION_FAILED = 96,
	UNSATISFIABLE_WRITE_CONCERN = 100,
	INCOMPATIBLE_CONFIG = 103,
	NODE_NOT_ELECTABLE = 104,
	INCONSISTENT_SET_NAMES = 108,
	CONFIGURATION_IN_PROGRESS = 109,
	FAILED_READ_PREFERENCE = 133,
	PRIMARY_STEPPED_DOWN = 189,
	EXCEEDED_TIME_LIMIT = 262,
	CONFIG_NOT_COMMITTED = 308,
	MECHANISM_UNAVAILABLE = 334,
	NOT_WRITABLE_PRIMARY = 10107,
	DUPLICATE_KEY = 11000,
	NOT_PRIMARY_NO_SECONDARY_OK = 13435,
	NOT_PRIMARY_OR_SECONDARY = 13436,
	USER_EXISTS = 51003,
};

struct refusal {
	int code;
	char msg[400];
};

/* Always returns -1, so that a refusing function ends in `return refuse(...)`. */
int refuse(struct refusal *no, int code, const char *fmt, ...) ZPM_PRINTF(3, 4);

/* The server's name of a code. */
const char *refusal_name(int code);

bool doc_find(const bson_t *doc, const char *path, bson_iter_t *found);
bool doc_has(const bson_t *doc, const char *path);
const char *doc_text(const bson_t *doc, const char *path, const char *fallback);
int64_t doc_int(const bson_t *doc, const char *path, int64_t fallback);
double doc_number(const bson_t *doc, const char *path, double fallback);
bool doc_bool(const bson_t *doc, const char *path, bool fallback);

/* A document or array within, as a view that lives as long as `doc` and needs no destroying. */
bool doc_sub(const bson_t *doc, const char *path, bson_t *view);
bool iter_sub(const bson_iter_t *iter, bson_t *view);

/* The next element of an array that is a document. */
bool iter_next_doc(bson_iter_t *iter, bson_t *view);

/* For building arrays: appends under the next index, and counts. */
void array_add_doc(bson_t *array, uint32_t *n, const bson_t *doc);
void array_add_text(bson_t *array, uint32_t *n, const char *text);

#endif
