/*
 * Signatures by ssh keys, as git makes them with gpg.format=ssh. Others, as those of GnuPG, count as none.
 * Whether a key is valid is asked as of now, as the time in a commit is whatever its author says.
 */
#include "git/parts.h"

#include "base/file.h"
#include "base/list.h"
#include "base/text.h"

#include <string.h>
#include <unistd.h>

#define MAX_ANSWER (64 * 1024)

static const char begins[] = "-----BEGIN SSH SIGNATURE-----";

static int refuse(const char *commit, const char *why, struct zpm_err *err)
{
	return zpm_err_set(err, ZPM_EREFUSED, "commit %.12s is not taken: %s", commit, why);
}

/* Who has signed, by the file of those who may: the first name that fits. NULL: nobody of them. */
static const char *find_signer(
	const struct zpm_git *git, const char *allowed, const char *signature, struct zpm_err *err)
{
	const char *args[] = { "-Y", "find-principals", "-f", allowed, "-s", signature, NULL };
	ZPM_BUF answer = { .cap = MAX_ANSWER };
	int code = zpm_git_keygen(args, NULL, &answer, err);

	if (code || !answer.data)
		return NULL;
	return zpm_arena_strndup(git->arena, answer.data, strcspn(answer.data, "\n"));
}

static int check(const struct zpm_git *git, const char *commit, const char *signature, const char *data,
	struct zpm_err *err)
{
	const struct zpm_git_options *options = git->options;
	const char *allowed = zpm_arena_path(git->arena, options->base, options->source->verify_signatures);
	const char *args[] = { "-Y", "verify", "-f", allowed, "-I", NULL, "-n", "git", "-s", signature,
		NULL };
	ZPM_BUF answer = { .cap = MAX_ANSWER };
	int code;

	if (access(allowed, R_OK) < 0)
		return zpm_err_set(err, ZPM_EINVALID, "verifySignatures: cannot read '%s'", allowed);
	err->code = ZPM_OK;
	args[5] = find_signer(git, allowed, signature, err);
	if (err->code)
		return -1;
	if (!args[5] || !*args[5])
		return refuse(commit, "verifySignatures names nobody with the key of its signature", err);
	code = zpm_git_keygen(args, data, &answer, err);
	if (code < 0)
		return -1;
	return code ? refuse(commit, "its signature is not valid", err) : 0;
}

static int write_and_check(const struct zpm_git *git, const char *commit, const git_buf *signature,
	const git_buf *data, struct zpm_err *err)
{
	const char *signature_file = zpm_arena_printf(git->arena, "%s/signature", git->folder);
	const char *data_file = zpm_arena_printf(git->arena, "%s/signed", git->folder);
	int result = -1;

	if (!zpm_file_replace(signature_file, signature->ptr, signature->size, err) &&
		!zpm_file_replace(data_file, data->ptr, data->size, err))
		result = check(git, commit, signature_file, data_file, err);
	(void)unlink(signature_file);
	(void)unlink(data_file);
	return result;
}

int zpm_git_verify(const struct zpm_git *git, const git_oid *id, const char *commit, struct zpm_err *err)
{
	git_buf signature = { 0 }, data = { 0 };
	git_oid copy = *id;
	int result;

	if (!git->options->source->verify_signatures)
		return 0;
	if (git->lib->commit_extract_signature(&signature, &data, git->repository, &copy, NULL) < 0)
		result = refuse(commit, "it is not signed", err);
	else if (!zpm_starts_with(signature.ptr, begins))
		result = refuse(commit, "its signature is not made by an ssh key", err);
	else
		result = write_and_check(git, commit, &signature, &data, err);
	git->lib->buf_dispose(&signature);
	git->lib->buf_dispose(&data);
	return result;
}
