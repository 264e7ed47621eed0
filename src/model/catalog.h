/*
 * What the platform's database says of tenants and their integrations, as far
 * as zpm has to do with it. The field tables in catalog.c say what each member
 * means and, as `wire`, what it is called in documents. Passwords are not in here:
 * they never leave mongo/.
 */
#ifndef ZPM_MODEL_CATALOG_H
#define ZPM_MODEL_CATALOG_H

#include "model/field.h"

/* A customer. One with a `host` has a database of its own, with its integrations in it. */
struct zpm_tenant {
	int64_t id;
	const char *name, *code, *status;
	const char *host, *database;
	const char *connection_status;
};

/* A further database of a tenant, or a backup of one. */
struct zpm_tenant_database {
	int64_t id;
	const char *name, *code, *status;
	const char *host, *database;
	const char *connection_status, *uuid;
};

/* What a tenant has, and maybe has switched on: it takes a service to run it. */
struct zpm_integration {
	int64_t id;
	const char *title, *action, *service_name, *execution_dir, *status, *executable;
	const char *code; /* of its tenant */
};

/* The port that an integration's service was given, once and for all. */
struct zpm_port_record {
	const char *name; /* of the service; only of one that is to be recorded */
	int64_t port;
	int64_t integration;
	const char *executable;
	const char *code; /* NULL: of a service that all tenants share */
};

/* Parameters of an executable in one kind of build. */
struct zpm_app_params {
	const char *type;  /* the executable; "*": of all */
	const char *build; /* NULL: of all */
	struct zpm_pairs environment;
	struct zpm_strs command, args;
	struct zpm_resources *resources;
};

extern const struct zpm_shape zpm_tenant_shape, zpm_tenant_database_shape, zpm_tenant_backup_shape,
	zpm_integration_shape, zpm_port_record_shape, zpm_app_params_shape;

/* The state of a feature in the database. */
struct zpm_feature_state {
	const char *name;
	bool said;       /* there is a document that says it */
	bool enabled;    /* what it says */
	const char *why; /* why nobody knows; NULL: it is known whether it is said */
};

/* What could not be read, and why. What it would have said is unknown, not empty. */
struct zpm_catalog_gap {
	const char *code; /* the tenant; NULL: all of the catalog */
	const char *why;  /* NULL: there is no database yet, which is no trouble */
};

struct zpm_catalog {
	struct zpm_ptrs tenants;      /* struct zpm_tenant */
	struct zpm_ptrs databases;    /* struct zpm_tenant_database */
	struct zpm_ptrs backups;      /* struct zpm_tenant_database */
	struct zpm_ptrs integrations; /* struct zpm_integration, switched on or not */
	struct zpm_ptrs ports;        /* struct zpm_port_record */
	struct zpm_ptrs params;       /* struct zpm_app_params */
	struct zpm_ptrs features;     /* struct zpm_feature_state */
	struct zpm_ptrs gaps;         /* struct zpm_catalog_gap */
};

/* Does a document's `status` say that it is in use? */
bool zpm_status_is_active(const char *status);

#endif
