/* One mapping of its own for each value: there are few, and they must not share pages with others. */
#include "base/vault.h"

#include <errno.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

struct value {
	struct value *next;
	void *data;
	size_t size;
};

struct zpm_vault {
	struct value *values;
};

struct zpm_vault *zpm_vault_new(void)
{
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return zpm_alloc(sizeof(struct zpm_vault));
}

void zpm_vault_free(struct zpm_vault *vault)
{
	struct value *next;

	if (!vault)
		return;
	for (struct value *value = vault->values; value; value = next) {
		next = value->next;
		explicit_bzero(value->data, value->size);
		munmap(value->data, value->size);
		free(value);
	}
	free(vault);
}

void *zpm_vault_alloc(struct zpm_vault *vault, size_t size)
{
	struct value *value = zpm_alloc(sizeof(*value));

	value->size = size ? size : 1;
	value->data = mmap(NULL, value->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (value->data == MAP_FAILED) {
		fputs("zpm: out of memory\n", stderr);
		abort();
	}
	madvise(value->data, value->size, MADV_DONTDUMP);
	/* Its limit may be small: then the value can be swapped, and nothing else is lost. */
	(void)mlock(value->data, value->size);
	value->next = vault->values;
	vault->values = value;
	return value->data;
}

ssize_t zpm_vault_read(struct zpm_vault *vault, int fd, size_t room, char **data)
{
	size_t len = 0;

	*data = zpm_vault_alloc(vault, room + 1);
	while (len < room) {
		ssize_t got = read(fd, *data + len, room - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (!got)
			break;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

void zpm_base64(const void *data, size_t len, char *out)
{
	EVP_EncodeBlock((unsigned char *)out, data, (int)len);
}

/* OpenSSL passes over blanks, and counts the padding in; both are none of a credential's. */
ssize_t zpm_base64_decode(const char *text, void *out)
{
	size_t len = strlen(text), digits = strcspn(text, "="), padding = len - digits;
	int got;

	if (len % 4 || len > INT_MAX || padding > 2 || strspn(text + digits, "=") != padding ||
		strpbrk(text, " \t\r\n-"))
		return -1;
	got = EVP_DecodeBlock(out, (const unsigned char *)text, (int)len);
	return got < 0 ? -1 : got - (ssize_t)padding;
}
