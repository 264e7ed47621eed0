/* Time in nanoseconds. */
#ifndef ZPM_BASE_CLOCK_H
#define ZPM_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define ZPM_MS 1000000LL
#define ZPM_S  1000000000LL

/* Only goes forward: for durations and deadlines. */
int64_t zpm_clock_now(void);
/* Since 1970, as the machine has it: to be told to others, who have clocks of their own. */
int64_t zpm_clock_wall(void);
/* Only goes forward, also while the machine sleeps: for what others measure too. */
int64_t zpm_clock_up(void);

/* A time of zpm_clock_wall() as "2026-03-01T12:00:00Z". */
#define ZPM_TIME_SIZE 32
void zpm_time_text(int64_t wall, char text[ZPM_TIME_SIZE]);

/* The way back, also from a day alone, as its first moment; false when the text is neither. */
bool zpm_time_parse(const char *text, int64_t *wall);

double zpm_clock_seconds_since(int64_t start);

/* How long to wait before try number `attempt` (0 is the first retry): doubling
 * from `first` up to `most`, with up to a quarter taken off at random so that
 * many waiters spread out. */
int64_t zpm_backoff(unsigned attempt, int64_t first, int64_t most);

#endif
