/* The table of options, for the parser and for what is told of it. */
#ifndef ZPM_CLI_OPTIONS_H
#define ZPM_CLI_OPTIONS_H

#include "cli/cli.h"

struct zpm_option {
	int letter; /* what commands list in `takes`; also the short option where one is printed */
	const char *name, *argument, *help; /* `argument` also says what is completed; see complete.c */
	bool is_short;
	/* Of an option without argument. */
	unsigned sets; /* of enum zpm_switch */
	/* Of one with an argument: puts the value into the slot; false when it is not what it has to be. */
	bool (*take)(struct zpm_cli *cli, void *slot, const char *value);
	size_t slot;
};

/* The rows in their order; NULL behind the last. */
const struct zpm_option *zpm_option_at(size_t i);

/* "text", of 1 << i in enum zpm_output; NULL behind the last. */
const char *zpm_output_name(size_t i);

#endif
