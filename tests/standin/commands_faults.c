/* The admin command `standin`: what is to go wrong from now on. */
#include "standin.h"

#include <string.h>

static const struct {
	const char *name;
	enum fault_kind kind;
} KINDS[] = {
	{ "hang", FAULT_HANG },
	{ "close", FAULT_CLOSE },
	{ "cut", FAULT_CUT },
	{ "fail", FAULT_FAIL },
};

static int add_fault(struct faults *faults, const bson_t *body, size_t kind, struct refusal *no)
{
	const char *command = doc_text(body, KINDS[kind].name, NULL);
	int times = (int)doc_int(body, "times", 1);
	struct fault *row;

	if (!command)
		return 0;
	for (row = faults->row; row < faults->row + faults->n && row->times; row++)
		;
	if (row == faults->row + FAULTS_MAX)
		return refuse(no, BAD_VALUE, "no more than %d faults at a time", FAULTS_MAX);
	if (row == faults->row + faults->n)
		faults->n++;
	*row = (struct fault){ .kind = KINDS[kind].kind,
		.times = times ? times : -1,
		.code = (int)doc_int(body, "code", OPERATION_FAILED) };
	snprintf(row->command, sizeof(row->command), "%s", command);
	return 0;
}

static enum outcome run_standin(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const bson_t *body = req->message.body;
	struct faults *faults = &s->faults;
	bson_t hosts;

	if (doc_bool(body, "reset", false))
		faults_reset(faults);
	for (size_t i = 0; i < ZPM_COUNT(KINDS); i++)
		if (add_fault(faults, body, i, no) < 0)
			return REFUSED;
	if (doc_sub(body, "partition", &hosts)) {
		if (faults->partition)
			bson_destroy(faults->partition);
		faults->partition = bson_copy(&hosts);
	}
	faults->lag_ms = (int64_t)(doc_number(body, "lagSeconds", (double)faults->lag_ms / 1000) * 1000);
	faults->balance_ms = doc_int(body, "balanceMs", faults->balance_ms);
	faults->sync_delay_ms = doc_int(body, "syncDelayMs", faults->sync_delay_ms);
	BCON_APPEND(reply, "lagSeconds", BCON_DOUBLE((double)faults->lag_ms / 1000), "syncDelayMs",
		BCON_INT64(faults->sync_delay_ms), "state", BCON_INT32(s->state), "log",
		BCON_INT64((int64_t)s->store.n), "commit", BCON_INT64((int64_t)s->commit));
	return DONE;
}

const struct command FAULT_COMMANDS[] = {
	{ "standin", run_standin, FOR_ROUTER | OPEN },
	{ .name = NULL },
};
