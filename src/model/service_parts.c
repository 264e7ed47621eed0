/*
 * Field tables of what a service is made of, but for ports, mounts and
 * networks, which have short forms (service_net.c). Defaults are the Engine's
 * own (GET /services/{id}?insertDefaults=true), so that what nobody set and
 * what the Engine filled in are the same.
 */
#include "model/service_parts.h"

#include "model/rules.h"
#include "model/value.h"

#include <string.h>

#define AT(member) offsetof(struct zpm_healthcheck, member)

static const struct zpm_field healthcheck_fields[] = {
	{ .name = "test",
		.type = ZPM_T_LIST,
		.at = AT(test),
		.cost = ZPM_COST_RESTART,
		.flags = ZPM_SHELL,
		.wire = "Test",
		.help = "[CMD, program, argument...], [CMD-SHELL, command], [NONE], or a command for the "
			"shell; the image's own when absent." },
	{ .name = "interval",
		.type = ZPM_T_DURATION,
		.at = AT(interval),
		.cost = ZPM_COST_RESTART,
		.wire = "Interval",
		.help = "Time between two checks." },
	{ .name = "timeout",
		.type = ZPM_T_DURATION,
		.at = AT(timeout),
		.cost = ZPM_COST_RESTART,
		.wire = "Timeout",
		.help = "The most a check may take." },
	{ .name = "startPeriod",
		.type = ZPM_T_DURATION,
		.at = AT(start_period),
		.cost = ZPM_COST_RESTART,
		.wire = "StartPeriod",
		.help = "Failures in this time after the start do not count." },
	{ .name = "retries",
		.type = ZPM_T_INT,
		.at = AT(retries),
		.cost = ZPM_COST_RESTART,
		.rule = &zpm_rule_count,
		.wire = "Retries",
		.help = "Failures in a row that make a task unhealthy." },
	{ 0 },
};

const struct zpm_shape zpm_healthcheck_shape = {
	.name = "healthcheck",
	.help = "How to see that a task works; the image's own when absent.",
	.size = sizeof(struct zpm_healthcheck),
	.fields = healthcheck_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_restart, member)

static const char *const conditions[] = { "none", "on-failure", "any", NULL };
static const struct zpm_rule condition_rule = { .expected = "none, on-failure or any",
	.choices = conditions };

static const struct zpm_field restart_fields[] = {
	{ .name = "condition",
		.type = ZPM_T_STRING,
		.at = AT(condition),
		.cost = ZPM_COST_RESTART,
		.value = "any",
		.rule = &condition_rule,
		.wire = "Condition",
		.help = "When a task that ended is started again." },
	{ .name = "delay",
		.type = ZPM_T_DURATION,
		.at = AT(delay),
		.cost = ZPM_COST_RESTART,
		.value = "5s",
		.wire = "Delay",
		.help = "Time before a restart." },
	{ .name = "maxAttempts",
		.type = ZPM_T_INT,
		.at = AT(max_attempts),
		.cost = ZPM_COST_RESTART,
		.value = "0",
		.rule = &zpm_rule_count,
		.wire = "MaxAttempts",
		.help = "Restarts before giving up; 0: no end." },
	{ .name = "window",
		.type = ZPM_T_DURATION,
		.at = AT(window),
		.cost = ZPM_COST_RESTART,
		.value = "0s",
		.wire = "Window",
		.help = "The time in which attempts are counted; 0: all of it." },
	{ 0 },
};

static int parse_restart(const char *text, void *object, struct zpm_arena *arena, struct zpm_err *err)
{
	struct zpm_restart *restart = object;

	(void)err;
	restart->condition = zpm_arena_strdup(arena, text);
	return 0;
}

static const char *format_restart(const void *object, struct zpm_arena *arena)
{
	(void)arena;
	return ((const struct zpm_restart *)object)->condition;
}

static const struct zpm_short restart_brief = {
	.expected = "none, on-failure or any",
	.pattern = "^(none|on-failure|any)$",
	.parse = parse_restart,
	.format = format_restart,
};

