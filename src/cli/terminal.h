/* The terminal zpm runs in, lent to a program somewhere else. */
#ifndef ZPM_CLI_TERMINAL_H
#define ZPM_CLI_TERMINAL_H

#include <stdatomic.h>
#include <stdbool.h>

/*
 * Standard input without echo, lines and signals of its own: every key goes to
 * the program. Whatever ends zpm from now on, but for SIGKILL, is counted
 * instead, so that zpm_terminal_restore() is reached. Changes of the window's size are noticed.
 */
const atomic_int *zpm_terminal_raw(void);

/* As it was before. Does nothing when it is so already. */
void zpm_terminal_restore(void);

/* The size of the window; false when it has not changed since the last call. */
bool zpm_terminal_resized(unsigned *rows, unsigned *columns);

#endif
