/* Raw mode, and the way back from it. */
#include "cli/terminal.h"

#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static bool is_raw;
static atomic_int ends, resizes;

static void on_end(int number)
{
	(void)number;
	atomic_fetch_add(&ends, 1);
}

static void on_resize(int number)
{
	(void)number;
	resizes = 1;
}

const atomic_int *zpm_terminal_raw(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction end = { .sa_handler = on_end }, resize = { .sa_handler = on_resize };
	struct termios raw;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &end, NULL);
	sigaction(SIGWINCH, &resize, NULL);
	resizes = 1;
	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return &ends;
	raw = before;
	cfmakeraw(&raw);
	is_raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
	return &ends;
}

void zpm_terminal_restore(void)
{
	if (is_raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
	is_raw = false;
}

bool zpm_terminal_resized(unsigned *rows, unsigned *columns)
{
	struct winsize size;

	if (!resizes || ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0)
		return false;
	resizes = 0;
	*rows = size.ws_row;
	*columns = size.ws_col;
	return size.ws_row && size.ws_col;
}