const struct zpm_shape zpm_restart_shape = {
	.name = "restart",
	.help = "What happens when a task ends.",
	.size = sizeof(struct zpm_restart),
	.fields = restart_fields,
	.brief = &restart_brief,
};

#undef AT
#define AT(member) offsetof(struct zpm_update, member)

static const char *const failure_actions[] = { "pause", "continue", "rollback", NULL };
static const struct zpm_rule failure_rule = {
	.expected = "pause, continue or rollback",
	.choices = failure_actions,
};
static const char *const orders[] = { "stop-first", "start-first", NULL };
static const struct zpm_rule order_rule = { .expected = "stop-first or start-first", .choices = orders };

static const struct zpm_field update_fields[] = {
	{ .name = "parallelism",
		.type = ZPM_T_INT,
		.at = AT(parallelism),
		.cost = ZPM_COST_IN_PLACE,
		.value = "1",
		.rule = &zpm_rule_count,
		.wire = "Parallelism",
		.help = "Tasks changed at a time; 0: all." },
	{ .name = "delay",
		.type = ZPM_T_DURATION,
		.at = AT(delay),
		.cost = ZPM_COST_IN_PLACE,
		.value = "0s",
		.wire = "Delay",
		.help = "Time between two batches." },
	{ .name = "failureAction",
		.type = ZPM_T_STRING,
		.at = AT(failure_action),
		.cost = ZPM_COST_IN_PLACE,
		.value = "pause",
		.rule = &failure_rule,
		.wire = "FailureAction",
		.help = "What to do when tasks fail." },
	{ .name = "monitor",
		.type = ZPM_T_DURATION,
		.at = AT(monitor),
		.cost = ZPM_COST_IN_PLACE,
		.value = "5s",
		.rule = &zpm_rule_positive,
		.wire = "Monitor",
		.help = "How long a new task is watched for failure." },
	{ .name = "maxFailureRatio",
		.type = ZPM_T_DECIMAL,
		.at = AT(max_failure_ratio),
		.cost = ZPM_COST_IN_PLACE,
		.value = "0",
		.rule = &zpm_rule_ratio,
		.wire = "MaxFailureRatio",
		.codec = ZPM_AS_RATIO,
		.help = "The fraction of tasks that may fail." },
	{ .name = "order",
		.type = ZPM_T_STRING,
		.at = AT(order),
		.cost = ZPM_COST_IN_PLACE,
		.value = "stop-first",
		.rule = &order_rule,
		.wire = "Order",
		.help = "Whether the old task stops before the new one starts." },
	{ 0 },
};

/* Swarm keeps a ratio as a float32, which has six digits to rely on. */
static void canonicalise_update(void *object, struct zpm_arena *arena)
{
	struct zpm_update *update = object;

	(void)arena;
	update->max_failure_ratio = (update->max_failure_ratio + 500) / 1000 * 1000;
}

const struct zpm_shape zpm_update_shape = {
	.name = "update",
	.help = "How tasks are replaced.",
	.size = sizeof(struct zpm_update),
	.fields = update_fields,
	.canonicalise = canonicalise_update,
};

#undef AT
#define AT(member) offsetof(struct zpm_limits, member)

/* The Engine refuses less than 4 MiB only when a task starts, and with an obscure error. */
static const struct zpm_rule memory_rule = { .expected = "4m or more", .min = 4 << 20, .max = INT64_MAX };

/* A thousandth is the least that the kernel divides a CPU into. */
static const struct zpm_rule cpus_rule = { .expected = "0.001 or more", .min = 1000000, .max = INT64_MAX };

