/*
 * Of libinotifytools only what it says about the system's limits is of use here. Its descriptor, which a loop
 * that waits for other things too has to have, it gives to nobody; asked for an event without waiting,
 * version 3.22 waits for one all the same; and it writes to standard error when a watch has gone before it is
 * removed.
 */
#include "watch/notify.h"

#include <errno.h>
#include <inotifytools/inotifytools.h>
#include <string.h>
#include <unistd.h>

static const uint32_t folder_events = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB |
				      IN_DELETE_SELF | IN_MOVE_SELF | IN_MASK_ADD | IN_ONLYDIR |
				      IN_DONT_FOLLOW | IN_EXCL_UNLINK;
static const uint32_t file_events = IN_MODIFY | IN_CLOSE_WRITE;

int zpm_notify_init(struct zpm_notify *notify, struct zpm_err *err)
{
	notify->at = notify->len = 0;
	notify->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (notify->fd >= 0)
		return 0;
	if (errno == EMFILE)
		return zpm_err_set(err, ZPM_EUNAVAIL,
			"files cannot be watched: the process has too many files open, or the user all of "
			"the %d "
			"watchers that the system allows: `sysctl fs.inotify.max_user_instances=...` raises "
			"that",
			inotifytools_get_max_user_instances());
	return zpm_err_set(err, ZPM_EUNAVAIL, "files cannot be watched: %s", strerror(errno));
}

void zpm_notify_dispose(struct zpm_notify *notify)
{
	if (notify->fd >= 0)
		close(notify->fd);
}

void zpm_notify_remove(struct zpm_notify *notify, int watch)
{
	(void)inotify_rm_watch(notify->fd, watch);
}

int zpm_notify_add(struct zpm_notify *notify, const char *folder, bool files, int *watch, struct zpm_err *err)
{
	*watch = inotify_add_watch(notify->fd, folder, folder_events | (files ? file_events : 0));
	if (*watch >= 0)
		return 0;
	if (errno == ENOSPC)
		return zpm_err_set(err, ZPM_EUNAVAIL,
			"cannot watch '%s': all of the %d watches that the system allows a user are taken; "
			"`sysctl fs.inotify.max_user_watches=...` raises that",
			folder, inotifytools_get_max_user_watches());
	if (errno == ENOMEM)
		return zpm_err_set(err, ZPM_EUNAVAIL, "cannot watch '%s': %s", folder, strerror(errno));
	return 0;
}

/* The system hands out whole events only. */
const struct inotify_event *zpm_notify_next(struct zpm_notify *notify)
{
	const struct inotify_event *event;

	if (notify->at == notify->len) {
		ssize_t len = read(notify->fd, notify->events, sizeof(notify->events));

		notify->at = 0;
		notify->len = len > 0 ? (size_t)len : 0;
		if (!notify->len)
			return NULL;
	}
	event = (const struct inotify_event *)(const void *)(notify->events + notify->at);
	notify->at += sizeof(*event) + event->len;
	return event;
}
