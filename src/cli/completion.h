/* What a shell offers for a command line that is being typed. */
#ifndef ZPM_CLI_COMPLETION_H
#define ZPM_CLI_COMPLETION_H

#include "cli/cli.h"

/* The command that the scripts for shells call; in no help, as it is for nobody else. */
#define ZPM_COMPLETE "__complete"

/* The shells that have a script; ends with NULL. */
extern const char *const zpm_shells[];

/*
 * Prints what may stand in the place of the last word, which may be empty: a line for each candidate, with a
 * tab and what it means behind; ":files" is any file. Behind "--NAME=" it is the value alone. Reads the
 * manifest where it has the answer, asks no Engine, and says nothing of mistakes.
 */
enum zpm_exit zpm_complete(int n, char **words);

#endif
