/* Reading one more file of a manifest, and counting what all of them have. */
#include "manifest/parts.h"

#include "base/buf.h"
#include "manifest/compose.h"
#include "manifest/folder.h"
#include "manifest/manifest.h"

bool zpm_parts_full(const struct zpm_parts *parts)
{
	return parts->files > ZPM_MANIFEST_MAX_FILES || parts->bytes > ZPM_MANIFEST_MAX_BYTES ||
	       parts->weight > ZPM_MANIFEST_MAX_NODES;
}

bool zpm_parts_hold(
	struct zpm_parts *parts, const struct zpm_place *place, const char *name, const char *written)
{
	struct zpm_arena *arena = parts->decoder.arena;

	/* Also one that is refused: the link that leads out may be mended. */
	if (name)
		zpm_strs_push(arena, parts->looked_for, zpm_folder_path(parts->folder, name, arena));
	if (name && zpm_folder_holds(parts->folder, name, arena))
		return true;
	zpm_complain(&parts->decoder, place,
		"%s is outside of the manifest's folder; only files in it are read",
		zpm_node_quote(written, arena));
	return false;
}

/* False, after a complaint, when the manifest has become too large. */
static bool count_bytes(struct zpm_parts *parts, const struct zpm_place *place, size_t bytes)
{
	parts->bytes += bytes;
	if (parts->bytes <= ZPM_MANIFEST_MAX_BYTES)
		return true;
	zpm_complain(&parts->decoder, place,
		"with this file the manifest is larger than %d KiB, the most that is read",
		ZPM_MANIFEST_MAX_BYTES / 1024);
	return false;
}

struct zpm_node *zpm_parts_read(struct zpm_parts *parts, const struct zpm_place *place, const char *name)
{
	struct zpm_decoder *d = &parts->decoder;
	const char *path = zpm_folder_path(parts->folder, name, d->arena);
	struct zpm_source source;
	ZPM_BUF text = { 0 };
	struct zpm_err err;

	if (zpm_source_read_regular(path, ZPM_MANIFEST_MAX_BYTES, &text, &err) < 0) {
		zpm_complain(d, place, "%s", err.msg);
		return NULL;
	}
	if (!count_bytes(parts, place, text.len) ||
		!zpm_source_init(&source, path, text.data ? text.data : "", text.len, d->diags))
		return NULL;
	return zpm_compose(&source, &parts->weight, d->arena, d->diags);
}
