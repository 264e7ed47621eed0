/*
 * The files of a commit as they are in it: written here and not by libgit2, whose checkout follows the
 * repository's attributes and filters. They are looked over before the first is written. What is
 * written gets its name when it is complete, so that what a kill leaves behind is never taken for a checkout.
 */
#include "git/parts.h"

#include "base/clock.h"
#include "base/list.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_OPEN 16

/* One tree being looked over, and then written. */
struct checkout {
	const struct zpm_git *git;
	const char *folder; /* NULL: nothing is written */
	git_odb *odb;
	size_t files, bytes;
	struct zpm_err *err;
};

/* An entry, and where it is: "a/b/" and "c". */
struct entry {
	const char *root, *name;
	const git_oid *id;
	git_filemode_t mode;
};

static int refuse(const struct checkout *c, const struct entry *entry, const char *why)
{
	return zpm_err_set(c->err, ZPM_EREFUSED, "'%.200s%.200s': %s", entry->root, entry->name, why);
}

static int stop_if_canceled(const struct checkout *c)
{
	const atomic_bool *canceled = c->git->options->canceled;

	return canceled && atomic_load(canceled) ? zpm_err_set(c->err, ZPM_ECANCELED, "interrupted") : 0;
}

static size_t depth_of(const char *root)
{
	size_t depth = 0;

	for (; *root; root++)
		depth += *root == '/';
	return depth;
}

static const char *next_name(const char *path)
{
	path += strcspn(path, "/");
	return path + strspn(path, "/");
}

static bool is_up(const char *path)
{
	return !strncmp(path, "..", 2) && (!path[2] || path[2] == '/');
}

/*
 * "../../a/b", with no more ".." than there are folders around the link, and none behind a name: what the
 * name stands for may be a link itself, from which ".." leads elsewhere.
 */
static bool stays_inside(const char *target, size_t depth)
{
	if (!*target || *target == '/')
		return false;
	for (; is_up(target); depth--, target = next_name(target))
		if (!depth)
			return false;
	for (; *target; target = next_name(target))
		if (is_up(target))
			return false;
	return true;
}

static int look_at_link(struct checkout *c, const struct entry *entry)
{
	const struct zpm_libgit2 *lib = c->git->lib;
	git_blob *blob;
	char *target;
	size_t len;

	if (lib->blob_lookup(&blob, c->git->repository, entry->id) < 0)
		return refuse(c, entry, zpm_libgit2_why(lib));
	len = (size_t)lib->blob_rawsize(blob);
	target = zpm_arena_strndup(c->git->arena, lib->blob_rawcontent(blob), len < PATH_MAX ? len : 0);
	lib->blob_free(blob);
	if (strlen(target) != len || !stays_inside(target, depth_of(entry->root)))
		return refuse(c, entry, "the link leads out of the repository");
	return 0;
}

static int count_bytes(struct checkout *c, const struct entry *entry)
{
	git_object_t type;
	size_t len;

	if (c->git->lib->odb_read_header(&len, &type, c->odb, entry->id) < 0)
		return refuse(c, entry, zpm_libgit2_why(c->git->lib));
	if (type != GIT_OBJECT_BLOB)
		return refuse(c, entry, "it is not what its folder says it is");
	if (len > ZPM_GIT_MAX_BYTES - c->bytes)
		return zpm_err_set(c->err, ZPM_EREFUSED,
			"its files have more than %d MiB, the most that is taken",
			ZPM_GIT_MAX_BYTES / (1024 * 1024));
	c->bytes += len;
	return 0;
}

static int look_at(struct checkout *c, const struct entry *entry)
{
	if (!*entry->name || strchr(entry->name, '/') || !strcmp(entry->name, ".") ||
		!strcmp(entry->name, ".."))
		return refuse(c, entry, "no file can have this name");
	if (++c->files > ZPM_GIT_MAX_FILES)
		return zpm_err_set(c->err, ZPM_EREFUSED, "it has more than %d files, the most that is taken",
			ZPM_GIT_MAX_FILES);
	if (depth_of(entry->root) >= ZPM_GIT_MAX_DEPTH)
		return refuse(c, entry, "too many folders in each other");
	if (entry->mode == GIT_FILEMODE_TREE)
		return 0;
	if (entry->mode == GIT_FILEMODE_COMMIT)
		return refuse(c, entry, "submodules are not followed");
	if (count_bytes(c, entry) < 0)
		return -1;
	return entry->mode == GIT_FILEMODE_LINK ? look_at_link(c, entry) : 0;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t done = write(fd, data, len);

		if (done < 0 && errno != EINTR)
			return -1;
		data += done > 0 ? done : 0;
		len -= done > 0 ? (size_t)done : 0;
	}
	return 0;
}

