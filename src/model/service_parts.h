/* The shapes a service is made of. For service.c; see service.h for the structs. */
#ifndef ZPM_MODEL_SERVICE_PARTS_H
#define ZPM_MODEL_SERVICE_PARTS_H

#include "model/service.h"

extern const struct zpm_shape zpm_healthcheck_shape;
extern const struct zpm_shape zpm_restart_shape;
extern const struct zpm_shape zpm_update_shape;
extern const struct zpm_shape zpm_resources_shape;
extern const struct zpm_shape zpm_logging_shape;
extern const struct zpm_shape zpm_ulimit_shape;

#endif
