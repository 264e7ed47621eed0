/*
 * Field tables: one row says all there is to say about one field of the
 * manifest. Parsing, defaults, diff, cost, rendering, the JSON Schema and the
 * Engine's encoding all walk the same rows, so a field cannot be forgotten in
 * one of them. To add a field: one struct member, one row.
 *
 * Everything here is constant data and is safe to read from any thread.
 */
#ifndef ZPM_MODEL_FIELD_H
#define ZPM_MODEL_FIELD_H

#include "base/err.h"
#include "base/list.h"

#include <stdint.h>

/* What a number holds when nobody set it. Unset text is NULL, an unset list is empty. */
#define ZPM_UNSET INT64_MIN

enum zpm_type {
	ZPM_T_STRING,   /* const char * */
	ZPM_T_BOOL,     /* int64_t: 0 or 1 */
	ZPM_T_INT,      /* int64_t */
	ZPM_T_DECIMAL,  /* int64_t in billionths: "0.5" CPUs is 500000000 */
	ZPM_T_DURATION, /* int64_t in nanoseconds: "1m30s" */
	ZPM_T_SIZE,     /* int64_t in bytes: "512m" */
	ZPM_T_LIST,     /* struct zpm_strs, where order means something */
	ZPM_T_SET,      /* struct zpm_strs, where it does not */
	ZPM_T_MAP,      /* struct zpm_pairs; order means nothing */
	ZPM_T_OBJECT,   /* struct * of `shape`; NULL is the same as all unset */
	ZPM_T_OBJECTS,  /* struct zpm_ptrs to structs of `shape`, a set told apart by key */
};

/* What it costs the running platform when this field changes. */
enum zpm_cost {
	ZPM_COST_NONE,     /* zpm's own: never sent to the Engine */
	ZPM_COST_IN_PLACE, /* the Engine changes it without touching a task */
	ZPM_COST_RESTART,  /* the service's tasks are replaced */
	ZPM_COST_REPLACE,  /* the Engine cannot change it: remove and create */
};

enum zpm_field_flag {
	ZPM_REQUIRED = 1 << 0,
	ZPM_KEY = 1 << 1,       /* part of what tells an object of a list from the others */
	ZPM_NAMED = 1 << 2,     /* OBJECTS: written as a map from the key field to the rest */
	ZPM_LISTED = 1 << 3,    /* OBJECTS: written as a list. Together with ZPM_NAMED: either */
	ZPM_PAIR_LIST = 1 << 4, /* MAP: may be written as a list of "KEY=VALUE" too */
	ZPM_WORDS = 1 << 5,     /* LIST: may be written as one string, split as a shell would */
	ZPM_SHELL = 1 << 6,     /* LIST: may be written as one string, meaning CMD-SHELL */
	ZPM_SINGLE = 1 << 7,    /* LIST or SET: may be written as one string, meaning itself */
	ZPM_ORDERED = 1 << 8,   /* OBJECTS: order means something */
	ZPM_HIDDEN = 1 << 9,    /* not a key of the manifest: filled in by zpm */
	ZPM_SECRET = 1 << 10,   /* the value is never shown */
	ZPM_AUTO = 1 << 11,     /* what is not declared the Engine chooses: no difference then */
	ZPM_EITHER = 1 << 12,   /* one of the shape's fields with this flag has to be there */
	ZPM_TEMPLATE = 1 << 13, /* may use ${integration.NAME}: see model/apps.h */
};

