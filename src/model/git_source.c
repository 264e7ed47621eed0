/* The field table of `reconcile.git`. */
#include "model/git_source.h"

#include "model/rules.h"
#include "model/value.h"

#define AT(member) offsetof(struct zpm_git_source, member)

static const struct zpm_rule url_rule = {
	.expected = ZPM_GIT_URL_EXPECTED,
	.pattern =
		"^(https://[^/@ -][^/@ ]*/[^ ]*|ssh://([A-Za-z0-9._-]+@)?[^/@ -][^/@ ]*/[^ ]*|file:///[^ ]*|"
		"[A-Za-z0-9._-]+@[A-Za-z0-9][A-Za-z0-9.-]*:[^ :][^ ]*)$",
};

static const struct zpm_rule branch_rule = {
	.expected = "the name of a branch, like 'main'",
	.pattern = "^[A-Za-z0-9_][A-Za-z0-9_./+-]*$",
	.max_len = 200,
};

/* A name that begins with a dot may be hidden, but not lead upwards. */
static const struct zpm_rule path_rule = {
	.expected = "a file or folder in the repository, like 'platform/securaa.yaml'",
	.pattern = "^([^/.][^/]*|[.][^/.][^/]*)(/([^/.][^/]*|[.][^/.][^/]*))*/?$",
};

static const struct zpm_rule interval_rule = {
	.expected = "at least 1s",
	.min = 1000000000,
	.max = INT64_MAX,
};

static const struct zpm_field fields[] = {
	{ .name = "url",
		.type = ZPM_T_STRING,
		.at = AT(url),
		.flags = ZPM_REQUIRED,
		.rule = &url_rule,
		.help = "The repository." },
	{ .name = "branch",
		.type = ZPM_T_STRING,
		.at = AT(branch),
		.rule = &branch_rule,
		.help = "The branch to follow; the repository's own when absent." },
	{ .name = "path",
		.type = ZPM_T_STRING,
		.at = AT(path),
		.value = ZPM_GIT_PATH,
		.rule = &path_rule,
		.help = "The manifest in the repository, or the folder with a `" ZPM_GIT_PATH "`." },
	{ .name = "interval",
		.type = ZPM_T_DURATION,
		.at = AT(interval),
		.value = "60s",
		.rule = &interval_rule,
		.help = "How often the repository is asked." },
	{ .name = "sshKey",
		.type = ZPM_T_STRING,
		.at = AT(ssh_key),
		.rule = &zpm_rule_not_empty,
		.help = "The file with the private key for ssh, which only its owner may read." },
	{ .name = "knownHosts",
		.type = ZPM_T_STRING,
		.at = AT(known_hosts),
		.rule = &zpm_rule_not_empty,
		.help = "The file with the keys of ssh servers, as in ~/.ssh/known_hosts; needed for ssh." },
	{ .name = "credentials",
		.type = ZPM_T_STRING,
		.at = AT(credentials),
		.rule = &zpm_rule_not_empty,
		.help = "The file with `user:password` or a token for https, which only its owner may "
			"read." },
	{ .name = "verifySignatures",
		.type = ZPM_T_STRING,
		.at = AT(verify_signatures),
		.rule = &zpm_rule_not_empty,
		.help = "The file with the ssh keys that may sign commits, as git's allowedSignersFile; "
			"no other commit is taken then." },
	{ 0 },
};

const struct zpm_shape zpm_git_source_shape = {
	.name = "git",
	.help = "The git repository that `zpm run` takes the manifest from; files are looked for beside the "
		"manifest.",
	.size = sizeof(struct zpm_git_source),
	.fields = fields,
};

bool zpm_git_url_is_valid(const char *url)
{
	return zpm_rule_allows_text(&url_rule, url);
}
