#include "model/schema.h"
#include <json-c/json.h>
json_object *zpm_schema_new(void)
{
	return json_object_new_object();
}
