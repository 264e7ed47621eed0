/*
 * Misbehaviour on demand, by the admin command `standin`:
 *
 *   {standin: 1, hang: "replSetReconfig", times: 1}   never answers
 *   {standin: 1, close: "insert"}                     cuts the connection, and does nothing
 *   {standin: 1, cut: "replSetReconfig"}              does it, and cuts the connection
 *   {standin: 1, fail: "addShard", code: 96}          refuses
 *   {standin: 1, partition: ["host:port", ...]}       hears nothing of them, nor they of it
 *   {standin: 1, lagSeconds: 5}                       applies what is that old
 *   {standin: 1, syncDelayMs: 500}                    stays so long in STARTUP2
 *   {standin: 1, balanceMs: 50}                       between two chunks that leave a shard
 *   {standin: 1, reset: true}                         none of these any more
 *
 * `times` is 1 unless given; 0 means always.
 */
#ifndef STANDIN_FAULTS_H
#define STANDIN_FAULTS_H

#include <bson/bson.h>
#include <stdbool.h>
#include <stdint.h>

#define FAULTS_MAX 16

enum fault_kind {
	FAULT_NONE,
	FAULT_HANG,
	FAULT_CLOSE,
	FAULT_CUT,
	FAULT_FAIL,
};

struct fault {
	enum fault_kind kind;
	char command[64];
	int times; /* negative: always */
	int code;
};

struct faults {
	struct fault row[FAULTS_MAX];
	size_t n;
	bson_t *partition; /* an array of hosts; NULL: none */
	int64_t lag_ms, sync_delay_ms, balance_ms;
};

/* What is to go wrong with this command, which counts as one of its times. */
struct fault fault_take(struct faults *faults, const char *command);
bool fault_partitioned(const struct faults *faults, const char *host);
void faults_reset(struct faults *faults);

#endif
