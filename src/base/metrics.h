/*
 * What the process as a whole has done so far: counters that any thread adds to, for GET /metrics. Where
 * nobody asks they cost an addition.
 */
#ifndef ZPM_BASE_METRICS_H
#define ZPM_BASE_METRICS_H

#include "base/buf.h"

#include <stdint.h>

enum zpm_metric {
	ZPM_METRIC_ENGINE_CALLS,
	ZPM_METRIC_ENGINE_FAILURES,
	ZPM_METRIC_MONGO_CALLS,
	ZPM_METRIC_MONGO_FAILURES,
	ZPM_METRIC_STEPS,
	ZPM_METRIC_STEP_FAILURES,
	ZPM_METRIC_APPLIES,
	ZPM_METRIC_DRIFT,
	ZPM_METRIC_COUNT,
};

/* How long something took, as a histogram. */
enum zpm_timing {
	ZPM_TIMING_ENGINE_CALL,
	ZPM_TIMING_MONGO_CALL,
	ZPM_TIMING_STEP,
	ZPM_TIMING_APPLY,
	ZPM_TIMING_LOOK,
	ZPM_TIMING_COUNT,
};

void zpm_metric_add(enum zpm_metric metric, uint64_t n);

/* `took` in nanoseconds. */
void zpm_timing_add(enum zpm_timing timing, int64_t took);

/* Adds all of them as text, in Prometheus' format 0.0.4:
 * https://prometheus.io/docs/instrumenting/exposition_formats/ */
void zpm_metrics_print(struct zpm_buf *out);

#endif
