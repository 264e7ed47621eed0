/* What clients of the API ask of the loop: queued by the API's threads, carried out and answered by the
 * loop's. */
#include "base/clock.h"
#include "cli/run_api_parts.h"
#include "model/hold.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *copy(const char *text)
{
	return text ? zpm_strdup(text) : NULL;
}

static void order_free(struct zpm_run_order *order)
{
	free(order->service);
	free(order->reason);
	free(order->by);
	free(order);
}

void zpm_run_orders_take(void *ctx, const struct zpm_api_command *command, struct zpm_api_call *call)
{
	struct zpm_run_api *run = ctx;
	struct zpm_run_order *order, **last;

	/* As a signal does it: what is being applied goes on until there is really something new. */
	if (command->op == ZPM_API_WEBHOOK) {
		(void)!write(run->poke, "h", 1);
		zpm_api_answer(call, 202, "{\"status\":\"looking\"}");
		return;
	}
	order = zpm_alloc(sizeof(*order));
	order->call = call;
	order->op = command->op;
	order->service = copy(command->service);
	order->reason = copy(command->reason);
	order->by = copy(command->by);
	order->revision = command->revision;
	pthread_mutex_lock(&run->lock);
	for (last = &run->orders; *last; last = &(*last)->next)
		;
	*last = order;
	pthread_mutex_unlock(&run->lock);
	/* A pipe that is full wakes the loop all the same. */
	(void)!write(run->poke, "c", 1);
}

static struct zpm_run_order *take_all(struct zpm_run_api *run)
{
	struct zpm_run_order *orders;

	pthread_mutex_lock(&run->lock);
	orders = run->orders;
	run->orders = NULL;
	pthread_mutex_unlock(&run->lock);
	return orders;
}

/* What each leaves behind when it went well. */
static const char *const done[ZPM_API_OP_COUNT] = {
	[ZPM_API_START] = "starting",
	[ZPM_API_STOP] = "stopping",
	[ZPM_API_APPLY] = "applying",
	[ZPM_API_PAUSE] = "paused",
	[ZPM_API_RESUME] = "resumed",
	[ZPM_API_ROLLBACK] = "rolling back",
};

static int operate(const struct zpm_run_order *order, struct zpm_loop *loop, struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	char since[ZPM_TIME_SIZE];
	const struct zpm_hold hold = { .since = since, .by = order->by, .reason = order->reason };
	struct zpm_request request = { .op = order->op == ZPM_API_STOP ? ZPM_EDIT_STOP : ZPM_EDIT_START };
	int result;

	zpm_time_text(zpm_clock_wall(), since);
	zpm_strs_push(arena, &request.services, order->service);
	if (order->op == ZPM_API_STOP)
		request.hold = zpm_hold_write(&hold, arena);
	result = zpm_loop_operate(loop, &request, err);
	zpm_arena_free(arena);
	return result;
}

static int carry_out(const struct zpm_run_order *order, struct zpm_loop *loop, struct zpm_err *err)
{
	switch (order->op) {
	case ZPM_API_START:
	case ZPM_API_STOP:
		return operate(order, loop, err);
	case ZPM_API_APPLY:
		return zpm_loop_apply_now(loop, err);
	case ZPM_API_PAUSE:
		return zpm_loop_pause(loop, order->by, order->reason, err);
	case ZPM_API_RESUME:
		return zpm_loop_resume(loop, err);
	case ZPM_API_ROLLBACK:
		return zpm_loop_rollback(loop, order->revision, order->by, err);
	default:
		return zpm_err_set(err, ZPM_EINVALID, "nobody knows how to do that");
	}
}

static unsigned http_status(enum zpm_code code)
{
	switch (code) {
	case ZPM_EINVALID:
	case ZPM_ENOTFOUND:
		return 404;
	case ZPM_EREFUSED:
	case ZPM_ECONFLICT:
		return 409;
	case ZPM_EUNAVAIL:
		return 503;
	default:
		return 500;
	}
}

static const char *code_name(unsigned status)
{
	return status == 404   ? "not_found"
	       : status == 409 ? "conflict"
	       : status == 503 ? "unavailable"
			       : "failed";
}

static void add_text(json_object *json, const char *key, const char *text)
{
	json_object_object_add(json, key, json_object_new_string(text));
}

static json_object *details_json(const struct zpm_run_order *order)
{
	json_object *json = json_object_new_object();

	if (order->service)
		add_text(json, "serviceName", order->service);
	if (order->reason)
		add_text(json, "reason", order->reason);
	if (order->op == ZPM_API_ROLLBACK)
		json_object_object_add(json, "revision", json_object_new_int64(order->revision));
	add_text(json, "by", order->by);
	return json;
}

static void answer(const struct zpm_run_order *order, int result, const struct zpm_err *err)
{
	json_object *json = json_object_new_object(), *error;
	unsigned status = 202;

	if (!result) {
		add_text(json, "status", done[order->op]);
		json_object_object_add(json, "details", details_json(order));
	} else {
		status = http_status(err->code);
		error = json_object_new_object();
		add_text(error, "code", code_name(status));
		add_text(error, "message", err->msg);
		json_object_object_add(json, "error", error);
	}
	zpm_api_answer(order->call, status, json_object_to_json_string_ext(json, ZPM_RUN_JSON));
	json_object_put(json);
}

void zpm_run_orders_drop(struct zpm_run_api *run)
{
	struct zpm_run_order *order = take_all(run), *next;

	for (; order; order = next) {
		const struct zpm_err err = { ZPM_EUNAVAIL, "zpm run is about to end" };

		next = order->next;
		answer(order, -1, &err);
		order_free(order);
	}
}

void zpm_run_api_asked(struct zpm_run_api *run, struct zpm_loop *loop)
{
	struct zpm_run_order *order = take_all(run), *next;

	for (; order; order = next) {
		struct zpm_err err = { 0 };

		next = order->next;
		answer(order, carry_out(order, loop, &err), &err);
		order_free(order);
	}
}
