/* One mapping of its own for each value: there are few, and they must not share pages with others. */
#include "base/vault.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

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

void zpm_base64(const void *data, size_t len, char *out)
{
	EVP_EncodeBlock((unsigned char *)out, data, (int)len);
}

size_t zpm_base64_decode(const char *text, void *out)
{
	size_t len = strlen(text), padding = 0;
	int got = EVP_DecodeBlock(out, (const unsigned char *)text, (int)len);

	while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
		padding++;
	return got < 0 ? 0 : (size_t)got - padding;
}
