#include "git/library.h"

#include "base/base.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* What the headers that zpm is built with describe: each release has a name of its own. */
#define TEXT_OF(number) #number
#define TEXT(number)    TEXT_OF(number)
#define LIBRARY         "libgit2.so." TEXT(LIBGIT2_VER_MAJOR) "." TEXT(LIBGIT2_VER_MINOR)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct zpm_libgit2 library;
static struct zpm_err failure;

static const struct function {
	const char *name;
	size_t offset;
} functions[] = {
#define ZPM_LIBGIT2_ROW(name) { "git_" #name, offsetof(struct zpm_libgit2, name) },
	ZPM_LIBGIT2(ZPM_LIBGIT2_ROW)
#undef ZPM_LIBGIT2_ROW
};

static void fail(void)
{
	(void)zpm_err_set(&failure, ZPM_EFAILED,
		"libgit2 cannot be loaded (%s; on Debian it is in the package libgit2-%d.%d)", dlerror(),
		LIBGIT2_VER_MAJOR, LIBGIT2_VER_MINOR);
}

/* Whose configuration a command run by somebody else would have decides nothing, nor which proxy it names. */
static void ignore_configuration(void)
{
	static const git_config_level_t levels[] = { GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM,
		GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL };

	for (size_t i = 0; i < ZPM_COUNT(levels); i++)
		library.libgit2_opts(GIT_OPT_SET_SEARCH_PATH, (int)levels[i], "");
}

static void load(void)
{
	void *handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL), *function;

	if (!handle) {
		fail();
		return;
	}
	for (size_t i = 0; i < ZPM_COUNT(functions); i++) {
		function = dlsym(handle, functions[i].name);
		if (!function) {
			fail();
			return;
		}
		memcpy((char *)&library + functions[i].offset, &function, sizeof(function));
	}
	/* Before it talks ssh it looks for known hosts in the user's home, and fails where there is none to
	 * look in. */
	(void)setenv("HOME", "/nonexistent", 0);
	library.libgit2_init();
	ignore_configuration();
}

const struct zpm_libgit2 *zpm_libgit2_load(struct zpm_err *err)
{
	pthread_once(&once, load);
	if (failure.code) {
		*err = failure;
		return NULL;
	}
	return &library;
}

const char *zpm_libgit2_why(const struct zpm_libgit2 *git)
{
	const git_error *error = git->error_last();

	return error && error->message ? error->message : "it does not say why";
}
