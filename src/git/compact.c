/*
 * Each fetch leaves a pack, and libgit2 never joins them: after a year of commits there would be more than a
 * process can have open. When there are many, what is still needed is fetched from the repository itself into
 * a new one, which takes its place in one step.
 */
#include "git/parts.h"

#include "base/list.h"
#include "base/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define MAX_PACKS 50

static bool has_many_packs(const char *repository, struct zpm_arena *arena)
{
	DIR *dir = opendir(zpm_arena_printf(arena, "%s/objects/pack", repository));
	const struct dirent *entry;
	size_t n = 0;

	while (dir && (entry = readdir(dir)))
		n += zpm_glob_matches("*.pack", entry->d_name);
	if (dir)
		closedir(dir);
	return n > MAX_PACKS;
}

static int copy_history(const struct zpm_libgit2 *lib, git_remote *remote, git_repository *to,
	const char *ref, const git_oid *id)
{
	git_strarray refs = { .strings = (char *[]){ (char *)(uintptr_t)ref }, .count = 1 };
	git_fetch_options options;
	git_reference *reference;

	lib->fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
	options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
	if (lib->remote_download(remote, &refs, &options) < 0 ||
		lib->reference_create(&reference, to, ref, id, 1, NULL) < 0)
		return -1;
	lib->reference_free(reference);
	return 0;
}

static int copy_repository(const struct zpm_git *git, const char *from, const char *to, const git_oid *id)
{
	git_remote_create_options options;
	git_repository *repository;
	git_remote *remote;
	int result = -1;

	if (git->lib->repository_init(&repository, to, 1) < 0)
		return -1;
	git->lib->remote_create_options_init(&options, GIT_REMOTE_CREATE_OPTIONS_VERSION);
	options.repository = repository;
	options.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF | GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC;
	if (!git->lib->remote_create_with_opts(&remote, from, &options)) {
		result = copy_history(git->lib, remote, repository, git->ref, id);
		git->lib->remote_free(remote);
	}
	git->lib->repository_free(repository);
	return result;
}

void zpm_git_compact(const struct zpm_git *git, const git_oid *id)
{
	const char *present = zpm_arena_printf(git->arena, "%s/repository", git->folder);
	const char *next = zpm_arena_printf(git->arena, "%s/new-repository", git->folder);

	if (!has_many_packs(present, git->arena))
		return;
	if (!copy_repository(git, present, next, id))
		(void)renameat2(AT_FDCWD, next, AT_FDCWD, present, RENAME_EXCHANGE);
	zpm_git_remove_folder(next);
}