static const struct zpm_field limits_fields[] = {
	{ .name = "cpus",
		.type = ZPM_T_DECIMAL,
		.at = AT(cpus),
		.cost = ZPM_COST_RESTART,
		.rule = &cpus_rule,
		.wire = "NanoCPUs",
		.help = "CPUs a task may use, as in 0.5." },
	{ .name = "memory",
		.type = ZPM_T_SIZE,
		.at = AT(memory),
		.cost = ZPM_COST_RESTART,
		.rule = &memory_rule,
		.wire = "MemoryBytes",
		.help = "Memory a task may use." },
	{ .name = "pids",
		.type = ZPM_T_INT,
		.at = AT(pids),
		.cost = ZPM_COST_RESTART,
		.rule = &zpm_rule_count,
		.wire = "Pids",
		.help = "Processes a task may have; 0: no limit." },
	{ 0 },
};

static const struct zpm_shape limits_shape = {
	.name = "limits",
	.help = "The most a task may use.",
	.size = sizeof(struct zpm_limits),
	.fields = limits_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_reservations, member)

static const struct zpm_field reservations_fields[] = {
	{ .name = "cpus",
		.type = ZPM_T_DECIMAL,
		.at = AT(cpus),
		.cost = ZPM_COST_RESTART,
		.rule = &cpus_rule,
		.wire = "NanoCPUs",
		.help = "CPUs a node must have free for a task." },
	{ .name = "memory",
		.type = ZPM_T_SIZE,
		.at = AT(memory),
		.cost = ZPM_COST_RESTART,
		.rule = &memory_rule,
		.wire = "MemoryBytes",
		.help = "Memory a node must have free for a task." },
	{ 0 },
};

static const struct zpm_shape reservations_shape = {
	.name = "reservations",
	.help = "What a node must have free for a task.",
	.size = sizeof(struct zpm_reservations),
	.fields = reservations_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_resources, member)

static const struct zpm_field resources_fields[] = {
	{ .name = "limits",
		.type = ZPM_T_OBJECT,
		.at = AT(limits),
		.shape = &limits_shape,
		.wire = "Limits",
		.help = "The most a task may use." },
	{ .name = "reservations",
		.type = ZPM_T_OBJECT,
		.at = AT(reservations),
		.shape = &reservations_shape,
		.wire = "Reservations",
		.help = "What a node must have free for a task." },
	{ 0 },
};

const struct zpm_shape zpm_resources_shape = {
	.name = "resources",
	.help = "Limits and reservations of a task.",
	.size = sizeof(struct zpm_resources),
	.fields = resources_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_placement, member)

static const struct zpm_rule constraint_rule = {
	.expected = "a constraint like 'node.labels.zone == east' or 'node.role != manager'",
	.pattern = "^[A-Za-z0-9_.-]+ *(==|!=) *[^ ].*$",
};

static const struct zpm_rule preference_rule = {
	.expected = "a node label to spread over, like 'node.labels.rack'",
	.pattern = "^(node|engine)\\.labels\\.[^ ]+$",
};

static const struct zpm_field placement_fields[] = {
	{ .name = "constraints",
		.type = ZPM_T_SET,
		.at = AT(constraints),
		.cost = ZPM_COST_RESTART,
		.rule = &constraint_rule,
		.wire = "Constraints",
		.help = "Conditions a node must meet." },
	{ .name = "preferences",
		.type = ZPM_T_LIST,
		.at = AT(preferences),
		.cost = ZPM_COST_RESTART,
		.rule = &preference_rule,
		.wire = "Preferences",
		.codec = ZPM_AS_SPREAD,
		.help = "Node labels to spread tasks over, the most important first." },
	{ .name = "maxReplicasPerNode",
		.type = ZPM_T_INT,
		.at = AT(max_replicas_per_node),
		.cost = ZPM_COST_RESTART,
		.rule = &zpm_rule_count,
		.wire = "MaxReplicas",
		.help = "Tasks on one node; 0: any number." },
	{ 0 },
};