/* For its owner alone, as there may be what is secret, and for nobody to run. */
static int write_file(const char *path, const char *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int result, cause;

	if (fd < 0)
		return -1;
	result = write_all(fd, data, len);
	cause = errno;
	close(fd);
	errno = cause;
	return result;
}

static int write_blob(const struct checkout *c, const struct entry *entry, const char *path)
{
	const struct zpm_libgit2 *lib = c->git->lib;
	git_blob *blob;
	int result, cause;

	if (lib->blob_lookup(&blob, c->git->repository, entry->id) < 0)
		return refuse(c, entry, zpm_libgit2_why(lib));
	if (entry->mode == GIT_FILEMODE_LINK)
		result = symlink(zpm_arena_strndup(c->git->arena, lib->blob_rawcontent(blob),
					 (size_t)lib->blob_rawsize(blob)),
			path);
	else
		result = write_file(path, lib->blob_rawcontent(blob), (size_t)lib->blob_rawsize(blob));
	cause = errno;
	lib->blob_free(blob);
	errno = cause;
	return result;
}

static int write_entry(const struct checkout *c, const struct entry *entry)
{
	const char *path = zpm_arena_printf(c->git->arena, "%s/%s%s", c->folder, entry->root, entry->name);
	int result;

	result = entry->mode == GIT_FILEMODE_TREE ? mkdir(path, 0700) : write_blob(c, entry, path);
	if (result < 0 && !c->err->code)
		return zpm_err_set(c->err, ZPM_EFAILED, "cannot write '%s': %s", path, strerror(errno));
	return result;
}

static int on_entry(const char *root, const git_tree_entry *tree_entry, void *data)
{
	struct checkout *c = data;
	const struct zpm_libgit2 *lib = c->git->lib;
	const struct entry entry = { .root = root,
		.name = lib->tree_entry_name(tree_entry),
		.id = lib->tree_entry_id(tree_entry),
		.mode = lib->tree_entry_filemode_raw(tree_entry) & S_IFMT };

	if (stop_if_canceled(c) < 0)
		return -1;
	return c->folder ? write_entry(c, &entry) : look_at(c, &entry);
}

static int walk(struct checkout *c, const git_tree *tree)
{
	c->err->code = ZPM_OK;
	if (!c->git->lib->tree_walk(tree, GIT_TREEWALK_PRE, on_entry, c))
		return 0;
	if (!c->err->code)
		(void)zpm_err_set(c->err, ZPM_EFAILED, "%s", zpm_libgit2_why(c->git->lib));
	return -1;
}

/* The files are on disk before the name is: a name that survives a power failure is of a whole tree. */
static int finish(const char *folder, const char *tree, struct zpm_err *err)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result;

	result = fd < 0 ? -1 : syncfs(fd);
	if (!result)
		result = rename(folder, tree);
	if (result < 0)
		(void)zpm_err_set(err, ZPM_EFAILED, "cannot make '%s': %s", tree, strerror(errno));
	if (fd >= 0)
		close(fd);
	return result;
}

static int write_tree(struct checkout *c, const git_tree *tree, const char *name)
{
	char *folder = zpm_arena_printf(c->git->arena, "%s/new-XXXXXX", c->git->folder);

	if (!mkdtemp(folder))
		return zpm_err_set(c->err, ZPM_EFAILED, "cannot make '%s': %s", folder, strerror(errno));
	c->folder = folder;
	if (!walk(c, tree) && !finish(folder, name, c->err))
		return 0;
	zpm_git_remove_folder(folder);
	return -1;
}

int zpm_git_checkout(
	const struct zpm_git *git, const git_commit *commit, const char *tree, struct zpm_err *err)
{
	struct checkout c = { .git = git, .err = err };
	git_tree *root = NULL;
	int result = -1;

	if (!access(tree, F_OK))
		return 0;
	if (git->lib->commit_tree(&root, commit) < 0 || git->lib->repository_odb(&c.odb, git->repository) < 0)
		(void)zpm_err_set(err, ZPM_EFAILED, "%s", zpm_libgit2_why(git->lib));
	else if (!walk(&c, root))
		result = write_tree(&c, root, tree);
	git->lib->odb_free(c.odb);
	git->lib->tree_free(root);
	return result;
}

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *ftw)
{
	(void)about, (void)type, (void)ftw;
	(void)remove(path);
	return 0;
}

void zpm_git_remove_folder(const char *folder)
{
	(void)nftw(folder, remove_one, MAX_OPEN, FTW_DEPTH | FTW_PHYS);
}
