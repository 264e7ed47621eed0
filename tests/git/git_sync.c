/*
 * For the tests beside it: one sync with a repository, and what came of it.
 *
 *     git_sync FOLDER sync|last NAME=VALUE...
 *
 * The names are those of the fields of `reconcile.git`, and `timeout` in milliseconds. Prints the revision as
 * JSON, or {"code": CODE, "error": MESSAGE}. SIGTERM cancels.
 */
#include "git/git.h"

#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *__lsan_default_suppressions(void);

/* libgit2 1.5 loses the known hosts that it looks for in the user's home with each connection over ssh. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libgit2.so\nleak:libssh2.so\n";
}

static atomic_bool canceled;

static void cancel(int signal)
{
	(void)signal;
	atomic_store(&canceled, true);
}

static int print(struct json_object *json, int result)
{
	puts(json_object_to_json_string(json));
	json_object_put(json);
	return result;
}

static void add(struct json_object *json, const char *name, const char *text)
{
	json_object_object_add(json, name, json_object_new_string(text));
}

static int print_revision(const struct zpm_git_revision *revision)
{
	struct json_object *json = json_object_new_object();

	add(json, "id", revision->id);
	add(json, "author", revision->author);
	add(json, "summary", revision->summary);
	add(json, "tree", revision->tree);
	add(json, "manifest", revision->manifest);
	json_object_object_add(json, "time", json_object_new_int64(revision->time));
	json_object_object_add(json, "changed", json_object_new_boolean(revision->changed));
	json_object_object_add(json, "rewound", json_object_new_boolean(revision->rewound));
	return print(json, EXIT_SUCCESS);
}

static int print_error(const struct zpm_err *err)
{
	static const char *const names[] = { "OK", "EINVALID", "EUNAVAIL", "ECONFLICT", "EBUSY", "ENOTFOUND",
		"EREFUSED", "EFAILED", "ECANCELED" };
	struct json_object *json = json_object_new_object();

	add(json, "code", names[err->code]);
	add(json, "error", err->msg);
	return print(json, EXIT_FAILURE);
}

/* True when the argument is of that name. */
static bool take(const char *argument, const char *name, const char **value)
{
	size_t len = strlen(name);

	if (strncmp(argument, name, len) != 0 || argument[len] != '=')
		return false;
	*value = argument + len + 1;
	return true;
}

int main(int argc, char **argv)
{
	struct zpm_git_source source = { 0 };
	struct zpm_git_options options = { .source = &source, .base = ".", .canceled = &canceled };
	struct zpm_git_revision revision;
	struct zpm_err err = { 0 };
	const char *timeout = "0";
	int result;

	if (argc < 3)
		return EXIT_FAILURE;
	for (int i = 3; i < argc; i++)
		if (!take(argv[i], "url", &source.url) && !take(argv[i], "branch", &source.branch) &&
			!take(argv[i], "path", &source.path) && !take(argv[i], "sshKey", &source.ssh_key) &&
			!take(argv[i], "knownHosts", &source.known_hosts) &&
			!take(argv[i], "credentials", &source.credentials) &&
			!take(argv[i], "verifySignatures", &source.verify_signatures) &&
			!take(argv[i], "timeout", &timeout))
			return EXIT_FAILURE;
	options.timeout = strtoll(timeout, NULL, 10) * 1000000;
	signal(SIGTERM, cancel);
	result = strcmp(argv[2], "last") ? zpm_git_sync(&options, argv[1], &revision, &err)
					 : zpm_git_last(&options, argv[1], &revision, &err);
	return result < 0 ? print_error(&err) : print_revision(&revision);
}
