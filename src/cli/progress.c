/*
 * On a terminal: a bar with the time, and a line for each object in flight,
 * redrawn in place. Elsewhere: one line when an object is told to change, one
 * when that is over, and what it waits for now and then in between.
 */
#include "cli/progress.h"

#include "base/clock.h"
#include "cli/render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BAR_WIDTH 30
/* How often who has no terminal reads what is waited for: shards drain for hours. */
#define STILL_EVERY (10 * ZPM_S)

/* What was told of a step last, and when. */
struct told {
	enum zpm_step_state state;
	int64_t at;
};

struct zpm_progress {
	bool live, colour;
	const atomic_int *interrupts;
	int answered; /* so many of them */
	int64_t start;
	size_t drawn;      /* lines below which the cursor is */
	struct told *told; /* of each step */
};

struct zpm_progress *zpm_progress_new(bool live, bool colour, const atomic_int *interrupts)
{
	struct zpm_progress *progress = zpm_alloc(sizeof(*progress));

	progress->live = live;
	progress->colour = colour;
	progress->interrupts = interrupts;
	progress->start = zpm_clock_now();
	return progress;
}

static bool counts(const struct zpm_run *run)
{
	return run->step->op != ZPM_OP_GATE && run->step->op != ZPM_OP_VERIFY &&
	       run->step->op != ZPM_OP_RELEASE;
}

/* What is awaited, `run->want`, is the worker's while it writes. */
static const char *verb(const struct zpm_run *run)
{
	const struct zpm_change *change = run->step->change;

	if (run->step->op == ZPM_OP_UPDATE && change->edit)
		return zpm_edit_names[change->edit->op];
	if (change && change->want && change->want->kind->id == ZPM_KIND_SETUP)
		return "run";
	switch (run->step->op) {
	case ZPM_OP_CREATE:
		return "create";
	case ZPM_OP_UPDATE:
		return "update";
	case ZPM_OP_REMOVE:
		return "remove";
	default:
		return "await";
	}
}

static double seconds_of(const struct zpm_run *run)
{
	return (double)((run->ended ? run->ended : zpm_clock_now()) - run->started) / ZPM_S;
}

/* Each line stands out from those of zpm. */
static void add_output(const char *output, struct zpm_buf *out)
{
	for (size_t len; output && *output; output += len + (output[len] == '\n')) {
		len = strcspn(output, "\n");
		zpm_buf_printf(out, "    | %.*s\n", (int)len, output);
	}
}

/* The line that tells of a change of state; nothing for states that nobody waits for. */
static void add_event(const struct zpm_progress *progress, const struct zpm_run *run, struct zpm_buf *out)
{
	const char *none = zpm_colour(progress->colour, ZPM_COLOUR_NONE);

	switch (run->state) {
	case ZPM_STEP_WRITING:
	case ZPM_STEP_AWAITING:
		if (!progress->live)
			zpm_buf_printf(out, "%s %s\n", verb(run), run->step->label);
		break;
	case ZPM_STEP_DONE:
		zpm_buf_printf(out, "%sdone%s    %s (%.1f s)\n",
			zpm_colour(progress->colour, ZPM_COLOUR_GREEN), none, run->step->label,
			seconds_of(run));
		break;
	case ZPM_STEP_FAILED:
		zpm_buf_printf(out, "%sfailed%s  %s: %s\n", zpm_colour(progress->colour, ZPM_COLOUR_RED),
			none, run->step->label, run->why);
		add_output(run->output, out);
		break;
	default:
		break;
	}
}

/* Writing and awaiting are one thing to the reader. */
static bool is_news(enum zpm_step_state before, enum zpm_step_state now)
{
	return before != now && !(before == ZPM_STEP_WRITING && now == ZPM_STEP_AWAITING);
}

static bool is_flying(const struct zpm_run *run)
{
	return run->state == ZPM_STEP_WRITING || run->state == ZPM_STEP_AWAITING;
}

static void add_still(struct told *told, const struct zpm_run *run, struct zpm_buf *out)
{
	int64_t now = zpm_clock_now();

	if (!is_flying(run) || !run->verdict.why[0] || now - told->at < STILL_EVERY)
		return;
	told->at = now;
	zpm_buf_printf(out, "still   %s (%.0f s): %s\n", run->step->label, seconds_of(run), run->verdict.why);
}

