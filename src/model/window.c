/* See window.h. The rule has seen to the form. */
#include "model/window.h"

#include <stdio.h>
#include <string.h>

#define DAYS   7
#define MINUTE 1
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

#define A_DAY  "(sun|mon|tue|wed|thu|fri|sat)"
#define A_TIME "([01][0-9]|2[0-3]):[0-5][0-9]"

const struct zpm_rule zpm_rule_window = {
	.expected = "days and times, like 'mon-fri 22:00-04:00', 'sun 02:00-06:00' or '02:00-05:00'",
	.pattern = "^(" A_DAY "(-" A_DAY ")? )?" A_TIME "-" A_TIME "$",
};

static const char *const days[DAYS] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

/* In minutes from the beginning of a day. */
struct window {
	bool on[DAYS]; /* the days it begins on */
	int from, to;  /* `to` may be in the next day */
};

static int day_of(const char *text)
{
	for (int i = 0; i < DAYS; i++)
		if (!strncmp(text, days[i], 3))
			return i;
	return 0;
}

static void read_days(const char *text, struct window *window)
{
	int first = day_of(text), last = text[3] == '-' ? day_of(text + 4) : first;

	for (int day = first;; day = (day + 1) % DAYS) {
		window->on[day] = true;
		if (day == last)
			return;
	}
}

static int minutes(const char *text)
{
	return ((text[0] - '0') * 10 + text[1] - '0') * HOUR + (text[3] - '0') * 10 + text[4] - '0';
}

static struct window parse(const char *text)
{
	const char *times = strchr(text, ' ');
	struct window window = { .on = { !times, !times, !times, !times, !times, !times, !times } };

	if (times)
		read_days(text, &window);
	times = times ? times + 1 : text;
	window.from = minutes(times);
	window.to = minutes(times + strlen("22:00-"));
	if (window.to <= window.from)
		window.to += DAY;
	return window;
}

static bool is_open(const struct window *window, const struct tm *local)
{
	int now = local->tm_hour * HOUR + local->tm_min, yesterday = (local->tm_wday + DAYS - 1) % DAYS;

	return (window->on[local->tm_wday] && now >= window->from && now < window->to) ||
	       (window->on[yesterday] && now + DAY < window->to);
}

bool zpm_windows_open(const struct zpm_strs *windows, const struct tm *local)
{
	for (size_t i = 0; i < windows->n; i++) {
		const struct window window = parse(windows->v[i]);

		if (is_open(&window, local))
			return true;
	}
	return !windows->n;
}
