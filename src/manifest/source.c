/* Reading a file within bounds, and counting lines and columns in what was read. */
#include "manifest/source.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK (64 * 1024)

static const char byte_order_mark[] = "\xef\xbb\xbf";

static void close_fd(const int *fd)
{
	if (*fd > STDIN_FILENO)
		close(*fd);
}

static int refuse_size(const char *path, size_t most, struct zpm_err *err)
{
	return zpm_err_set(err, ZPM_EINVALID,
		"'%s' is larger than %zu KiB, the most that is read; is it the right file?", path,
		most / 1024);
}

static int read_all(int fd, const char *path, size_t most, struct zpm_buf *text, struct zpm_err *err)
{
	char chunk[CHUNK];

	text->cap = most;
	for (;;) {
		ssize_t len = read(fd, chunk, sizeof(chunk));

		if (len == 0)
			return 0;
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return zpm_err_set(err, ZPM_EINVALID, "cannot read '%s': %s", path, strerror(errno));
		if (!zpm_buf_add(text, chunk, (size_t)len))
			return refuse_size(path, most, err);
	}
}

static int read_open(
	int fd, const char *path, size_t most, bool regular, struct zpm_buf *text, struct zpm_err *err)
{
	struct stat stat;

	if (fstat(fd, &stat) < 0)
		return zpm_err_set(err, ZPM_EINVALID, "cannot read '%s': %s", path, strerror(errno));
	if (S_ISDIR(stat.st_mode))
		return zpm_err_set(err, ZPM_EINVALID, "'%s' is a folder; name a file in it", path);
	if (regular && !S_ISREG(stat.st_mode))
		return zpm_err_set(err, ZPM_EINVALID, "'%s' is not an ordinary file", path);
	if (S_ISREG(stat.st_mode) && (size_t)stat.st_size > most)
		return refuse_size(path, most, err);
	return read_all(fd, path, most, text, err);
}

static int open_and_read(
	const char *path, size_t most, bool regular, struct zpm_buf *text, struct zpm_err *err)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | (regular ? O_NONBLOCK : 0);
	__attribute__((cleanup(close_fd))) int fd = open(path, flags);

	if (fd < 0)
		return zpm_err_set(err, ZPM_EINVALID, "cannot open '%s': %s", path, strerror(errno));
	return read_open(fd, path, most, regular, text, err);
}

int zpm_source_read(const char *path, size_t most, struct zpm_buf *text, struct zpm_err *err)
{
	if (!strcmp(path, "-"))
		return read_open(STDIN_FILENO, "standard input", most, false, text, err);
	return open_and_read(path, most, false, text, err);
}

int zpm_source_read_regular(const char *path, size_t most, struct zpm_buf *text, struct zpm_err *err)
{
	return open_and_read(path, most, true, text, err);
}

bool zpm_source_init(
	struct zpm_source *source, const char *name, const char *text, size_t len, struct zpm_diags *diags)
{
	size_t mark = sizeof(byte_order_mark) - 1, valid;

	if (len < mark || memcmp(text, byte_order_mark, mark) != 0)
		mark = 0;
	*source = (struct zpm_source){ name, text + mark, len - mark };
	valid = zpm_utf8_valid_len(source->text, source->len);
	if (valid == source->len)
		return true;
	zpm_diag_add(diags, zpm_source_pos(source, valid),
		"not UTF-8: found the byte 0x%02x; save the file as UTF-8",
		(unsigned char)source->text[valid]);
	return false;
}

static bool ends_line(const char *at, const char *end)
{
	return *at == '\n' || (*at == '\r' && (at + 1 == end || at[1] != '\n'));
}

/* Columns count code points: continuation bytes are none. */
static void advance(struct zpm_pos *pos, const char *at, const char *end)
{
	if (ends_line(at, end)) {
		pos->line++;
		pos->column = 1;
	} else if (((unsigned char)*at & 0xc0) != 0x80) {
		pos->column++;
	}
}

struct zpm_pos zpm_source_pos(const struct zpm_source *source, size_t offset)
{
	struct zpm_pos pos = { .file = source->name, .line = 1, .column = 1 };
	const char *end = source->text + source->len;

	for (const char *at = source->text; at < end && at < source->text + offset; at++)
		advance(&pos, at, end);
	return pos;
}

const char *zpm_source_at(const struct zpm_source *source, struct zpm_pos pos)
{
	struct zpm_pos here = { .line = 1, .column = 1 };
	const char *end = source->text + source->len;

	for (const char *at = source->text; at < end; at++) {
		if (here.line == pos.line && here.column == pos.column)
			return at;
		advance(&here, at, end);
	}
	return "";
}
