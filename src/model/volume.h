/* A named volume, local or NFS. The field table in volume.c says what each member means. */
#ifndef ZPM_MODEL_VOLUME_H
#define ZPM_MODEL_VOLUME_H

#include "model/field.h"

struct zpm_nfs {
	const char *server, *path, *options;
};

struct zpm_volume {
	const char *name;
	const char *real_name; /* the Engine's, when the manifest chose it */
	const char *when;      /* NULL once expanded */
	int64_t external;      /* made by somebody else: used, never changed */
	int64_t adopt;         /* used where it is nobody's */
	struct zpm_nfs *nfs;   /* a shorter way to write driver options */
	const char *on_change; /* "keep", "recreate" or "refuse"; NULL: recreate where no data is lost */
	const char *driver;
	struct zpm_pairs driver_options, labels;
};

extern const struct zpm_shape zpm_volume_shape;

#endif
