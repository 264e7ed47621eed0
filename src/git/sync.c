/*
 * From a branch on a server to a manifest in a folder. In the folder are
 *
 *     lock              held while a sync is under way
 *     repository        bare; its one reference for each source is the last commit that was taken
 *     tree-ID           the files of a commit, complete
 *     new-XXXXXX        one that is not; removed by the next sync
 *
 * so there is no state beside git's own: a commit has been taken when the reference is at it, which is
 * moved last.
 */
#include "git/parts.h"

#include "base/digest.h"
#include "base/list.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define REFERENCES "refs/zpm/"
#define TREE       "tree-"
#define UNFINISHED "new-"

static void close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static int make_private(const char *folder, struct zpm_err *err)
{
	struct stat about;

	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return zpm_err_set(
			err, ZPM_EFAILED, "cannot make the folder '%s': %s", folder, strerror(errno));
	if (stat(folder, &about) < 0 || !S_ISDIR(about.st_mode))
		return zpm_err_set(err, ZPM_EFAILED, "'%s' is not a folder", folder);
	if (about.st_uid != geteuid() || about.st_mode & (S_IRWXG | S_IRWXO))
		return zpm_err_set(err, ZPM_EREFUSED,
			"the folder '%s' is not private: it has to be zpm's own, with mode 0700", folder);
	return 0;
}

/* The descriptor holds the lock, also against a process that was killed while it had it. */
static int lock(const struct zpm_git *git, struct zpm_err *err)
{
	const char *path = zpm_arena_printf(git->arena, "%s/lock", git->folder);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return zpm_err_set(err, ZPM_EFAILED, "cannot open '%s': %s", path, strerror(errno));
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	close(fd);
	return zpm_err_set(err, ZPM_EBUSY, "another zpm is at work in '%s'", git->folder);
}

/* What a process that was killed has left. Whoever has the lock is the only one who could be using it. */
static void remove_leftovers(const struct zpm_git *git)
{
	__attribute__((cleanup(close_dir))) DIR *dir = opendir(git->folder);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (zpm_starts_with(entry->d_name, UNFINISHED))
			zpm_git_remove_folder(
				zpm_arena_printf(git->arena, "%s/%s", git->folder, entry->d_name));
	(void)unlink(zpm_arena_printf(git->arena, "%s/repository/%s.lock", git->folder, git->ref));
}

static void remove_old_trees(const struct zpm_git *git, const char *present, const char *before)
{
	__attribute__((cleanup(close_dir))) DIR *dir = opendir(git->folder);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		const char *name = entry->d_name;

		if (!zpm_starts_with(name, TREE) || !strcmp(name + strlen(TREE), present) ||
			!strcmp(name + strlen(TREE), before))
			continue;
		zpm_git_remove_folder(zpm_arena_printf(git->arena, "%s/%s", git->folder, name));
	}
}

/* Another branch of another repository is another source, which has nothing to do with what was before. */
static const char *ref_of(const struct zpm_git_source *source, struct zpm_arena *arena)
{
	const char *text =
		zpm_arena_printf(arena, "%s\n%s", source->url, source->branch ? source->branch : "");
	char digest[ZPM_DIGEST_SIZE];

	zpm_digest(text, strlen(text), digest);
	return zpm_arena_printf(arena, REFERENCES "%s", digest + strlen("sha256:"));
}

static const char *text_of(const struct zpm_git *git, const git_oid *id)
{
	char *text = zpm_arena_alloc(git->arena, GIT_OID_HEXSZ + 1);

	return git->lib->oid_tostr(text, GIT_OID_HEXSZ + 1, id);
}

/* Shortened at a character's end; what a terminal would not show as it is is a question mark. */
static void put_text(char *out, size_t size, const char *text)
{
	size_t left = text ? strlen(text) : 0, at = 0;

	while (left) {
		size_t shown = zpm_utf8_shown_len(text, left), len = shown ? shown : 1;

		if (at + len >= size)
			break;
		memcpy(out + at, shown ? text : "?", len);
		at += len;
		text += len;
		left -= len;
	}
	out[at] = '\0';
}

static int find_manifest(const struct zpm_git *git, struct zpm_git_revision *revision, struct zpm_err *err)
{
	const char *path = git->options->source->path ? git->options->source->path : ZPM_GIT_PATH;
	struct stat about = { 0 };
	const char *full;

	full = zpm_arena_printf(git->arena, "%s/%s", revision->tree, path);
	if (!stat(full, &about) && S_ISDIR(about.st_mode)) {
		full = zpm_arena_printf(git->arena, "%s/" ZPM_GIT_PATH, full);
		about.st_mode = 0;
		(void)stat(full, &about);
	}
	if (!S_ISREG(about.st_mode))
		return zpm_err_set(
			err, ZPM_ENOTFOUND, "commit %.12s has no manifest at '%s'", revision->id, path);
	if (strlen(full) >= sizeof(revision->manifest))
		return zpm_err_set(err, ZPM_EFAILED, "the path '%.200s...' is too long", full);
	put_text(revision->manifest, sizeof(revision->manifest), full);
	return 0;
}

static int describe(const struct zpm_git *git, const git_oid *id, const git_commit *commit,
	struct zpm_git_revision *revision, struct zpm_err *err)
{
	const git_signature *author = git->lib->commit_author(commit);

	*revision = (struct zpm_git_revision){ .time = git->lib->commit_time(commit) };
	put_text(revision->id, sizeof(revision->id), text_of(git, id));
	put_text(revision->author, sizeof(revision->author), author ? author->name : "");
	put_text(revision->summary, sizeof(revision->summary),
		git->lib->commit_summary((git_commit *)(uintptr_t)commit));
	if ((size_t)snprintf(revision->tree, sizeof(revision->tree), "%s/" TREE "%s", git->folder,
		    revision->id) >= sizeof(revision->tree))
		return zpm_err_set(
			err, ZPM_EFAILED, "the folder's path is too long: '%.200s...'", git->folder);
	return 0;
}

