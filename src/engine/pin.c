/* A few threads that ask, and what plan/pin makes of the answers. */
#include "engine/pin.h"

#include "plan/pin.h"

#include <pthread.h>
#include <string.h>

/* The Engine asks the registries, and each of these requests is one of its connections to them. */
#define MAX_ASKERS 7

struct survey {
	struct zpm_session *session;
	pthread_mutex_t lock; /* guards all below, the session's arena, and what is filled into pins */
	size_t next;
};

static void note_answer(struct survey *survey, struct zpm_pin *pin, const char *digest, const char *why)
{
	struct zpm_arena *arena = survey->session->arena;

	if (digest)
		pin->digest = zpm_arena_strdup(arena, digest);
	else
		pin->why = zpm_arena_strdup(arena, why);
}

static void *asker(void *arg)
{
	struct survey *survey = arg;
	const struct zpm_ptrs *pins = &survey->session->pins;

	pthread_mutex_lock(&survey->lock);
	while (survey->next < pins->n) {
		struct zpm_pin *pin = pins->v[survey->next++];
		char digest[ZPM_DIGEST_SIZE];
		struct zpm_err err = { 0 };
		int result;

		pthread_mutex_unlock(&survey->lock);
		result = zpm_image_resolve(survey->session->world, pin->image, digest, &err);
		pthread_mutex_lock(&survey->lock);
		note_answer(survey, pin, result < 0 ? NULL : digest, err.msg);
	}
	pthread_mutex_unlock(&survey->lock);
	return NULL;
}

/* This thread asks too: alone, where no other can be had. */
static void ask_all(struct zpm_session *session)
{
	struct survey survey = { .session = session };
	pthread_t threads[MAX_ASKERS];
	size_t started = 0;

	pthread_mutex_init(&survey.lock, NULL);
	while (started < MAX_ASKERS && started + 1 < session->pins.n &&
		!pthread_create(&threads[started], NULL, asker, &survey))
		started++;
	asker(&survey);
	while (started)
		pthread_join(threads[--started], NULL);
	pthread_mutex_destroy(&survey.lock);
}

void zpm_session_pin(struct zpm_session *session)
{
	if (!session->pinned) {
		zpm_pins_collect(session->desired, session->arena, &session->pins);
		ask_all(session);
		zpm_pins_explain(&session->pins, session->arena, &session->notes);
		session->pinned = true;
	}
	zpm_pins_apply(&session->pins, session->desired, session->have);
}
