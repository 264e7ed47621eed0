/*
 * Errors by value. A function that can fail takes a `struct zpm_err *` last
 * and returns 0 (err untouched) or -1 (err set). The origin says what failed
 * and why; a caller wraps only where it adds a noun.
 *
 * The code answers one question: what can the caller do about it?
 */
#ifndef ZPM_BASE_ERR_H
#define ZPM_BASE_ERR_H

#include "base/base.h"

enum zpm_code {
	ZPM_OK = 0,
	ZPM_EINVALID,  /* the manifest or the command line is wrong: report it */
	ZPM_EUNAVAIL,  /* out of reach or overloaded: the same call may go through later */
	ZPM_ECONFLICT, /* changed since it was read: read again, diff again, retry */
	ZPM_EBUSY, /* something that may be about to go is in the way: the same call may go through soon */
	ZPM_ENOTFOUND, /* the object is not there */
	ZPM_EREFUSED,  /* zpm declines to do it: a person has to decide */
	ZPM_EFAILED,   /* the other side said no, or a task failed: give up on this step */
	ZPM_ECANCELED, /* the operator interrupted */
};

struct zpm_err {
	enum zpm_code code;
	char msg[512];
};

/* Always returns -1, so that a failing function ends in `return zpm_err_set(...)`. */
int zpm_err_set(struct zpm_err *err, enum zpm_code code, const char *fmt, ...) ZPM_PRINTF(3, 4);

/* Puts "context: " before the message and keeps the code. Returns -1. */
int zpm_err_wrap(struct zpm_err *err, const char *fmt, ...) ZPM_PRINTF(2, 3);

#endif
