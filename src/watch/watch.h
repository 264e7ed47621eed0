/*
 * Waiting for files to change: a manifest, and all that it is made of. The only user of libinotifytools.
 *
 * A watcher is used by one thread at a time. Nothing here blocks but on looking at files. Times are those of
 * zpm_clock_now().
 *
 * What is told is that something may have changed, not what: a file was written, replaced, removed or came
 * to be, or a folder or link on the way to it leads elsewhere. A change is told of when nothing has happened
 * for a while, so that a file which is written in pieces is read once; at the latest ZPM_WATCHER_PATIENCE
 * after it began.
 *
 * Not seen is what another machine does on a network file system, and what happens in folders that this
 * process may not list: with such files the caller has to look by itself now and then.
 */
#ifndef ZPM_WATCH_WATCH_H
#define ZPM_WATCH_WATCH_H

#include "base/clock.h"
#include "base/err.h"
#include "base/list.h"

#include <stdbool.h>

#define ZPM_WATCHER_SETTLE   (100 * ZPM_MS)
#define ZPM_WATCHER_PATIENCE (2 * ZPM_S)

struct zpm_watcher;

/*
 * Watches nothing yet. A change is told of when it is `settle` old, without another one since; 0 stands for
 * ZPM_WATCHER_SETTLE. ZPM_EUNAVAIL, or ZPM_EFAILED, where the system gives no descriptor for it.
 */
int zpm_watcher_new(int64_t settle, struct zpm_watcher **out, struct zpm_err *err);
void zpm_watcher_free(struct zpm_watcher *watcher);

/*
 * The files and folders to watch from now on, in the place of those before; the texts are copied. They need
 * not be there, nor the folders they are in. A folder stands for all that is in it, but not below its
 * folders. Relative paths are seen from the process's present folder.
 *
 * When they are not the same as before, a change is told of once more: what is new among them may have
 * changed between being read and being watched.
 *
 * ZPM_EUNAVAIL when the system gives no more watches; the message says which limit to raise. Until a later
 * call of this goes through, the caller has to look at its files by itself every few seconds.
 */
int zpm_watcher_set(
	struct zpm_watcher *watcher, const struct zpm_strs *paths, int64_t now, struct zpm_err *err);

/*
 * A descriptor that is readable (POLLIN) when zpm_watcher_read() is to be called. The watcher's, and the same
 * as long as that lives. Whatever happens in the watched folders, it wakes the caller once in `settle`.
 */
int zpm_watcher_fd(const struct zpm_watcher *watcher);

/* When zpm_watcher_read() is to be called whether or not there is something to read; 0: never. */
int64_t zpm_watcher_due(const struct zpm_watcher *watcher);

/*
 * Takes note of what happened. `*changed` is true once for each change, when it has settled: whoever reads
 * the files after that reads what was changed, or is told again. Fails as zpm_watcher_set() does; `*changed`
 * is valid even then.
 */
int zpm_watcher_read(struct zpm_watcher *watcher, int64_t now, bool *changed, struct zpm_err *err);

#endif