/* "a==b" and "a == b" are one constraint; the Engine keeps whichever it was sent. */
static const char *spaced(const char *constraint, struct zpm_arena *arena)
{
	size_t key = strcspn(constraint, " =!");
	const char *op = constraint + key + strspn(constraint + key, " ");
	const char *value = op + 2 + strspn(op[0] && op[1] ? op + 2 : "", " ");

	if (!op[0] || op[1] != '=')
		return constraint;
	return zpm_arena_printf(arena, "%.*s %.2s %s", (int)key, constraint, op, value);
}

static void canonicalise_placement(void *object, struct zpm_arena *arena)
{
	struct zpm_placement *placement = object;
	struct zpm_strs list = { 0 };

	for (size_t i = 0; i < placement->constraints.n; i++)
		zpm_strs_push(arena, &list, spaced(placement->constraints.v[i], arena));
	placement->constraints = list;
}

const struct zpm_shape zpm_placement_shape = {
	.name = "placement",
	.help = "Which nodes tasks run on.",
	.size = sizeof(struct zpm_placement),
	.fields = placement_fields,
	.canonicalise = canonicalise_placement,
};

#undef AT
#define AT(member) offsetof(struct zpm_logging, member)

static const struct zpm_field logging_fields[] = {
	{ .name = "driver",
		.type = ZPM_T_STRING,
		.at = AT(driver),
		.cost = ZPM_COST_RESTART,
		.rule = &zpm_rule_not_empty,
		.wire = "Name",
		.help = "The log driver; the Engine's own when absent." },
	{ .name = "options",
		.type = ZPM_T_MAP,
		.at = AT(options),
		.cost = ZPM_COST_RESTART,
		.wire = "Options",
		.help = "Options of the log driver." },
	{ 0 },
};

const struct zpm_shape zpm_logging_shape = {
	.name = "logging",
	.help = "Where the output of tasks goes.",
	.size = sizeof(struct zpm_logging),
	.fields = logging_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_ulimit, member)

static const struct zpm_rule ulimit_rule = {
	.expected = "a number, -1 for no limit", .min = -1, .max = INT64_MAX
};

static const struct zpm_field ulimit_fields[] = {
	{ .name = "name",
		.type = ZPM_T_STRING,
		.at = AT(name),
		.cost = ZPM_COST_RESTART,
		.flags = ZPM_KEY | ZPM_REQUIRED,
		.rule = &zpm_rule_not_empty,
		.wire = "Name",
		.help = "As in nofile." },
	{ .name = "soft",
		.type = ZPM_T_INT,
		.at = AT(soft),
		.cost = ZPM_COST_RESTART,
		.flags = ZPM_REQUIRED,
		.rule = &ulimit_rule,
		.wire = "Soft",
		.help = "What a task starts with." },
	{ .name = "hard",
		.type = ZPM_T_INT,
		.at = AT(hard),
		.cost = ZPM_COST_RESTART,
		.flags = ZPM_REQUIRED,
		.rule = &ulimit_rule,
		.wire = "Hard",
		.help = "What a task may raise it to." },
	{ 0 },
};

static int parse_ulimit(const char *text, void *object, struct zpm_arena *arena, struct zpm_err *err)
{
	struct zpm_ulimit *ulimit = object;

	(void)arena;
	if (zpm_value_parse(ZPM_T_INT, text, &ulimit->soft) < 0)
		return zpm_err_set(err, ZPM_EINVALID, "'%s' is too large", text);
	ulimit->hard = ulimit->soft;
	return 0;
}

static const char *format_ulimit(const void *object, struct zpm_arena *arena)
{
	return zpm_value_format(ZPM_T_INT, ((const struct zpm_ulimit *)object)->soft, arena);
}

static const struct zpm_short ulimit_brief = {
	.expected = "a number, or soft and hard",
	.pattern = "^(-1|[0-9]+)$",
	.parse = parse_ulimit,
	.format = format_ulimit,
};

const struct zpm_shape zpm_ulimit_shape = {
	.name = "ulimit",
	.help = "A limit of the kernel on a task's processes.",
	.size = sizeof(struct zpm_ulimit),
	.fields = ulimit_fields,
	.brief = &ulimit_brief,
};
