/* How to reach a Docker Engine. The field tables in engine.c say what each member means. */
#ifndef ZPM_MODEL_ENGINE_H
#define ZPM_MODEL_ENGINE_H

#include "model/field.h"

/* Paths of PEM files. */
struct zpm_tls {
	const char *ca;         /* NULL: whom the system trusts */
	const char *cert, *key; /* both or neither */
};

struct zpm_engine_config {
	const char *endpoint;
	struct zpm_tls *tls; /* NULL: none */
	int64_t timeout;
};

extern const struct zpm_shape zpm_engine_shape;

#endif
