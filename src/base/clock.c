/* The monotonic clock, and the one backoff of the program. */
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * ZPM_S + now.tv_nsec;
}

int64_t zpm_clock_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t zpm_clock_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t zpm_clock_up(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

void zpm_time_text(int64_t wall, char text[ZPM_TIME_SIZE])
{
	time_t seconds = (time_t)(wall / ZPM_S);
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(text, ZPM_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

bool zpm_time_parse(const char *text, int64_t *wall)
{
	char same[ZPM_TIME_SIZE], day[] = "0000-00-00";
	struct tm utc = { 0 };
	const char *end = strptime(text, "%Y-%m-%d", &utc);

	if (end && *end)
		end = strptime(end, "T%H:%M:%SZ", &utc);
	if (!end || *end)
		return false;
	*wall = (int64_t)timegm(&utc) * ZPM_S;
	/* There is no 30 February, and no month 1 but 01. */
	zpm_time_text(*wall, same);
	return !strcmp(text, same) || (strlen(text) == strlen(day) && !strncmp(text, same, strlen(day)));
}

double zpm_clock_seconds_since(int64_t start)
{
	return (double)(zpm_clock_now() - start) / ZPM_S;
}

int64_t zpm_backoff(unsigned attempt, int64_t first, int64_t most)
{
	int64_t wait = first;

	while (attempt-- && wait < most)
		wait *= 2;
	if (wait > most)
		wait = most;
	return wait - wait / 4 * (random() % 1024) / 1024;
}
