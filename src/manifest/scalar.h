/*
 * What a plain scalar means by the core schema of YAML 1.2 (10.3.2), which has
 * neither `yes` and `on` nor base 60: "22:22" is text. Internal to manifest/.
 */
#ifndef ZPM_MANIFEST_SCALAR_H
#define ZPM_MANIFEST_SCALAR_H

#include "base/arena.h"

#include <stdbool.h>

enum zpm_scalar_kind {
	ZPM_SCALAR_TEXT,
	ZPM_SCALAR_NULL,
	ZPM_SCALAR_BOOL,
	ZPM_SCALAR_INT,
	ZPM_SCALAR_FLOAT,
};

enum zpm_scalar_kind zpm_scalar_resolve(const char *text);

/* A whole number in plain decimal, from any way to write it; NULL when it is out of range. */
const char *zpm_scalar_decimal(const char *text, struct zpm_arena *arena);

/* True for 0755 and the like: octal to YAML 1.1 and to people, decimal to YAML 1.2. */
bool zpm_scalar_looks_octal(const char *text);

#endif
