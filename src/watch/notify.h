/*
 * The system's inotify: which folders are watched, and what has happened in them. Internal to watch/.
 */
#ifndef ZPM_WATCH_NOTIFY_H
#define ZPM_WATCH_NOTIFY_H

#include "base/err.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/inotify.h>

/* What has been read and not been handed out yet begins at `at`. */
struct zpm_notify {
	int fd; /* does not block; -1: none */
	size_t at, len;
	_Alignas(struct inotify_event) char events[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)];
};

/* Watches nothing yet. */
int zpm_notify_init(struct zpm_notify *notify, struct zpm_err *err);
void zpm_notify_dispose(struct zpm_notify *notify);

/*
 * Watches what becomes of names in a folder; with `files`, also what is written to files. `*watch` is what
 * its events are told by; -1 when the folder is gone by now, or may not be watched. ZPM_EUNAVAIL: there are
 * no more watches.
 */
int zpm_notify_add(
	struct zpm_notify *notify, const char *folder, bool files, int *watch, struct zpm_err *err);

/* Does nothing when the folder is gone, and the watch with it. */
void zpm_notify_remove(struct zpm_notify *notify, int watch);

/* What has happened, in its order; NULL: nothing more yet. Valid until the next call. Never waits. */
const struct inotify_event *zpm_notify_next(struct zpm_notify *notify);

#endif
