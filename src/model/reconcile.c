/* The field table of the section `reconcile`. */
#include "model/reconcile.h"

#include "base/clock.h"
#include "model/rules.h"
#include "model/window.h"

#define AT(member) offsetof(struct zpm_reconcile, member)

static const struct zpm_rule ignore_rule = {
	.expected = "KIND/NAME:PATH, like 'service/kafka:environment.JMX_PORT' or 'service/*:labels.com.*'",
	.pattern = "^[^/:]+/[^/:]+:[^ ]",
};

static const struct zpm_rule interval_rule = {
	.expected = "a duration from 1s to 24h", .min = ZPM_S, .max = 24 * 3600 * ZPM_S
};
static const struct zpm_rule lease_rule = {
	.expected = "a duration from 2s to 10m", .min = 2 * ZPM_S, .max = 600 * ZPM_S
};
static const struct zpm_rule history_rule = { .expected = "a number from 1 to 1000", .min = 1, .max = 1000 };

static const struct zpm_field fields[] = {
	{ .name = "interval",
		.type = ZPM_T_DURATION,
		.at = AT(interval),
		.value = "30s",
		.rule = &interval_rule,
		.help = "How often `zpm run` looks when nothing tells it of a change." },
	{ .name = "selfHeal",
		.type = ZPM_T_BOOL,
		.at = AT(self_heal),
		.value = "true",
		.help = "false: `zpm run` reports what somebody changed, and leaves it." },
	{ .name = "windows",
		.type = ZPM_T_LIST,
		.at = AT(windows),
		.rule = &zpm_rule_window,
		.help = "When `zpm run` may change anything, in the machine's time zone; always when "
			"absent." },
	{ .name = "lease",
		.type = ZPM_T_DURATION,
		.at = AT(lease),
		.value = "15s",
		.rule = &lease_rule,
		.help = "How long a `zpm run` that is silent is waited for before another one acts." },
	{ .name = "history",
		.type = ZPM_T_INT,
		.at = AT(history),
		.value = "20",
		.rule = &history_rule,
		.help = "How many applied revisions are kept in the Swarm." },
	{ .name = "git",
		.type = ZPM_T_OBJECT,
		.at = AT(git),
		.shape = &zpm_git_source_shape,
		.help = "The git repository that `zpm run` takes the manifest from." },
	{ .name = "prune",
		.type = ZPM_T_BOOL,
		.at = AT(prune),
		.value = "true",
		.help = "Remove what carries the platform's label and is no longer declared (never "
			"volumes)." },
	{ .name = "maxDeletes",
		.type = ZPM_T_INT,
		.at = AT(max_deletes),
		.value = "5",
		.rule = &zpm_rule_count,
		.help = "Refuse an apply that would remove more than this." },
	{ .name = "ignoreDrift",
		.type = ZPM_T_SET,
		.at = AT(ignore_drift),
		.rule = &ignore_rule,
		.help = "What an update leaves as it is on the Engine: KIND/NAME:PATH, '*' for anything." },
	{ 0 },
};

const struct zpm_shape zpm_reconcile_shape = {
	.name = "reconcile",
	.help = "What applying may do.",
	.size = sizeof(struct zpm_reconcile),
	.fields = fields,
};
