/* Headers of 512 bytes with numbers in octal text, each before its file's content in blocks of 512. */
#include "base/tar.h"

#include <stdio.h>
#include <string.h>

#define BLOCK 512

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], time[12], sum[8], type, link[100];
	char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], rest[12];
};

_Static_assert(sizeof(struct header) == BLOCK, "a header takes one block");

/* Over all bytes, those of the sum itself taken for blanks. */
static unsigned sum_of(const struct header *header)
{
	struct header blank = *header;
	const unsigned char *bytes = (const unsigned char *)&blank;
	unsigned sum = 0;

	memset(blank.sum, ' ', sizeof(blank.sum));
	for (size_t i = 0; i < BLOCK; i++)
		sum += bytes[i];
	return sum;
}

static size_t padding(size_t len)
{
	return (BLOCK - len % BLOCK) % BLOCK;
}

void zpm_tar_write(struct zpm_buf *out, const char *name, const char *data, size_t len, int64_t time)
{
	static const char zeroes[2 * BLOCK];
	struct header header = { .type = '0', .magic = "ustar", .version = { '0', '0' } };

	snprintf(header.name, sizeof(header.name), "%s", name);
	snprintf(header.mode, sizeof(header.mode), "%07o", 0600U);
	snprintf(header.uid, sizeof(header.uid), "%07o", 0U);
	snprintf(header.gid, sizeof(header.gid), "%07o", 0U);
	snprintf(header.size, sizeof(header.size), "%011zo", len);
	snprintf(header.time, sizeof(header.time), "%011llo", (unsigned long long)time);
	snprintf(header.sum, sizeof(header.sum), "%06o", sum_of(&header));
	header.sum[7] = ' ';
	zpm_buf_add(out, (const char *)&header, sizeof(header));
	zpm_buf_add(out, data, len);
	zpm_buf_add(out, zeroes, padding(len));
	/* Two empty blocks are the end. */
	zpm_buf_add(out, zeroes, sizeof(zeroes));
}

/* Octal digits up to a blank or NUL. False when there is anything else, as in sizes above 8 GiB. */
static bool read_octal(const char *text, size_t size, size_t *value)
{
	size_t i = 0;

	*value = 0;
	while (i < size && text[i] == ' ')
		i++;
	for (; i < size && text[i] >= '0' && text[i] <= '7'; i++)
		*value = *value * 8 + (size_t)(text[i] - '0');
	return i == size || !text[i] || text[i] == ' ';
}

bool zpm_tar_read(const char *archive, size_t size, const char **data, size_t *len)
{
	while (size >= BLOCK) {
		struct header header;
		size_t sum, whole;

		memcpy(&header, archive, BLOCK);
		archive += BLOCK;
		size -= BLOCK;
		if (!read_octal(header.sum, sizeof(header.sum), &sum) || sum != sum_of(&header) ||
			!read_octal(header.size, sizeof(header.size), len) || *len > size)
			return false;
		*data = archive;
		if (header.type == '0' || header.type == '\0')
			return true;
		/* A folder, a link, or more about the file that follows. */
		whole = *len + padding(*len);
		if (whole > size)
			return false;
		archive += whole;
		size -= whole;
	}
	return false;
}
