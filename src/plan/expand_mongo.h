/* From `mongo` to the objects that there should be in MongoDB. Pure. */
#ifndef ZPM_PLAN_EXPAND_MONGO_H
#define ZPM_PLAN_EXPAND_MONGO_H

#include "model/object.h"
#include "model/platform.h"

/* Adds replica sets, shards and server-info documents. The platform has passed zpm_platform_check(). */
void zpm_expand_mongo(const struct zpm_platform *platform, struct zpm_objects *objects);

#endif
