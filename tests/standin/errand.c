/* Probe with isMaster, then send; one call at a time. */
#include "errand.h"

#include <stdlib.h>
#include <string.h>

#define PROBE_MS    1000
#define ROUND_PAUSE (50 * ZPM_MS)

struct errand {
	bool owned, calling, probing, heard, silent;
	char *list, **hosts;
	size_t n, at;
	bson_t *command, *reply;
	bson_t *refusal; /* of the host at hand, which is no primary, or has none to refer to */
	int64_t deadline, next;
	int patience_ms;
};

static void free_unused(struct errand *errand)
{
	if (errand->owned || errand->calling)
		return;
	bson_destroy(errand->command);
	if (errand->refusal)
		bson_destroy(errand->refusal);
	if (errand->reply)
		bson_destroy(errand->reply);
	free(errand->list);
	free(errand->hosts);
	free(errand);
}

static void split_hosts(struct errand *errand, const char *hosts)
{
	const char *slash = strchr(hosts, '/');
	char *rest;

	errand->list = rest = zpm_strdup(slash ? slash + 1 : hosts);
	errand->hosts = zpm_alloc((strlen(rest) + 1) * sizeof(*errand->hosts));
	while (rest)
		errand->hosts[errand->n++] = strsep(&rest, ",");
}

struct errand *errand_start(struct standin *s, const char *hosts, bson_t *command, int patience_ms)
{
	struct errand *errand = zpm_alloc(sizeof(*errand));

	(void)s;
	*errand = (struct errand){ .owned = true,
		.probing = true,
		.command = command,
		.deadline = zpm_clock_now() + patience_ms * ZPM_MS,
		.patience_ms = patience_ms };
	split_hosts(errand, hosts);
	return errand;
}

void errand_free(struct errand *errand)
{
	if (!errand)
		return;
	errand->owned = false;
	free_unused(errand);
}

static void try_next(struct errand *errand)
{
	if (errand->refusal)
		bson_destroy(errand->refusal);
	errand->refusal = NULL;
	if (++errand->at < errand->n)
		return;
	errand->at = 0;
	errand->next = zpm_clock_now() + ROUND_PAUSE;
}

static bool nothing_done(const bson_t *reply)
{
	int64_t code = doc_int(reply, "code", 0);

	return code == NOT_WRITABLE_PRIMARY || code == NOT_PRIMARY_NO_SECONDARY_OK ||
	       code == NOT_PRIMARY_OR_SECONDARY || code == NOT_YET_INITIALIZED;
}

/* The primary that refused for not being one, and still is one: it meant somebody else. */
static void take_probe(struct errand *errand, const bson_t *reply)
{
	errand->heard |= reply != NULL;
	if (!reply || !doc_bool(reply, "ismaster", false)) {
		try_next(errand);
	} else if (errand->refusal) {
		errand->reply = errand->refusal;
		errand->refusal = NULL;
	} else {
		errand->probing = false;
	}
}

static void take_answer(struct errand *errand, const bson_t *reply)
{
	if (!reply) {
		errand->silent = true;
	} else if (nothing_done(reply)) {
		errand->refusal = bson_copy(reply);
		errand->probing = true;
	} else {
		errand->reply = bson_copy(reply);
	}
}

static void answered(struct standin *s, const bson_t *reply, void *arg)
{
	struct errand *errand = arg;

	(void)s;
	errand->calling = false;
	if (errand->probing)
		take_probe(errand, reply);
	else
		take_answer(errand, reply);
	free_unused(errand);
}

static void call(struct standin *s, struct errand *errand)
{
	const char *host = errand->hosts[errand->at];
	bson_t *probe = BCON_NEW("isMaster", BCON_INT32(1), "$db", BCON_UTF8("admin"));

	errand->calling = true;
	net_call(s->net, fault_partitioned(&s->faults, host) ? "" : host,
		errand->probing ? probe : errand->command, errand->probing ? PROBE_MS : errand->patience_ms,
		answered, errand);
	bson_destroy(probe);
}

enum errand_state errand_look(struct standin *s, struct errand *errand)
{
	int64_t now = zpm_clock_now();

	if (errand->reply)
		return ERRAND_ANSWERED;
	if (errand->silent)
		return ERRAND_NOBODY;
	if (errand->calling)
		return ERRAND_UNDERWAY;
	if (now >= errand->deadline)
		return errand->heard ? ERRAND_NO_PRIMARY : ERRAND_NOBODY;
	if (now >= errand->next)
		call(s, errand);
	return ERRAND_UNDERWAY;
}

const bson_t *errand_reply(const struct errand *errand)
{
	return errand->reply;
}
