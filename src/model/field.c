/* Members of a struct through the row that describes them. */
#include "model/field.h"

#include "model/shape.h"

#include <string.h>

/* The tables describe members of objects that are not const themselves. */
static void *member(const struct zpm_field *field, const void *object)
{
	return (char *)(uintptr_t)object + field->at;
}

const char **zpm_field_str(const struct zpm_field *field, const void *object)
{
	return member(field, object);
}

int64_t *zpm_field_int(const struct zpm_field *field, const void *object)
{
	return member(field, object);
}

struct zpm_strs *zpm_field_strs(const struct zpm_field *field, const void *object)
{
	return member(field, object);
}

struct zpm_pairs *zpm_field_pairs(const struct zpm_field *field, const void *object)
{
	return member(field, object);
}

void **zpm_field_object(const struct zpm_field *field, const void *object)
{
	return member(field, object);
}

struct zpm_ptrs *zpm_field_objects(const struct zpm_field *field, const void *object)
{
	return member(field, object);
}

bool zpm_type_is_number(enum zpm_type type)
{
	return type == ZPM_T_BOOL || type == ZPM_T_INT || type == ZPM_T_DECIMAL || type == ZPM_T_DURATION ||
	       type == ZPM_T_SIZE;
}

static size_t type_size(enum zpm_type type)
{
	switch (type) {
	case ZPM_T_STRING:
		return sizeof(const char *);
	case ZPM_T_LIST:
	case ZPM_T_SET:
		return sizeof(struct zpm_strs);
	case ZPM_T_MAP:
		return sizeof(struct zpm_pairs);
	case ZPM_T_OBJECT:
		return sizeof(void *);
	case ZPM_T_OBJECTS:
		return sizeof(struct zpm_ptrs);
	default:
		return sizeof(int64_t);
	}
}

void zpm_field_assign(const struct zpm_field *field, void *object, const void *from)
{
	memcpy((char *)object + field->at, (const char *)from + field->at, type_size(field->type));
}

static bool object_is_unset(const struct zpm_shape *shape, const void *object)
{
	if (!object)
		return true;
	ZPM_EACH_FIELD (field, shape)
		if (!zpm_field_is_unset(field, object))
			return false;
	return true;
}

bool zpm_field_is_unset(const struct zpm_field *field, const void *object)
{
	switch (field->type) {
	case ZPM_T_STRING:
		return !*zpm_field_str(field, object);
	case ZPM_T_LIST:
	case ZPM_T_SET:
		return !zpm_field_strs(field, object)->n;
	case ZPM_T_MAP:
		return !zpm_field_pairs(field, object)->n;
	case ZPM_T_OBJECT:
		return object_is_unset(field->shape, *zpm_field_object(field, object));
	case ZPM_T_OBJECTS:
		return !zpm_field_objects(field, object)->n;
	case ZPM_T_BOOL:
	case ZPM_T_INT:
	case ZPM_T_DECIMAL:
	case ZPM_T_DURATION:
	case ZPM_T_SIZE:
		return *zpm_field_int(field, object) == ZPM_UNSET;
	}
	return true;
}
