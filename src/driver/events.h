/*
 * What the Engine tells of changes, as they happen: that there was one, not which. A thread of its own
 * listens, and connects again when the Engine was away. Facts: "Monitor events" in Docker's API
 * description v1.41; a manager tells of all of the Swarm.
 */
#ifndef ZPM_DRIVER_EVENTS_H
#define ZPM_DRIVER_EVENTS_H

#include "driver/driver.h"

struct zpm_events;

/* Begins to listen; talks to nobody before it returns. The caller frees. */
int zpm_events_new(const struct zpm_access *access, struct zpm_events **out, struct zpm_err *err);

/* Returns within a second or so, when the Engine is silent at that moment. */
void zpm_events_free(struct zpm_events *events);

/* Readable when something has changed, or may have while nobody could listen; reading is the caller's (an
 * eventfd). Leases (record.h) do not count. */
int zpm_events_fd(const struct zpm_events *events);

#endif
