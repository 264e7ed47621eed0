/* Asking all hosts of a new configuration at once who they are, for the quorum checks. */
#ifndef STANDIN_SURVEY_H
#define STANDIN_SURVEY_H

#include "standin.h"

struct survey;

struct surveyed {
	char host[HOST_SIZE];
	bool answered;
	bool self;       /* it is this very process */
	bool configured; /* it is in a set already */
	bool data;
	char refusal[200];
	bool stranger; /* the refusal is one between servers of different keys */
};

/* The caller's, to be given up with survey_free(), which does not wait for answers. */
struct survey *survey_start(struct standin *s, const struct config *config);
void survey_free(struct survey *survey);

bool survey_done(const struct survey *survey);
const struct surveyed *survey_of(const struct survey *survey, size_t member);

/* The member that is this process, or -1. */
int survey_self(const struct survey *survey, const struct config *config);

#endif
