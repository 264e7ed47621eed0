/*
 * What a watcher tells of, and when. The file system is the real one, the time
 * is the test's own, so that nothing here waits.
 */
#include "watch/watch.h"

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define SETTLE (100 * ZPM_MS)

struct fixture {
	char root[64];
	struct zpm_arena *arena;
	struct zpm_watcher *watcher;
	int64_t now;
};

static const char *path_of(const struct fixture *f, const char *name)
{
	return zpm_arena_printf(f->arena, "%s/%s", f->root, name);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct zpm_err err;

	*state = f;
	f->arena = zpm_arena_new();
	f->now = ZPM_S;
	snprintf(f->root, sizeof(f->root), "/tmp/zpm-watch-XXXXXX");
	if (!mkdtemp(f->root) || mkdir(path_of(f, "m"), 0700) < 0)
		return -1;
	return zpm_watcher_new(SETTLE, &f->watcher, &err);
}

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *ftw)
{
	(void)about, (void)type, (void)ftw;
	return remove(path);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	zpm_watcher_free(f->watcher);
	nftw(f->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	zpm_arena_free(f->arena);
	free(f);
	return 0;
}

static void given(const struct fixture *f, const char *name, const char *text)
{
	FILE *file = fopen(path_of(f, name), "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void given_folder(const struct fixture *f, const char *name)
{
	assert_int_equal(mkdir(path_of(f, name), 0700), 0);
}

static void given_link(const struct fixture *f, const char *name, const char *target)
{
	assert_int_equal(symlink(target, path_of(f, name)), 0);
}

static void moved(const struct fixture *f, const char *from, const char *to)
{
	assert_int_equal(rename(path_of(f, from), path_of(f, to)), 0);
}

static void removed(const struct fixture *f, const char *name)
{
	assert_int_equal(remove(path_of(f, name)), 0);
}

static bool is_readable(const struct fixture *f)
{
	struct pollfd at = { .fd = zpm_watcher_fd(f->watcher), .events = POLLIN };

	return poll(&at, 1, 0) == 1;
}

static bool look(struct fixture *f)
{
	struct zpm_err err = { 0 };
	bool changed = false;

	if (zpm_watcher_read(f->watcher, f->now, &changed, &err) < 0)
		fail_msg("%s", err.msg);
	return changed;
}

/* What a loop does until nothing is to be done any more: how often it was told of a change. */
static unsigned changes(struct fixture *f)
{
	unsigned n = 0;

	while (true) {
		int64_t due = zpm_watcher_due(f->watcher);

		if (!is_readable(f) && !due)
			return n;
		if (!is_readable(f) && due > f->now)
			f->now = due;
		n += look(f);
	}
}

/* Watches them, and has been told that they are new. */
static void watching(struct fixture *f, const char *const *names)
{
	struct zpm_strs paths = { 0 };
	struct zpm_err err = { 0 };

	for (; *names; names++)
		zpm_strs_push(f->arena, &paths, path_of(f, *names));
	if (zpm_watcher_set(f->watcher, &paths, f->now, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(changes(f), 1);
}

#define WATCHING(f, ...) watching(f, (const char *const[]){ __VA_ARGS__, NULL })

static void test_watch__nothing_happens_nothing_is_told(void **state)
{
	struct fixture *f = *state;

	given(f, "m/a.yaml", "1");
	WATCHING(f, "m/a.yaml");
	assert_int_equal(changes(f), 0);
}

static void test_watch__a_write_is_told_once(void **state)
{
	struct fixture *f = *state;

	given(f, "m/a.yaml", "1");
	WATCHING(f, "m/a.yaml");
	given(f, "m/a.yaml", "2");
	assert_true(is_readable(f));
	assert_int_equal(changes(f), 1);
}

static void test_watch__a_file_that_replaces_another_is_told(void **state)
{
	struct fixture *f = *state;

	given(f, "m/a.yaml", "1");
	WATCHING(f, "m/a.yaml");
	for (int i = 0; i < 3; i++) {
		given(f, "m/.a.yaml.tmp", "2");
		moved(f, "m/.a.yaml.tmp", "m/a.yaml");
		assert_int_equal(changes(f), 1);
	}
}

/* As vim does it: the old file becomes the backup, which is removed when the new one is written. */
static void test_watch__an_editor_that_keeps_a_backup_is_told_once(void **state)
{
	struct fixture *f = *state;

	given(f, "m/a.yaml", "1");
	WATCHING(f, "m/a.yaml");
	moved(f, "m/a.yaml", "m/a.yaml~");
	given(f, "m/a.yaml", "2");
	removed(f, "m/a.yaml~");
	assert_int_equal(changes(f), 1);
	given(f, "m/a.yaml", "3");
	assert_int_equal(changes(f), 1);
}

static void test_watch__a_file_in_pieces_is_told_when_it_is_whole(void **state)
{
	struct fixture *f = *state;
	FILE *file;

	given(f, "m/a.yaml", "");
	WATCHING(f, "m/a.yaml");
	file = fopen(path_of(f, "m/a.yaml"), "a");
	assert_non_null(file);
	for (int i = 0; i < 5; i++) {
		fputs("piece\n", file);
		fflush(file);
		assert_false(look(f));
		f->now += SETTLE * 8 / 10;
	}
	fclose(file);
	assert_int_equal(changes(f), 1);
}

static void test_watch__a_file_that_is_written_all_the_time_is_told_in_time(void **state)
{
	struct fixture *f = *state;
	int64_t start;
	bool told = false;

	given(f, "m/a.yaml", "");
	WATCHING(f, "m/a.yaml");
	for (start = f->now; !told && f->now - start < 2 * ZPM_WATCHER_PATIENCE; f->now += SETTLE / 2) {
		given(f, "m/a.yaml", "again");
		told = look(f);
	}
	assert_true(told);
	assert_in_range(f->now - start, ZPM_WATCHER_PATIENCE, ZPM_WATCHER_PATIENCE + SETTLE);
}

static void test_watch__a_file_that_comes_and_goes_is_told(void **state)
{
	struct fixture *f = *state;

	WATCHING(f, "m/a.yaml");
	given(f, "m/a.yaml", "1");
	assert_int_equal(changes(f), 1);
	removed(f, "m/a.yaml");
	assert_int_equal(changes(f), 1);
	given(f, "m/a.yaml", "2");
	assert_int_equal(changes(f), 1);
}

static void test_watch__a_file_in_a_folder_that_comes_later_is_told(void **state)
{
	struct fixture *f = *state;

	WATCHING(f, "new/below/a.yaml");
	given_folder(f, "new");
	given_folder(f, "new/below");
	given(f, "new/below/a.yaml", "1");
	assert_int_equal(changes(f), 1);
	given(f, "new/below/a.yaml", "2");
	assert_int_equal(changes(f), 1);
}

static void test_watch__a_folder_that_comes_is_watched_at_once(void **state)
{
	struct fixture *f = *state;

	WATCHING(f, "new/a.yaml");
	given_folder(f, "new");
	assert_false(look(f));
	given(f, "new/a.yaml", "1");
	f->now = zpm_watcher_due(f->watcher);
	assert_false(look(f));
	assert_int_equal(changes(f), 1);
}

static void test_watch__a_folder_that_is_replaced_is_watched_again(void **state)
{
	struct fixture *f = *state;

	given(f, "m/a.yaml", "1");
	WATCHING(f, "m/a.yaml");
	removed(f, "m/a.yaml");
	removed(f, "m");
	given_folder(f, "m");
	given(f, "m/a.yaml", "2");
	assert_int_equal(changes(f), 1);
	given(f, "m/a.yaml", "3");
	assert_int_equal(changes(f), 1);
}

static void test_watch__a_folder_that_is_moved_away_is_told(void **state)
{
	struct fixture *f = *state;

	given_folder(f, "m/sub");
	given(f, "m/sub/a.yaml", "1");
	WATCHING(f, "m/sub/a.yaml");
	moved(f, "m", "away");
	assert_int_equal(changes(f), 1);
	given(f, "away/sub/a.yaml", "2");
	assert_int_equal(changes(f), 0);
	moved(f, "away", "m");
	assert_int_equal(changes(f), 1);
}

/* As Kubernetes mounts a ConfigMap: the file is a link through ..data, which is replaced as a whole. */
static void test_watch__a_folder_behind_a_link_that_is_swapped_is_told(void **state)
{
	struct fixture *f = *state;

	given_folder(f, "m/..1");
	given_folder(f, "m/..2");
	given(f, "m/..1/a.yaml", "1");
	given(f, "m/..2/a.yaml", "2");
	given_link(f, "m/..data", "..1");
	given_link(f, "m/a.yaml", "..data/a.yaml");
	WATCHING(f, "m/a.yaml");
	given_link(f, "m/..data_tmp", "..2");
	moved(f, "m/..data_tmp", "m/..data");
	assert_int_equal(changes(f), 1);
	given(f, "m/..1/a.yaml", "old");
	assert_int_equal(changes(f), 0);
	given(f, "m/..2/a.yaml", "3");
	assert_int_equal(changes(f), 1);
}

static void test_watch__the_file_behind_a_link_is_told(void **state)
{
	struct fixture *f = *state;

	given_folder(f, "elsewhere");
	given(f, "elsewhere/real.yaml", "1");
	given_link(f, "m/a.yaml", path_of(f, "elsewhere/real.yaml"));
	WATCHING(f, "m/a.yaml");
	given(f, "elsewhere/real.yaml", "2");
	assert_int_equal(changes(f), 1);
}

static void test_watch__links_in_a_circle_are_watched_until_mended(void **state)
{
	struct fixture *f = *state;

	given_link(f, "m/a.yaml", "b.yaml");
	given_link(f, "m/b.yaml", "a.yaml");
	WATCHING(f, "m/a.yaml");
	removed(f, "m/b.yaml");
	given(f, "m/b.yaml", "1");
	assert_int_equal(changes(f), 1);
}

static void test_watch__a_folder_stands_for_all_that_is_in_it(void **state)
{
	struct fixture *f = *state;

	given_folder(f, "m/patches");
	WATCHING(f, "m/patches");
	given(f, "m/patches/1.yaml", "1");
	assert_int_equal(changes(f), 1);
	removed(f, "m/patches/1.yaml");
	assert_int_equal(changes(f), 1);
}

static void test_watch__permissions_that_change_are_told(void **state)
{
	struct fixture *f = *state;

	given(f, "m/a.yaml", "1");
	WATCHING(f, "m/a.yaml");
	assert_int_equal(chmod(path_of(f, "m/a.yaml"), 0640), 0);
	assert_int_equal(changes(f), 1);
}

static void test_watch__reading_a_file_is_no_change(void **state)
{
	struct fixture *f = *state;
	char text[8];
	FILE *file;

	given(f, "m/a.yaml", "1");
	WATCHING(f, "m/a.yaml");
	file = fopen(path_of(f, "m/a.yaml"), "r");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_int_equal(changes(f), 0);
}

static void test_watch__other_files_wake_once_in_a_while(void **state)
{
	struct fixture *f = *state;
	int64_t start;
	unsigned wakes = 0;

	given(f, "m/a.yaml", "1");
	WATCHING(f, "m/a.yaml");
	for (start = f->now; f->now - start < 10 * SETTLE; f->now += SETTLE / 100) {
		int64_t due = zpm_watcher_due(f->watcher);

		given(f, "m/other", "x");
		if (!is_readable(f) && (!due || f->now < due))
			continue;
		wakes++;
		assert_false(look(f));
	}
	assert_in_range(wakes, 1, 12);
}

static void test_watch__too_many_events_count_as_a_change(void **state)
{
	struct fixture *f = *state;

	given(f, "m/a.yaml", "1");
	WATCHING(f, "m/a.yaml");
	for (int i = 0; i < 20000; i++)
		given(f, i % 2 ? "m/x" : "m/y", "");
	assert_int_equal(changes(f), 1);
	given(f, "m/a.yaml", "2");
	assert_int_equal(changes(f), 1);
}

static void test_watch__the_same_files_again_are_no_change(void **state)
{
	struct fixture *f = *state;
	const char *twice[] = { path_of(f, "m/b"), path_of(f, "m/a.yaml"), path_of(f, "m/a.yaml") };
	const struct zpm_strs paths = { .v = twice, .n = 3, .cap = 3 };
	struct zpm_err err;

	WATCHING(f, "m/a.yaml", "m/b");
	assert_int_equal(zpm_watcher_set(f->watcher, &paths, f->now, &err), 0);
	assert_int_equal(changes(f), 0);
}

static void test_watch__a_file_that_is_no_longer_named_is_not_told(void **state)
{
	struct fixture *f = *state;

	given_folder(f, "other");
	WATCHING(f, "m/a.yaml", "m/c.yaml", "other/b.yaml");
	WATCHING(f, "m/a.yaml");
	given(f, "m/c.yaml", "1");
	given(f, "other/b.yaml", "1");
	assert_int_equal(changes(f), 0);
}

/* What was told of before the files were named anew is not forgotten. */
static void test_watch__a_change_outlives_other_files(void **state)
{
	struct fixture *f = *state;

	given_folder(f, "other");
	WATCHING(f, "m/a.yaml", "other/b.yaml");
	given(f, "m/a.yaml", "1");
	WATCHING(f, "m/a.yaml");
}

static void test_watch__relative_paths_begin_in_the_present_folder(void **state)
{
	struct fixture *f = *state;
	const char *name = "a.yaml";
	const struct zpm_strs paths = { .v = &name, .n = 1, .cap = 1 };
	ZPM_FREE char *before = getcwd(NULL, 0);
	struct zpm_err err;
	int result;

	assert_int_equal(chdir(path_of(f, "m")), 0);
	result = zpm_watcher_set(f->watcher, &paths, f->now, &err);
	assert_int_equal(chdir(before), 0);
	assert_int_equal(result, 0);
	assert_int_equal(changes(f), 1);
	given(f, "m/a.yaml", "1");
	assert_int_equal(changes(f), 1);
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		_exit(2);
	close(fd);
}

/* In a user namespace of its own, whose users have two watches, and more later. `user` is who it is outside.
 */
static void watch_with_two(const struct fixture *f, uid_t user)
{
	const char *path = path_of(f, "m/a.yaml");
	const struct zpm_strs paths = { .v = &path, .n = 1, .cap = 1 };
	struct zpm_watcher *watcher;
	struct zpm_err err = { 0 };
	char map[32];

	snprintf(map, sizeof(map), "0 %u 1", (unsigned)user);
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", map);
	put("/proc/sys/user/max_inotify_watches", "2");
	if (zpm_watcher_new(SETTLE, &watcher, &err) < 0)
		_exit(2);
	if (!zpm_watcher_set(watcher, &paths, f->now, &err) || err.code != ZPM_EUNAVAIL)
		_exit(3);
	if (!strstr(err.msg, "fs.inotify.max_user_watches"))
		_exit(4);
	put("/proc/sys/user/max_inotify_watches", "100");
	_exit(zpm_watcher_set(watcher, &paths, f->now, &err) ? 5 : 0);
}

static void test_watch__too_few_watches_are_told_until_there_are_more(void **state)
{
	struct fixture *f = *state;
	int status = 0;
	uid_t user = geteuid();
	/* fork() and then unshare() is refused where a sanitizer has a thread of its own. */
	pid_t child = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);

	assert_true(child >= 0);
	if (!child)
		watch_with_two(f, user);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_watch__nothing_happens_nothing_is_told),
		TEST(test_watch__a_write_is_told_once),
		TEST(test_watch__a_file_that_replaces_another_is_told),
		TEST(test_watch__an_editor_that_keeps_a_backup_is_told_once),
		TEST(test_watch__a_file_in_pieces_is_told_when_it_is_whole),
		TEST(test_watch__a_file_that_is_written_all_the_time_is_told_in_time),
		TEST(test_watch__a_file_that_comes_and_goes_is_told),
		TEST(test_watch__a_file_in_a_folder_that_comes_later_is_told),
		TEST(test_watch__a_folder_that_comes_is_watched_at_once),
		TEST(test_watch__a_folder_that_is_replaced_is_watched_again),
		TEST(test_watch__a_folder_that_is_moved_away_is_told),
		TEST(test_watch__a_folder_behind_a_link_that_is_swapped_is_told),
		TEST(test_watch__the_file_behind_a_link_is_told),
		TEST(test_watch__links_in_a_circle_are_watched_until_mended),
		TEST(test_watch__a_folder_stands_for_all_that_is_in_it),
		TEST(test_watch__permissions_that_change_are_told),
		TEST(test_watch__reading_a_file_is_no_change),
		TEST(test_watch__other_files_wake_once_in_a_while),
		TEST(test_watch__too_many_events_count_as_a_change),
		TEST(test_watch__the_same_files_again_are_no_change),
		TEST(test_watch__a_file_that_is_no_longer_named_is_not_told),
		TEST(test_watch__a_change_outlives_other_files),
		TEST(test_watch__too_few_watches_are_told_until_there_are_more),
		TEST(test_watch__relative_paths_begin_in_the_present_folder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
