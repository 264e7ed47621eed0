/* Archives of one file: what is written is read again, and what comes from outside may be anything. */
#include "support.h"

#include "base/tar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 512

/* The sum over all bytes, its own taken for blanks. */
static void sign(char *header)
{
	unsigned sum = 0;

	memset(header + 148, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)header[i];
	snprintf(header + 148, 8, "%06o", sum);
	header[155] = ' ';
}

static bool reads(const struct zpm_buf *archive, const char *expected)
{
	const char *data;
	size_t len;

	return zpm_tar_read(archive->data, archive->len, &data, &len) && len == strlen(expected) &&
	       !memcmp(data, expected, len);
}

static void test_tar__what_is_written_is_read(void **state)
{
	static const size_t lengths[] = { 0, 1, 511, 512, 513, 5000 };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		ZPM_BUF archive = { 0 };
		char content[5001];

		memset(content, 'x', lengths[i]);
		content[lengths[i]] = '\0';
		zpm_tar_write(&archive, "file", content, lengths[i], 1700000000);
		assert_int_equal(archive.len % BLOCK, 0);
		assert_true(reads(&archive, content));
	}
}

static void test_tar_read__passes_over_what_is_no_file(void **state)
{
	ZPM_BUF archive = { 0 };
	ZPM_BUF file = { 0 };

	(void)state;
	/* A folder, as one gets it by turning a file of no bytes into one. */
	zpm_tar_write(&archive, "folder", "", 0, 0);
	archive.len = BLOCK;
	archive.data[156] = '5';
	sign(archive.data);
	zpm_tar_write(&file, "file", "content", 7, 0);
	zpm_buf_add(&archive, file.data, file.len);
	assert_true(reads(&archive, "content"));
}

static void test_tar_read__of_a_part_fails_or_has_all_of_the_file(void **state)
{
	ZPM_BUF archive = { 0 };

	(void)state;
	zpm_tar_write(&archive, "file", "content", 7, 0);
	for (size_t len = 0; len < archive.len; len++) {
		char *part = malloc(len ? len : 1);
		const char *data;
		size_t size;

		/* On the heap and no longer than that, so that a sanitizer sees reads beyond it. */
		memcpy(part, archive.data, len);
		if (zpm_tar_read(part, len, &data, &size))
			assert_true(size == 7 && (size_t)(data - part) + size <= len);
		else
			assert_true(len < BLOCK + 7);
		free(part);
	}
}

static void test_tar_read__of_a_broken_header_fails(void **state)
{
	(void)state;
	for (size_t i = 0; i < BLOCK; i++) {
		ZPM_BUF archive = { 0 };
		const char *data;
		size_t len;

		zpm_tar_write(&archive, "file", "content", 7, 0);
		archive.data[i] ^= 1;
		/* What stands behind the digits of the sum is not part of anything. */
		if (i != 154 && i != 155)
			assert_false(zpm_tar_read(archive.data, archive.len, &data, &len));
	}
}

static void test_tar_read__of_a_size_beyond_the_end_fails(void **state)
{
	ZPM_BUF archive = { 0 };
	const char *data;
	size_t len;

	(void)state;
	zpm_tar_write(&archive, "file", "content", 7, 0);
	memcpy(archive.data + 124, "77777777777", 11);
	sign(archive.data);
	assert_false(zpm_tar_read(archive.data, archive.len, &data, &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_tar__what_is_written_is_read),
		TEST(test_tar_read__passes_over_what_is_no_file),
		TEST(test_tar_read__of_a_part_fails_or_has_all_of_the_file),
		TEST(test_tar_read__of_a_broken_header_fails),
		TEST(test_tar_read__of_a_size_beyond_the_end_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
