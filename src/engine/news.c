/* See news.h. */
#include "engine/news.h"

#define BIT(event) (1U << (event))
#define FAILURES                                                                                             \
	(BIT(ZPM_LOOP_MISTAKES) | BIT(ZPM_LOOP_PARTIAL) | BIT(ZPM_LOOP_REFUSED) | BIT(ZPM_LOOP_TROUBLE))

/* What is over once the event has come. */
static unsigned ended_by(enum zpm_loop_event event)
{
	if (event == ZPM_LOOP_CONVERGED)
		return BIT(ZPM_LOOP_PARTIAL) | BIT(ZPM_LOOP_REFUSED) | BIT(ZPM_LOOP_TROUBLE);
	/* What the manifest before could not achieve nobody wants any more; whether this one does is not
	 * known. */
	return event == ZPM_LOOP_MANIFEST ? BIT(ZPM_LOOP_MISTAKES) : 0;
}

static bool end(struct zpm_news *news, unsigned which)
{
	bool failed = news->failing & which;

	news->failing &= ~which;
	return failed && !news->failing;
}

bool zpm_news_take(struct zpm_news *news, enum zpm_loop_event event, enum zpm_notice *notice)
{
	bool known = news->failing & BIT(event);

	*notice = ZPM_NOTICE_FAILURE;
	if (BIT(event) & FAILURES) {
		news->failing |= BIT(event);
		return !known;
	}
	*notice = event == ZPM_LOOP_DRIFT      ? ZPM_NOTICE_DRIFT
		  : event == ZPM_LOOP_FAILOVER ? ZPM_NOTICE_FAILOVER
					       : ZPM_NOTICE_RECOVERED;
	return *notice != ZPM_NOTICE_RECOVERED || end(news, ended_by(event));
}

bool zpm_news_look(struct zpm_news *news)
{
	return end(news, BIT(ZPM_LOOP_TROUBLE));
}
