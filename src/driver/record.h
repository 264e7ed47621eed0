/*
 * What zpm itself has to remember, kept in the Swarm as configs: who leads, and what was applied. They
 * are no objects of a platform: another label says whose they are, so that no plan sees them.
 *
 * Has a connection of its own, so that no guard of a world and no counting of its writes concerns it.
 * Thread-safe after opening. All calls block on the Engine, at most for the client's time-out.
 */
#ifndef ZPM_DRIVER_RECORD_H
#define ZPM_DRIVER_RECORD_H

#include "base/list.h"
#include "driver/driver.h"

struct zpm_records;

struct zpm_record {
	const char *id, *name;
	uint64_t version; /* any change of it gives it another one */
	struct zpm_pairs labels;
	const char *data; /* `len` bytes, and a NUL behind them; what a config holds never changes */
	size_t len;
};

/* What all their names begin with, and the kind that changes all the time. */
#define ZPM_RECORD_PREFIX "zpm-record-"
#define ZPM_RECORD_LEASE  "lease"

/* On every record: the platform's name. */
#define ZPM_LABEL_RECORD "zpm.record"

/* The most one can hold: Swarm's limit for configs is a little above. */
#define ZPM_RECORD_MAX ((size_t)990 * 1024)

/* Connects; the Engine has to be a Swarm manager. The caller closes. */
int zpm_records_open(const struct zpm_access *access, struct zpm_records **out, struct zpm_err *err);
void zpm_records_close(struct zpm_records *records);

/* By the connection of a world, which has to outlive them; closed all the same. Writes count as the world's.
 */
struct zpm_records *zpm_records_of(const struct zpm_world *world);

/* A name within Swarm's limits for what is said, the same for the same; in the arena. */
const char *zpm_record_name(const char *kind, const char *rest, struct zpm_arena *arena);

/* Adds a struct zpm_record for each with the label, in no order. */
int zpm_records_list(struct zpm_records *records, const char *label, const char *value,
	struct zpm_arena *arena, struct zpm_ptrs *list, struct zpm_err *err);

/* `data` may not be empty. ZPM_ECONFLICT: there is one of that name. */
int zpm_record_create(struct zpm_records *records, const struct zpm_record *record, struct zpm_err *err);

/* Gives it other labels. ZPM_ECONFLICT: somebody changed it since it was read; ZPM_ENOTFOUND: it is gone. */
int zpm_record_relabel(struct zpm_records *records, const struct zpm_record *record,
	const struct zpm_pairs *labels, struct zpm_err *err);

/* What is gone already counts as removed. */
int zpm_record_remove(struct zpm_records *records, const char *id, struct zpm_err *err);

/* Removes all that there are of a platform. */
int zpm_records_forget(struct zpm_records *records, const char *platform, struct zpm_err *err);

#endif
