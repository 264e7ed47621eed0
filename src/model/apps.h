/*
 * The section `apps`: services that are made from what the platform's database
 * says. Plain data; the field tables in apps.c say what each member means.
 */
#ifndef ZPM_MODEL_APPS_H
#define ZPM_MODEL_APPS_H

#include "model/service.h"

/* What the collections of the catalog are called. */
struct zpm_catalog_names {
	const char *tenants, *databases, *backups, *integrations, *ports;
};

struct zpm_params_source {
	const char *collection, *build_type;
};

/* Ports that may be given to services, from first to last. */
struct zpm_port_range {
	int64_t first, last;
};

struct zpm_from_integrations {
	const char *database;
	struct zpm_catalog_names *collections;
	struct zpm_port_range *ports;
	struct zpm_params_source *params;
	int64_t per_tenant; /* 0: tenants share the service of an executable */
	/* Both with made-up values in the place of variables: manifest/template.h has the real ones. */
	const char *name;
	struct zpm_service *service;
	bool uses_port; /* the template needs one; found out by manifest/ */
};

struct zpm_apps {
	struct zpm_from_integrations *from_integrations;
};

extern const struct zpm_shape zpm_apps_shape;

/* What a template may use as ${integration.NAME}. */
struct zpm_template_variable {
	const char *name;   /* "integration.executable" */
	const char *field;  /* of zpm_integration_shape; NULL: the port */
	const char *sample; /* in its place while nothing is known but the manifest */
	bool shared;        /* also where tenants share a service */
};

extern const struct zpm_template_variable zpm_template_variables[]; /* ends with a row without a name */

#define ZPM_TEMPLATE_PREFIX "integration."
#define ZPM_TEMPLATE_PORT   ZPM_TEMPLATE_PREFIX "port"

/* On services made from integrations: the tenant's code and the number. */
#define ZPM_LABEL_INTEGRATION "zpm.integration"

/* "TENANT/ID" of an integration, or "*" and "/EXECUTABLE" of a service that tenants share. */
#define ZPM_INTEGRATION_SHARED "*/"

#endif
