/*
 * Which of the loop's words a person should be told of, wherever that person is: each failure once, however
 * often it is tried again, and once that it is over. Pure.
 */
#ifndef ZPM_ENGINE_NEWS_H
#define ZPM_ENGINE_NEWS_H

#include "engine/loop.h"
#include "model/notify.h"

/* What fails at present. Zeroed: nothing does. */
struct zpm_news {
	unsigned failing; /* a bit for each of enum zpm_loop_event */
};

/* True when it is news, which kind is in `notice` then. */
bool zpm_news_take(struct zpm_news *news, enum zpm_loop_event event, enum zpm_notice *notice);

/* A look has gone well: what was in its way is over. True: that is news, ZPM_NOTICE_RECOVERED. */
bool zpm_news_look(struct zpm_news *news);

#endif