/* How a value looks in the Engine's JSON, where that is not plain from its type. */
enum zpm_codec {
	ZPM_AS_TYPE,
	ZPM_AS_ENV,     /* MAP as ["KEY=VALUE"] */
	ZPM_AS_HOSTS,   /* MAP as ["ADDRESS NAME"] */
	ZPM_AS_RATIO,   /* DECIMAL as a fraction */
	ZPM_AS_MODE,    /* STRING as the one key of an object: {"Global": {}} */
	ZPM_AS_SPREAD,  /* LIST as [{"Spread": {"SpreadDescriptor": ITEM}}] */
	ZPM_AS_IMAGE,   /* STRING, with a digest that only the Engine's side has left aside */
	ZPM_AS_CAPS,    /* SET of capabilities, spelled CAP_X by the Engine */
	ZPM_AS_NETWORK, /* STRING: the id of a network there, its name here */
	ZPM_AS_VOLUME,  /* STRING: the Engine's name of a volume there, the manifest's here */
	ZPM_AS_SECRET,  /* STRING: the Engine's name of a secret there, "name@version" here */
	ZPM_AS_CONFIG,  /* the same for a config */
};

/* What a scalar, or each item of a list or map, must look like. */
struct zpm_rule {
	const char *expected;       /* "expected <this>, got ..." */
	const char *pattern;        /* extended regular expression, also valid in JSON Schema */
	const char *const *choices; /* NULL-terminated */
	int64_t min, max;           /* for numbers; both 0: any */
	size_t max_len;             /* for text; 0: any */
};

struct zpm_shape;

struct zpm_field {
	const char *name; /* as the manifest spells it */
	const char *help; /* one line, for the schema and the manual */
	enum zpm_type type;
	enum zpm_cost cost;
	enum zpm_codec codec;
	unsigned flags;                /* of enum zpm_field_flag */
	size_t at;                     /* offsetof the member */
	const char *value;             /* the default, as the manifest would write it; NULL: none */
	const struct zpm_rule *rule;   /* for a scalar, or each item or value of a list or map */
	const struct zpm_shape *shape; /* of an object or of each object of a list */
	const char *wire;              /* where it is in the Engine's JSON: "A.B.C"; NULL: nowhere */
};

/* The short way to write an object: `"8081:8080"` for a port. */
struct zpm_short {
	const char *expected;
	const char *pattern; /* a necessary condition, for the schema and the first check */
	/* Fills the object from text that matches the pattern. Fails with ZPM_EINVALID. */
	int (*parse)(const char *text, void *object, struct zpm_arena *arena, struct zpm_err *err);
	/* The text that would say the object if nothing else were set in it; NULL when none could. May be
	 * NULL. */
	const char *(*format)(const void *object, struct zpm_arena *arena);
};

struct zpm_shape {
	const char *name; /* "service": what diagnostics and the schema call it */
	const char *help;
	size_t size;
	const struct zpm_field *fields; /* ends with a row without a name */
	const struct zpm_short *brief;  /* NULL: there is no short way */
	const char *lone;               /* the number, or list, that one in its place sets; NULL: none */
	bool partial;                   /* a fragment: required fields may be missing */
	/* Last touch after defaults: brings both sides of a diff to one spelling. May be NULL. */
	void (*canonicalise)(void *object, struct zpm_arena *arena);
};

#define ZPM_EACH_FIELD(f, shape) for (const struct zpm_field *f = (shape)->fields; f->name; f++)

/* Access to a member through its row. The caller's row has to be of the matching type. */
const char **zpm_field_str(const struct zpm_field *field, const void *object);
int64_t *zpm_field_int(const struct zpm_field *field, const void *object);
struct zpm_strs *zpm_field_strs(const struct zpm_field *field, const void *object);
struct zpm_pairs *zpm_field_pairs(const struct zpm_field *field, const void *object);
void **zpm_field_object(const struct zpm_field *field, const void *object);
struct zpm_ptrs *zpm_field_objects(const struct zpm_field *field, const void *object);

/* True for the types kept as int64_t. */
bool zpm_type_is_number(enum zpm_type type);

/* Gives the member the value it has in another object; what is nested is shared. */
void zpm_field_assign(const struct zpm_field *field, void *object, const void *from);

/* True when nothing is set; a nested object counts as unset when all its fields are. */
bool zpm_field_is_unset(const struct zpm_field *field, const void *object);

#endif
