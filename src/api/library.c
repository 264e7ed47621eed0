#include "api/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

/* The releases whose functions are as in the headers of Debian 12; later ones have other names. */
#define MICROHTTPD "libmicrohttpd.so.12"
#define LIBJWT     "libjwt.so.0"
#define GNUTLS     "libgnutls.so.30"

struct function {
	const char *name;
	size_t offset;
};

struct library {
	const char *file, *package;
	const struct function *functions;
	size_t n;
	void *table;
	struct zpm_err failure;
};

static struct zpm_microhttpd microhttpd;
static struct zpm_libjwt libjwt;
static struct zpm_gnutls gnutls;

static const struct function microhttpd_functions[] = {
#define ZPM_MICROHTTPD_ROW(name) { "MHD_" #name, offsetof(struct zpm_microhttpd, name) },
	ZPM_MICROHTTPD(ZPM_MICROHTTPD_ROW)
#undef ZPM_MICROHTTPD_ROW
};

static const struct function libjwt_functions[] = {
#define ZPM_LIBJWT_ROW(name) { "jwt_" #name, offsetof(struct zpm_libjwt, name) },
	ZPM_LIBJWT(ZPM_LIBJWT_ROW)
#undef ZPM_LIBJWT_ROW
};

static const struct function gnutls_functions[] = {
#define ZPM_GNUTLS_ROW(name) { "gnutls_" #name, offsetof(struct zpm_gnutls, name) },
	ZPM_GNUTLS(ZPM_GNUTLS_ROW)
#undef ZPM_GNUTLS_ROW
};

static struct library of_http = {
	.file = MICROHTTPD,
	.package = "libmicrohttpd12",
	.functions = microhttpd_functions,
	.n = ZPM_COUNT(microhttpd_functions),
	.table = &microhttpd,
};

static struct library of_jwt = {
	.file = LIBJWT,
	.package = "libjwt0",
	.functions = libjwt_functions,
	.n = ZPM_COUNT(libjwt_functions),
	.table = &libjwt,
};

static struct library of_gnutls = {
	.file = GNUTLS,
	.package = "libgnutls30",
	.functions = gnutls_functions,
	.n = ZPM_COUNT(gnutls_functions),
	.table = &gnutls,
};

static void load(struct library *library)
{
	void *handle = dlopen(library->file, RTLD_NOW | RTLD_LOCAL), *function = handle;

	for (size_t i = 0; function && i < library->n; i++) {
		function = dlsym(handle, library->functions[i].name);
		memcpy((char *)library->table + library->functions[i].offset, &function, sizeof(function));
	}
	if (!function)
		(void)zpm_err_set(&library->failure, ZPM_EFAILED,
			"%s cannot be loaded (%s; on Debian it is in the package %s)", library->file,
			dlerror(), library->package);
}

static void load_microhttpd(void)
{
	load(&of_http);
}

static void load_libjwt(void)
{
	load(&of_jwt);
}

static void load_gnutls(void)
{
	load(&of_gnutls);
}

const struct zpm_microhttpd *zpm_microhttpd_load(struct zpm_err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load_microhttpd);
	if (!of_http.failure.code)
		return &microhttpd;
	*err = of_http.failure;
	return NULL;
}

const struct zpm_libjwt *zpm_libjwt_load(struct zpm_err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load_libjwt);
	if (!of_jwt.failure.code)
		return &libjwt;
	*err = of_jwt.failure;
	return NULL;
}

const struct zpm_gnutls *zpm_gnutls_load(struct zpm_err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load_gnutls);
	if (!of_gnutls.failure.code)
		return &gnutls;
	*err = of_gnutls.failure;
	return NULL;
}
