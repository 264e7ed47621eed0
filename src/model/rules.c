/* What names, images, ports and the like must look like, each said once. */
#include "model/rules.h"

#include "model/host.h"
#include "model/kind.h"

/* Swarm takes a service's name as a DNS label that may also hold '_'. */
const struct zpm_rule zpm_rule_service_name = {
	.expected = "a name of letters, digits, '-' and '_' that begins and ends with a letter or digit",
	.pattern = "^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$",
	.max_len = ZPM_NAME_MAX,
};

const struct zpm_rule zpm_rule_object_name = {
	.expected = "a name of letters, digits, '.', '-' and '_' that begins with a letter or digit",
	.pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$",
	.max_len = ZPM_NAME_MAX,
};

#define COMPONENT "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*"
#define LABEL     "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"

/* The grammar of image references: https://pkg.go.dev/github.com/distribution/reference */
const struct zpm_rule zpm_rule_image = {
	.expected = "an image reference like 'kafka', 'kafka:3.7' or 'registry.example.net/team/kafka:3.7'",
	.pattern = "^(" LABEL "(\\." LABEL ")*(:[0-9]+)?/)?" COMPONENT "(/" COMPONENT ")*"
		   "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[a-f0-9]{64})?$",
	.max_len = 383, /* a name of 255 and a tag of 128 */
};

const struct zpm_rule zpm_rule_port = {
	.expected = "a port number from 1 to 65535",
	.min = 1,
	.max = 65535,
};

const struct zpm_rule zpm_rule_path = {
	.expected = "an absolute path",
	.pattern = "^/",
};

const struct zpm_rule zpm_rule_address = {
	.expected = "an IP address",
	.pattern = "^([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$",
};

const struct zpm_rule zpm_rule_positive = {
	.expected = "more than nothing",
	.min = 1,
	.max = INT64_MAX,
};

const struct zpm_rule zpm_rule_count = {
	.expected = "a whole number, 0 or more",
	.min = 0,
	.max = INT32_MAX,
};

const struct zpm_rule zpm_rule_ratio = {
	.expected = "a fraction from 0 to 1",
	.min = 0,
	.max = 1000000000,
};

const struct zpm_rule zpm_rule_not_empty = {
	.expected = "text that is not empty",
	.pattern = "[^ ]",
};

const struct zpm_rule zpm_rule_variable = {
	.expected = "the name of an environment variable",
	.pattern = "^[A-Za-z_][A-Za-z0-9_]*$",
};

const struct zpm_rule zpm_rule_role = {
	.expected = "active, passive, secondary-active, service or db",
	.choices = zpm_roles,
};
