/*
 * Who may change a platform: a lease kept in the Swarm (driver/record.h), so that of several zpm on
 * several hosts one acts and the others look on.
 *
 * The holder renews it; nobody else writes it then. Whoever sees it unchanged for as long as it lasts, by
 * its own clock, takes it, with a higher term: clocks of hosts need not agree. Two who take it at once
 * have the Swarm's version index between them. A holder that cannot renew stops writing before others
 * may begin: zpm_lease_guard() tells by the clock alone, also of a process that was stopped meanwhile.
 *
 * A thread of its own keeps it. All calls but new and free return at once, from any thread.
 */
#ifndef ZPM_ENGINE_LEASE_H
#define ZPM_ENGINE_LEASE_H

#include "base/guard.h"
#include "driver/record.h"

#include <stdbool.h>

#define ZPM_LABEL_LEASE "zpm.lease"

#define ZPM_LEASE_HOLDER_SIZE 128

struct zpm_lease;

/* As last seen. */
struct zpm_lease_view {
	bool ours;
	char holder[ZPM_LEASE_HOLDER_SIZE]; /* ""; nobody, or not known yet */
	int64_t term;                       /* grows whenever another one takes it */
	struct zpm_err trouble;             /* why it could not be seen or renewed; code 0: it could */
};

struct zpm_lease_options {
	const struct zpm_access *access;
	const char *platform;
	const char *holder; /* what others are told: host, and who there */
	int64_t duration;   /* nanoseconds; others wait so long for a holder that is silent */
};

/*
 * Does somebody hold it who seems to be alive? Says who, in the arena, or NULL. Seems so: by the wall clock,
 * as there is no time to wait and see.
 */
int zpm_lease_ask(struct zpm_records *records, const char *platform, struct zpm_arena *arena,
	const char **holder, struct zpm_err *err);

/* Connects, and begins to try for it. ZPM_EUNAVAIL, ZPM_EFAILED: as connecting to an Engine. */
int zpm_lease_new(const struct zpm_lease_options *options, struct zpm_lease **out, struct zpm_err *err);

/* Lets go of it, so that another one can take it at once. Blocks for a call to the Engine. */
void zpm_lease_free(struct zpm_lease *lease);

/* Readable when the view may have become another one; reading is the caller's (an eventfd). */
int zpm_lease_fd(const struct zpm_lease *lease);

struct zpm_lease_view zpm_lease_view(struct zpm_lease *lease);

/* Is it ours for certain, right now? */
bool zpm_lease_holds(const struct zpm_lease *lease);

/* May be asked before each write; `ctx` is the lease. ZPM_EREFUSED: it is somebody else's by now. */
int zpm_lease_guard(void *ctx, struct zpm_err *err);

#endif
