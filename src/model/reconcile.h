/* The section `reconcile`: what applying may do, and how `zpm run` goes about it. */
#ifndef ZPM_MODEL_RECONCILE_H
#define ZPM_MODEL_RECONCILE_H

#include "base/list.h"
#include "model/field.h"
#include "model/git_source.h"

struct zpm_reconcile {
	int64_t interval, self_heal; /* of `zpm run`, as are the next three */
	struct zpm_strs windows;     /* see model/window.h */
	int64_t lease, history;
	struct zpm_git_source *git; /* NULL: the manifest is a file */
	int64_t prune, max_deletes;
	struct zpm_strs ignore_drift; /* see model/ignore.h */
};

extern const struct zpm_shape zpm_reconcile_shape;

#endif
