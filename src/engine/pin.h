/* Looking up the digests of images that are to be pinned. Internal to engine/. */
#ifndef ZPM_ENGINE_PIN_H
#define ZPM_ENGINE_PIN_H

#include "engine/session.h"

/*
 * Pins the session's desired images, after it has observed. Asks for each
 * image once in the session's life, several at a time, and blocks until all
 * have answered or timed out. Never fails: an image that cannot be pinned stays
 * as it is, with a note in the session.
 */
void zpm_session_pin(struct zpm_session *session);

#endif