/* A branch of a hostile server may be at anything. */
static int look_up(const struct zpm_git *git, const git_oid *id, git_commit **commit, struct zpm_err *err)
{
	if (!git->lib->commit_lookup(commit, git->repository, id))
		return 0;
	return zpm_err_set(err, ZPM_EFAILED, "%s", zpm_libgit2_why(git->lib));
}

bool zpm_git_is_last(const struct zpm_git *git, const git_oid *id)
{
	git_oid last;

	return !git->lib->reference_name_to_id(&last, git->repository, git->ref) &&
	       !git->lib->oid_cmp(&last, id);
}

static int check_out(const struct zpm_git *git, const git_oid *id, const git_commit *commit,
	struct zpm_git_revision *revision, struct zpm_err *err)
{
	if (describe(git, id, commit, revision, err) < 0 || zpm_git_verify(git, id, revision->id, err) < 0)
		return -1;
	if (zpm_git_checkout(git, commit, revision->tree, err) < 0)
		return zpm_err_wrap(err, "commit %.12s", revision->id);
	if (!find_manifest(git, revision, err))
		return 0;
	/* Else each commit without a manifest would leave its files. */
	if (!zpm_git_is_last(git, id))
		zpm_git_remove_folder(revision->tree);
	return -1;
}

/* Moves the reference, when the commit has turned out well. */
static int accept(
	const struct zpm_git *git, const git_oid *id, struct zpm_git_revision *revision, struct zpm_err *err)
{
	bool had = false;
	git_reference *reference;
	git_oid before;

	had = !git->lib->reference_name_to_id(&before, git->repository, git->ref);
	revision->changed = !had || git->lib->oid_cmp(&before, id) != 0;
	if (!revision->changed)
		return 0;
	revision->rewound = had && git->lib->graph_descendant_of(git->repository, id, &before) != 1;
	if (git->lib->reference_create(&reference, git->repository, git->ref, id, 1, NULL) < 0)
		return zpm_err_set(err, ZPM_EFAILED, "%s", zpm_libgit2_why(git->lib));
	git->lib->reference_free(reference);
	zpm_git_compact(git, id);
	remove_old_trees(git, revision->id, had ? text_of(git, &before) : "");
	return 0;
}

static int take(const struct zpm_git *git, bool last, struct zpm_git_revision *revision, struct zpm_err *err)
{
	git_commit *commit;
	git_oid id;
	int result;

	if (last && git->lib->reference_name_to_id(&id, git->repository, git->ref) < 0)
		return zpm_err_set(err, ZPM_ENOTFOUND, "nothing of it has been checked out yet");
	if (!last && zpm_git_fetch(git, &id, err) < 0)
		return -1;
	if (look_up(git, &id, &commit, err) < 0)
		return -1;
	result = check_out(git, &id, commit, revision, err);
	git->lib->commit_free(commit);
	return result < 0 ? -1 : accept(git, &id, revision, err);
}

static int work(struct zpm_git *git, bool last, struct zpm_git_revision *revision, struct zpm_err *err)
{
	__attribute__((cleanup(close_fd))) int fd = -1;
	const char *path = zpm_arena_printf(git->arena, "%s/repository", git->folder);
	int result;

	if (make_private(git->folder, err) < 0)
		return -1;
	fd = lock(git, err);
	if (fd < 0)
		return -1;
	remove_leftovers(git);
	if (git->lib->repository_init(&git->repository, path, 1) < 0)
		return zpm_err_set(err, ZPM_EFAILED, "'%s': %s", path, zpm_libgit2_why(git->lib));
	result = take(git, last, revision, err);
	git->lib->repository_free(git->repository);
	return result;
}

/* What the field's rule says; whoever has the URL from elsewhere may not have looked at that. */
static int check_source(const struct zpm_git_source *source, struct zpm_err *err)
{
	const char *path = source->path ? source->path : "";

	if (!source->url || !zpm_git_url_is_valid(source->url))
		return zpm_err_set(err, ZPM_EINVALID, "expected %s", ZPM_GIT_URL_EXPECTED);
	if (*path == '/' || !strcmp(path, "..") || zpm_starts_with(path, "../") || strstr(path, "/.."))
		return zpm_err_set(err, ZPM_EINVALID, "the path '%s' leads out of the repository", path);
	return 0;
}

static int run(const struct zpm_git_options *options, const char *folder, bool last,
	struct zpm_git_revision *revision, struct zpm_err *err)
{
	struct zpm_git git = { .options = options, .folder = folder };
	int result;

	if (check_source(options->source, err) < 0)
		return zpm_err_wrap(err, "git");
	git.lib = zpm_libgit2_load(err);
	if (!git.lib)
		return -1;
	git.arena = zpm_arena_new();
	git.ref = ref_of(options->source, git.arena);
	result = work(&git, last, revision, err);
	zpm_arena_free(git.arena);
	return result < 0 ? zpm_err_wrap(err, "%.200s", options->source->url) : 0;
}

int zpm_git_sync(const struct zpm_git_options *options, const char *folder, struct zpm_git_revision *revision,
	struct zpm_err *err)
{
	return run(options, folder, false, revision, err);
}

int zpm_git_last(const struct zpm_git_options *options, const char *folder, struct zpm_git_revision *revision,
	struct zpm_err *err)
{
	return run(options, folder, true, revision, err);
}
