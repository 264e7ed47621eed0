/* The field table of the section `notify`. */
#include "model/notify.h"

#include "model/rules.h"

#define AT(member) offsetof(struct zpm_notify, member)

const char *const zpm_notice_names[] = { "failure", "drift", "failover", "recovered", NULL };

static const struct zpm_rule url_rule = {
	.expected = "a URL with http:// or https://, without a password in it",
	.pattern = "^https?://[^/@ ]+(/[^ ]*)?$",
	.max_len = 2000,
};

static const struct zpm_rule event_rule = { .expected = "failure, drift, failover or recovered",
	.choices = zpm_notice_names };

static const struct zpm_field fields[] = {
	{ .name = "key", .type = ZPM_T_STRING, .at = AT(name), .flags = ZPM_KEY | ZPM_HIDDEN },
	{ .name = "url",
		.type = ZPM_T_STRING,
		.at = AT(url),
		.rule = &url_rule,
		.help = "Where JSON is posted to." },
	{ .name = "urlFile",
		.type = ZPM_T_STRING,
		.at = AT(url_file),
		.rule = &zpm_rule_not_empty,
		.help = "The file with the URL, where that is a secret; only its owner may read it." },
	{ .name = "secret",
		.type = ZPM_T_STRING,
		.at = AT(secret),
		.rule = &zpm_rule_not_empty,
		.help = "The file with the secret that the body is signed with, in X-Zpm-Signature-256." },
	{ .name = "events",
		.type = ZPM_T_SET,
		.at = AT(events),
		.rule = &event_rule,
		.help = "What is told of: failure, drift, failover, recovered; all when absent." },
	{ 0 },
};

const struct zpm_shape zpm_notify_shape = {
	.name = "notify",
	.help = "A webhook that `zpm run` tells of what a person should know.",
	.size = sizeof(struct zpm_notify),
	.fields = fields,
};
