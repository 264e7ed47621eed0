/*
 * A command on its way: handed to the caller of the API, who may take its time, while the connection is set
 * aside. Whoever comes last, the request or the answer, frees it. The lock is the process's and not an API's,
 * so that an answer may come after the API has gone.
 */
#include "api/parts.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

struct zpm_api_call {
	struct zpm_api_call *next, **link;
	struct zpm_api_request *request; /* NULL: nobody waits any more */
	bool owed;                       /* whoever took it has not answered yet */
	int64_t deadline;
	unsigned status; /* 0: there is no answer yet */
	char *json;      /* of the answer; NULL: it is an error of our own */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct zpm_api_call *calls;

static struct zpm_api_call *new_call(struct zpm_api_request *request)
{
	struct zpm_api_call *call = zpm_alloc(sizeof(*call));

	call->request = request;
	call->owed = true;
	call->deadline = zpm_clock_now() + request->api->limits.call;
	call->next = calls;
	call->link = &calls;
	if (calls)
		calls->link = &call->next;
	calls = call;
	return call;
}

/* Under the lock. */
static void settle(struct zpm_api_call *call, unsigned status, const char *json)
{
	const struct zpm_api_request *request = call->request;

	if (!request || call->status)
		return;
	call->status = status;
	call->json = json ? zpm_strdup(json) : NULL;
	request->api->mhd->resume_connection(request->connection);
}

static void free_if_done(struct zpm_api_call *call)
{
	if (call->request || call->owed)
		return;
	free(call->json);
	free(call);
}

int zpm_api_call_make(struct zpm_api_request *request, const struct zpm_api_command *command)
{
	struct zpm_api *api = request->api;
	bool stopping;

	pthread_mutex_lock(&lock);
	pthread_mutex_lock(&api->lock);
	stopping = api->stopping;
	pthread_mutex_unlock(&api->lock);
	if (!stopping) {
		request->call = new_call(request);
		api->mhd->suspend_connection(request->connection);
	}
	pthread_mutex_unlock(&lock);
	if (stopping)
		return zpm_api_reply_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, "zpm is ending");
	/* The connection is this thread's, so the request stays until it is left here. */
	api->backend.command(api->backend.ctx, command, request->call);
	return MHD_YES;
}

int zpm_api_call_finish(struct zpm_api_request *request)
{
	ZPM_FREE char *json = NULL;
	unsigned status;

	pthread_mutex_lock(&lock);
	status = request->call->status;
	json = request->call->json;
	request->call->json = NULL;
	pthread_mutex_unlock(&lock);
	if (!status)
		return MHD_YES;
	if (json)
		return zpm_api_reply_json(request, status, json);
	return zpm_api_reply_error(request, status, "%s",
		status == MHD_HTTP_GATEWAY_TIMEOUT
			? "zpm is busy, and has not answered in time; it may still do it"
			: "zpm is ending");
}

void zpm_api_call_leave(struct zpm_api_request *request)
{
	struct zpm_api_call *call = request->call;

	pthread_mutex_lock(&lock);
	*call->link = call->next;
	if (call->next)
		call->next->link = call->link;
	call->request = NULL;
	free_if_done(call);
	pthread_mutex_unlock(&lock);
	request->call = NULL;
}

void zpm_api_calls_expire(struct zpm_api *api, int64_t now, bool all)
{
	pthread_mutex_lock(&lock);
	for (struct zpm_api_call *call = calls; call; call = call->next) {
		if (!call->request || call->request->api != api)
			continue;
		if (all)
			settle(call, MHD_HTTP_SERVICE_UNAVAILABLE, NULL);
		else if (call->deadline <= now)
			settle(call, MHD_HTTP_GATEWAY_TIMEOUT, NULL);
	}
	pthread_mutex_unlock(&lock);
}

void zpm_api_answer(struct zpm_api_call *call, unsigned status, const char *json)
{
	pthread_mutex_lock(&lock);
	settle(call, status, json ? json : "{}");
	call->owed = false;
	free_if_done(call);
	pthread_mutex_unlock(&lock);
}
