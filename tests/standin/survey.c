/* One call per host; the survey lives until the last has ended and its owner has let go. */
#include "survey.h"

#include "repl.h"

#include <stdlib.h>

/* Asks for no configuration in the answer. */
#define NOBODYS_VERSION (-3)

struct survey {
	size_t n, pending;
	bool owned;
	struct surveyed of[MEMBERS_MAX];
};

struct question {
	struct survey *survey;
	size_t member;
};

static void free_unused(struct survey *survey)
{
	if (!survey->owned && !survey->pending)
		free(survey);
}

static void answered(struct standin *s, const bson_t *reply, void *arg)
{
	ZPM_FREE struct question *question = arg;
	struct surveyed *of = &question->survey->of[question->member];
	bson_iter_t process;

	if (reply && doc_bool(reply, "ok", false)) {
		of->answered = true;
		of->configured = doc_int(reply, "v", -2) > 0;
		of->data = doc_bool(reply, "hasData", false);
		of->self = doc_find(reply, "process", &process) && BSON_ITER_HOLDS_OID(&process) &&
			   bson_oid_equal(bson_iter_oid(&process), &s->process);
	} else if (reply) {
		snprintf(of->refusal, sizeof(of->refusal), "%s", doc_text(reply, "errmsg", ""));
		of->stranger = doc_int(reply, "code", 0) == AUTHENTICATION_FAILED ||
			       doc_int(reply, "code", 0) == UNAUTHORIZED;
	}
	question->survey->pending--;
	free_unused(question->survey);
}

struct survey *survey_start(struct standin *s, const struct config *config)
{
	struct survey *survey = zpm_alloc(sizeof(*survey));

	*survey = (struct survey){ .n = config->n, .pending = config->n, .owned = true };
	for (size_t i = 0; i < config->n; i++) {
		struct question *question = zpm_alloc(sizeof(*question));

		*question = (struct question){ survey, i };
		snprintf(survey->of[i].host, HOST_SIZE, "%s", config->members[i].host);
		repl_call(s, config->members[i].host,
			BCON_NEW("replSetHeartbeat", BCON_UTF8(s->opts.set), "configVersion",
				BCON_INT64(NOBODYS_VERSION), "term", BCON_INT64(s->term)),
			config->election_ms / 2, answered, question);
	}
	return survey;
}

void survey_free(struct survey *survey)
{
	if (!survey)
		return;
	survey->owned = false;
	free_unused(survey);
}

bool survey_done(const struct survey *survey)
{
	return !survey->pending;
}

const struct surveyed *survey_of(const struct survey *survey, size_t member)
{
	return &survey->of[member];
}

int survey_self(const struct survey *survey, const struct config *config)
{
	for (size_t i = 0; i < config->n; i++)
		if (survey->of[i].self)
			return (int)i;
	return -1;
}
