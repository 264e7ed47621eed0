/* What GET /metrics says of the platform, beside what the process and the API count by themselves. */
#include "base/metrics.h"
#include "cli/render.h"
#include "cli/run_api_parts.h"

#include <stdlib.h>

static void print_head(struct zpm_buf *out, const char *name, const char *help)
{
	zpm_buf_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void print_gauge(struct zpm_buf *out, const char *name, const char *help, long long value)
{
	print_head(out, name, help);
	zpm_buf_printf(out, "%s %lld\n", name, value);
}

static void print_states(struct zpm_buf *out, const struct zpm_ptrs *statuses)
{
	size_t counts[ZPM_STATE_COUNT] = { 0 };

	for (size_t i = 0; i < statuses->n; i++)
		counts[((const struct zpm_status *)statuses->v[i])->state]++;
	print_head(out, "zpm_objects", "Objects of the platform, by what they are like.");
	for (int i = 0; i < ZPM_STATE_COUNT; i++)
		zpm_buf_printf(out, "zpm_objects{state=\"%s\"} %zu\n", zpm_state_names[i], counts[i]);
}

void zpm_run_note_gauges(struct zpm_run_api *run, const struct zpm_loop_look *look)
{
	struct zpm_buf out = { 0 };
	char *old;

	print_states(&out, look->statuses);
	print_gauge(&out, "zpm_converged", "Is all as declared, and does it run?",
		zpm_statuses_converged(look->statuses));
	print_gauge(
		&out, "zpm_plan_changes", "Changes that are due.", (long long)look->session->plan->changes.n);
	print_gauge(&out, "zpm_leader", "Is the lease this one's?", look->lease.ours);
	print_gauge(&out, "zpm_lease_term", "How often the lease has changed hands.", look->lease.term);
	print_gauge(&out, "zpm_paused", "Has somebody paused the platform?", look->paused != NULL);
	print_gauge(&out, "zpm_manifest_mistakes", "Mistakes of a manifest that is not in force for them.",
		look->mistakes ? (long long)look->mistakes->list.n : 0);
	pthread_mutex_lock(&run->lock);
	old = run->gauges;
	run->gauges = out.data;
	pthread_mutex_unlock(&run->lock);
	free(old);
}

void zpm_run_count_event(struct zpm_run_api *run, enum zpm_loop_event event)
{
	pthread_mutex_lock(&run->lock);
	run->events[event]++;
	pthread_mutex_unlock(&run->lock);
	/* What is put in force, and what becomes of it, is in the history soon. */
	if (event != ZPM_LOOP_DRIFT && event != ZPM_LOOP_TROUBLE)
		run->history_due = 0;
}

void zpm_run_metrics(void *ctx, struct zpm_buf *out)
{
	struct zpm_run_api *run = ctx;

	pthread_mutex_lock(&run->lock);
	if (run->gauges)
		zpm_buf_puts(out, run->gauges);
	zpm_buf_puts(
		out, "# HELP zpm_events_total What zpm run has told of.\n# TYPE zpm_events_total counter\n");
	for (int i = 0; i < ZPM_LOOP_EVENT_COUNT; i++)
		zpm_buf_printf(out, "zpm_events_total{event=\"%s\"} %llu\n", zpm_loop_event_names[i],
			run->events[i]);
	pthread_mutex_unlock(&run->lock);
	zpm_metrics_print(out);
}
