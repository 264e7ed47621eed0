/* Decoded as the manifest is, so that a mistake in it is told as well. No variable is filled in. */
#include "manifest/tokens.h"

#include "base/clock.h"
#include "manifest/compose.h"
#include "manifest/decode.h"
#include "manifest/decode_value.h"
#include "manifest/source.h"
#include "model/shape.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_BYTES  (1024UL * 1024)
#define MAX_TOKENS 1000

/* A day that no calendar has. */
static void check_dates(const struct zpm_place *place, struct zpm_decoder *d, const struct zpm_ptrs *list)
{
	int64_t wall;

	for (size_t i = 0; i < list->n; i++) {
		const struct zpm_api_token *token = list->v[i];
		struct zpm_place item = zpm_place_of_item(place, i);

		if (token->expires && !zpm_time_parse(token->expires, &wall))
			zpm_complain(d, &item, "there is no day '%s'", token->expires);
	}
	if (list->n > MAX_TOKENS)
		zpm_complain(d, place, "holds %zu tokens; at most %d are taken", list->n, MAX_TOKENS);
}

static void decode(const struct zpm_source *source, struct zpm_diags *diags, struct zpm_api_tokens *out)
{
	struct zpm_decoder d = { .arena = diags->arena, .diags = diags, .in_raw = true };
	struct zpm_place place = { 0 };
	size_t weight = 0;

	place.node = zpm_compose(source, &weight, diags->arena, diags);
	if (!place.node)
		return;
	zpm_decode_field(&d, &place, zpm_shape_field(&zpm_api_tokens_shape, "tokens"), out);
	if (!diags->list.n)
		check_dates(&place, &d, &out->list);
}

static int report(struct zpm_diags *diags, struct zpm_err *err)
{
	const struct zpm_diag *first;
	char more[64] = "";

	zpm_diags_sort(diags);
	first = diags->list.v[0];
	if (diags->list.n > 1)
		snprintf(more, sizeof(more), " (and %zu more)", diags->list.n - 1 + diags->left_out);
	return zpm_err_set(err, ZPM_EINVALID, "%s:%u:%u: %s%s", first->pos.file, first->pos.line,
		first->pos.column, first->msg, more);
}

/* It holds no secret, but who can write it can let in anybody. */
static int check_mode(const char *path, struct zpm_err *err)
{
	struct stat about;

	if (!stat(path, &about) && about.st_mode & (S_IWGRP | S_IWOTH))
		return zpm_err_set(err, ZPM_EINVALID,
			"cannot use '%s': others than its owner can write it, and so let in whom they like: "
			"chmod 600 it",
			path);
	return 0;
}

int zpm_manifest_tokens(
	const char *path, struct zpm_arena *arena, struct zpm_api_tokens *out, struct zpm_err *err)
{
	struct zpm_diags diags = { .arena = arena };
	struct zpm_source source;
	ZPM_BUF text = { 0 };

	*out = (struct zpm_api_tokens){ 0 };
	if (check_mode(path, err) < 0 || zpm_source_read_regular(path, MAX_BYTES, &text, err) < 0)
		return -1;
	path = zpm_arena_strdup(arena, path);
	if (zpm_source_init(&source, path, text.data ? text.data : "", text.len, &diags))
		decode(&source, &diags, out);
	return diags.list.n ? report(&diags, err) : 0;
}
