#include "mongo/library.h"

#include "base/base.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* What the headers that zpm is built with describe: the name changes when the ABI does. */
#define LIBRARY "libmongoc-1.0.so.0"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct zpm_mongoc library;
static struct zpm_err failure;

static const struct function {
	const char *name;
	size_t offset;
} functions[] = {
#define ZPM_MONGOC_ROW(name) { "mongoc_" #name, offsetof(struct zpm_mongoc, name) },
	ZPM_MONGOC(ZPM_MONGOC_ROW)
#undef ZPM_MONGOC_ROW
};

static void fail(void)
{
	(void)zpm_err_set(&failure, ZPM_EFAILED,
		"the MongoDB C driver cannot be loaded (%s; on Debian it is in the package libmongoc-1.0-0)",
		dlerror());
}

static void load(void)
{
	void *handle, *function;

	/* Its counters are for a tool of its own. In shared memory they outlive a process that is killed. */
	(void)setenv("MONGOC_DISABLE_SHM", "1", 1);
	handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
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
	library.init();
	/* What goes wrong is in the error; the library would write to standard error too. */
	library.log_set_handler(NULL, NULL);
	(void)atexit(library.cleanup);
}

const struct zpm_mongoc *zpm_mongoc_load(struct zpm_err *err)
{
	pthread_once(&once, load);
	if (failure.code) {
		*err = failure;
		return NULL;
	}
	return &library;
}
