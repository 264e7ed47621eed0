/* The JSON Schema (2020-12) of the manifest, made from the field tables. */
#ifndef ZPM_MODEL_SCHEMA_H
#define ZPM_MODEL_SCHEMA_H

struct json_object;

/* The caller's: json_object_put() it. */
struct json_object *zpm_schema_new(void);

#endif
