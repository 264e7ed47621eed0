#include "engine/wait.h"

#include "base/clock.h"

#include <stdio.h>
#include <time.h>

/* Long enough to be no burden for whom is asked, short beside anything that is waited for. */
#define MOMENT (100 * ZPM_MS)

void zpm_wait_begin(struct zpm_wait *wait, struct zpm_applier *applier, struct zpm_run *run)
{
	*wait = (struct zpm_wait){ .applier = applier, .run = run, .since = zpm_clock_now() };
}

void zpm_wait_progress(struct zpm_wait *wait)
{
	wait->since = zpm_clock_now();
}

void zpm_wait_tell(const struct zpm_wait *wait, const char *what)
{
	pthread_mutex_lock(&wait->applier->lock);
	snprintf(wait->run->verdict.why, sizeof(wait->run->verdict.why), "%.250s", what);
	pthread_mutex_unlock(&wait->applier->lock);
}

int zpm_wait_for(struct zpm_wait *wait, int64_t patience, const char *why, struct zpm_err *err)
{
	const struct zpm_apply_options *options = wait->applier->options;
	int64_t now = zpm_clock_now();

	if (options->interrupts && *options->interrupts)
		return zpm_err_set(err, ZPM_ECANCELED, "interrupted; the next apply goes on: %.400s", why);
	wait->given_up = options->no_wait;
	if (wait->given_up)
		return 0;
	if (now >= wait->applier->deadline)
		return zpm_err_set(err, ZPM_EFAILED, "not converged in time: %.400s", why);
	if (now - wait->since >= patience)
		return zpm_err_set(err, ZPM_EFAILED, "%s", why);
	zpm_wait_tell(wait, why);
	nanosleep(&(struct timespec){ .tv_nsec = MOMENT }, NULL);
	return 0;
}
