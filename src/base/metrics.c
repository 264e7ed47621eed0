/* Two tables, and atomics for each of their rows. */
#include "base/metrics.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdatomic.h>

struct name {
	const char *name, *help;
};

static const struct name metrics[ZPM_METRIC_COUNT] = {
	[ZPM_METRIC_ENGINE_CALLS] = { "zpm_engine_calls_total", "Requests to Docker Engines." },
	[ZPM_METRIC_ENGINE_FAILURES] = { "zpm_engine_call_failures_total", "Of these, how many failed." },
	[ZPM_METRIC_MONGO_CALLS] = { "zpm_mongo_calls_total", "Commands to MongoDB servers." },
	[ZPM_METRIC_MONGO_FAILURES] = { "zpm_mongo_call_failures_total", "Of these, how many failed." },
	[ZPM_METRIC_STEPS] = { "zpm_steps_total", "Steps of plans that were carried out." },
	[ZPM_METRIC_STEP_FAILURES] = { "zpm_step_failures_total", "Of these, how many failed." },
	[ZPM_METRIC_APPLIES] = { "zpm_applies_total", "Plans that were applied." },
	[ZPM_METRIC_DRIFT] = { "zpm_drift_total", "Objects that somebody else changed or removed." },
};

static const struct name timings[ZPM_TIMING_COUNT] = {
	[ZPM_TIMING_ENGINE_CALL] = { "zpm_engine_call_seconds", "What a request to a Docker Engine took." },
	[ZPM_TIMING_MONGO_CALL] = { "zpm_mongo_call_seconds", "What a command to a MongoDB server took." },
	[ZPM_TIMING_STEP] = { "zpm_step_seconds", "What a step took, with the wait until it runs." },
	[ZPM_TIMING_APPLY] = { "zpm_apply_seconds", "What applying a plan took." },
	[ZPM_TIMING_LOOK] = { "zpm_look_seconds", "What looking and planning took." },
};

/* Upper bounds. */
static const struct {
	const char *text;
	int64_t most;
} steps[] = {
	{ "0.001", ZPM_MS },
	{ "0.005", 5 * ZPM_MS },
	{ "0.025", 25 * ZPM_MS },
	{ "0.1", 100 * ZPM_MS },
	{ "0.5", 500 * ZPM_MS },
	{ "1", ZPM_S },
	{ "5", 5 * ZPM_S },
	{ "30", 30 * ZPM_S },
	{ "120", 120 * ZPM_S },
	{ "600", 600 * ZPM_S },
	{ "+Inf", INT64_MAX },
};

static atomic_ullong counts[ZPM_METRIC_COUNT];

static struct {
	atomic_ullong steps[ZPM_COUNT(steps)];
	atomic_llong total;
} times[ZPM_TIMING_COUNT];

void zpm_metric_add(enum zpm_metric metric, uint64_t n)
{
	atomic_fetch_add_explicit(&counts[metric], n, memory_order_relaxed);
}

void zpm_timing_add(enum zpm_timing timing, int64_t took)
{
	size_t step = 0;

	while (took > steps[step].most)
		step++;
	atomic_fetch_add_explicit(&times[timing].steps[step], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&times[timing].total, took, memory_order_relaxed);
}

static void print_head(struct zpm_buf *out, const struct name *name, const char *type)
{
	zpm_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name->name, name->help, name->name, type);
}

static void print_timing(struct zpm_buf *out, enum zpm_timing timing)
{
	const char *name = timings[timing].name;
	unsigned long long so_far = 0;

	print_head(out, &timings[timing], "histogram");
	for (size_t i = 0; i < ZPM_COUNT(steps); i++) {
		so_far += atomic_load_explicit(&times[timing].steps[i], memory_order_relaxed);
		zpm_buf_printf(out, "%s_bucket{le=\"%s\"} %llu\n", name, steps[i].text, so_far);
	}
	zpm_buf_printf(out, "%s_sum %.6f\n%s_count %llu\n", name,
		(double)atomic_load_explicit(&times[timing].total, memory_order_relaxed) / ZPM_S, name,
		so_far);
}

void zpm_metrics_print(struct zpm_buf *out)
{
	for (int i = 0; i < ZPM_METRIC_COUNT; i++) {
		print_head(out, &metrics[i], "counter");
		zpm_buf_printf(out, "%s %llu\n", metrics[i].name,
			atomic_load_explicit(&counts[i], memory_order_relaxed));
	}
	for (int i = 0; i < ZPM_TIMING_COUNT; i++)
		print_timing(out, (enum zpm_timing)i);
}