static void add_events(struct zpm_progress *progress, const struct zpm_runs *runs, struct zpm_buf *out)
{
	if (!progress->told)
		progress->told = zpm_alloc(runs->n * sizeof(*progress->told));
	for (size_t i = 0; i < runs->n; i++) {
		const struct zpm_run *run = &runs->v[i];
		struct told *told = &progress->told[i];

		if (!counts(run))
			continue;
		if (is_news(told->state, run->state)) {
			add_event(progress, run, out);
			told->at = zpm_clock_now();
		} else if (!progress->live) {
			add_still(told, run, out);
		}
		told->state = run->state;
	}
}

static struct winsize window(void)
{
	struct winsize size = { 0 };

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col)
		size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	return size;
}

/* One line, cut to the window: a wrapped one would spoil the way back up. */
static void add_line(struct zpm_progress *progress, const char *text, unsigned columns, struct zpm_buf *out)
{
	size_t bytes = 0;

	for (unsigned used = 0; text[bytes] && used < columns - 1; bytes++)
		used += ((unsigned char)text[bytes + 1] & 0xc0) != 0x80;
	zpm_buf_add(out, text, bytes);
	zpm_buf_puts(out, "\033[K\n");
	progress->drawn++;
}

static void add_bar(
	struct zpm_progress *progress, const struct zpm_runs *runs, unsigned columns, struct zpm_buf *out)
{
	size_t all = 0, over = 0, filled;
	ZPM_BUF line = { 0 };

	for (size_t i = 0; i < runs->n; i++) {
		all += counts(&runs->v[i]);
		over += counts(&runs->v[i]) && runs->v[i].state >= ZPM_STEP_DONE;
	}
	filled = all ? over * BAR_WIDTH / all : BAR_WIDTH;
	zpm_buf_puts(&line, "[");
	for (size_t i = 0; i < BAR_WIDTH; i++)
		zpm_buf_puts(&line, i < filled ? "█" : "·");
	zpm_buf_printf(&line, "] %zu/%zu  %.0f s", over, all, zpm_clock_seconds_since(progress->start));
	add_line(progress, line.data, columns, out);
}

static void add_flying(struct zpm_progress *progress, const struct zpm_runs *runs, const struct winsize *size,
	struct zpm_buf *out)
{
	size_t room = size->ws_row > 4 ? size->ws_row - 4 : 1, left_out = 0;
	ZPM_BUF line = { 0 };

	for (size_t i = 0; i < runs->n; i++) {
		const struct zpm_run *run = &runs->v[i];

		if (!is_flying(run))
			continue;
		if (progress->drawn > room) {
			left_out++;
			continue;
		}
		zpm_buf_clear(&line);
		zpm_buf_printf(&line, "  %-6s %s  %.0f s  %s", verb(run), run->step->label, seconds_of(run),
			run->verdict.why);
		add_line(progress, line.data, size->ws_col, out);
	}
	if (left_out) {
		zpm_buf_clear(&line);
		zpm_buf_printf(&line, "  and %zu more", left_out);
		add_line(progress, line.data, size->ws_col, out);
	}
}

static void answer_interrupts(struct zpm_progress *progress, struct zpm_buf *out)
{
	int interrupts = *progress->interrupts;

	if (interrupts >= 1 && progress->answered < 1)
		zpm_buf_puts(out,
			"zpm: interrupted: no more steps are started, those in flight end; again to "
			"stop waiting\n");
	if (interrupts >= 2 && progress->answered < 2)
		zpm_buf_puts(out, "zpm: interrupted again: nothing is waited for\n");
	progress->answered = interrupts;
}

static void erase(struct zpm_progress *progress, struct zpm_buf *out)
{
	if (progress->drawn)
		zpm_buf_printf(out, "\033[%zuA\033[J", progress->drawn);
	progress->drawn = 0;
}

void zpm_progress_show(void *context, const struct zpm_runs *runs)
{
	struct zpm_progress *progress = context;
	struct winsize size = window();
	ZPM_BUF out = { 0 };

	if (progress->live)
		erase(progress, &out);
	answer_interrupts(progress, &out);
	add_events(progress, runs, &out);
	if (progress->live) {
		add_bar(progress, runs, size.ws_col, &out);
		add_flying(progress, runs, &size, &out);
	}
	if (out.len)
		fwrite(out.data, 1, out.len, stderr);
}

void zpm_progress_free(struct zpm_progress *progress)
{
	ZPM_BUF out = { 0 };

	if (!progress)
		return;
	erase(progress, &out);
	if (out.len)
		fwrite(out.data, 1, out.len, stderr);
	free(progress->told);
	free(progress);
}
