/* The messages of SCRAM, cut up and put together, and the sums in between. */
#include "scram.h"

#include "base/vault.h"
#include "doc.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define SUM_MAX   32
#define NONCE_RAW 24
#define NONCE_MIN 4

static const struct {
	const char *name;
	const EVP_MD *(*md)(void);
	size_t size, salt;
	int rounds;
} HASHES[SCRAM_HASHES] = {
	[SCRAM_SHA_1] = { "SCRAM-SHA-1", EVP_sha1, 20, 16, 10000 },
	[SCRAM_SHA_256] = { "SCRAM-SHA-256", EVP_sha256, 32, 28, 15000 },
};

struct scram {
	enum scram_hash hash;
	uint8_t stored[SUM_MAX], server[SUM_MAX];
	char *nonce;
	struct zpm_buf said; /* all of the conversation, which both proofs are about */
};

const char *scram_name(enum scram_hash hash)
{
	return HASHES[hash].name;
}

enum scram_hash scram_find(const char *name)
{
	int hash = 0;

	while (hash < SCRAM_HASHES && strcmp(HASHES[hash].name, name))
		hash++;
	return (enum scram_hash)hash;
}

static void hmac(enum scram_hash hash, const uint8_t *key, const char *text, uint8_t *sum)
{
	HMAC(HASHES[hash].md(), key, (int)HASHES[hash].size, (const uint8_t *)text, strlen(text), sum, NULL);
}

void scram_random(uint8_t *out, size_t len)
{
	if (RAND_bytes(out, (int)len) == 1)
		return;
	fputs("libcrypto has no random numbers\n", stderr);
	abort();
}

void scram_digest(const char *user, const char *password, char digest[SCRAM_DIGEST_SIZE])
{
	ZPM_BUF text = { 0 };
	uint8_t sum[16];

	zpm_buf_printf(&text, "%s:mongo:%s", user, password);
	EVP_Digest(text.data, text.len, sum, NULL, EVP_md5(), NULL);
	for (size_t i = 0; i < sizeof(sum); i++)
		snprintf(digest + 2 * i, 3, "%02x", sum[i]);
}

static void append_base64(bson_t *doc, const char *key, const uint8_t *data, size_t len)
{
	char text[ZPM_BASE64_SIZE(SUM_MAX)];

	zpm_base64(data, len, text);
	bson_append_utf8(doc, key, -1, text, -1);
}

void scram_make(enum scram_hash hash, const char *password, bson_t *credentials)
{
	size_t size = HASHES[hash].size;
	uint8_t salt[SUM_MAX], salted[SUM_MAX], client[SUM_MAX], stored[SUM_MAX], server[SUM_MAX];
	bson_t doc;

	scram_random(salt, HASHES[hash].salt);
	PKCS5_PBKDF2_HMAC(password, (int)strlen(password), salt, (int)HASHES[hash].salt, HASHES[hash].rounds,
		HASHES[hash].md(), (int)size, salted);
	hmac(hash, salted, "Client Key", client);
	EVP_Digest(client, size, stored, NULL, HASHES[hash].md(), NULL);
	hmac(hash, salted, "Server Key", server);
	bson_append_document_begin(credentials, HASHES[hash].name, -1, &doc);
	BSON_APPEND_INT32(&doc, "iterationCount", HASHES[hash].rounds);
	append_base64(&doc, "salt", salt, HASHES[hash].salt);
	append_base64(&doc, "storedKey", stored, size);
	append_base64(&doc, "serverKey", server, size);
	bson_append_document_end(credentials, &doc);
}

/* What follows "n,," or "y,a=NAME,"; NULL when the message does not start like that. */
static const char *bare(const char *first)
{
	const char *comma = first[0] == 'n' || first[0] == 'y' ? strchr(first, ',') : NULL;

	if (!comma || comma != first + 1 || (comma[1] != ',' && strncmp(comma + 1, "a=", 2)))
		return NULL;
	comma = strchr(comma + 1, ',');
	return comma ? comma + 1 : NULL;
}

/* The value of `NAME=value`, up to a comma or the end; NULL when that is not what `at` starts with. */
static char *value_at(const char *at, char name, size_t min)
{
	size_t len;

	if (!at || at[0] != name || at[1] != '=')
		return NULL;
	len = strcspn(at + 2, ",");
	return len < min ? NULL : bson_strndup(at + 2, len);
}

/* "=2C" and "=3D" stand for the comma and the equals sign. */
static void decode_name(char *name)
{
	char *to = name;

	for (const char *at = name; *at; to++) {
		bool comma = !strncmp(at, "=2C", 3), equals = !strncmp(at, "=3D", 3);

		*to = comma ? ',' : equals ? '=' : *at;
		at += comma || equals ? 3 : 1;
	}
	*to = '\0';
}

char *scram_user(const char *first)
{
	char *name = value_at(bare(first), 'n', 1);

	/* A client that asks to act as another than it logs in as has to be refused. */
	if (name && first[2] == 'a') {
		ZPM_FREE char *other = value_at(first + 2, 'a', 0);

		if (other[0] && strcmp(other, name)) {
			free(name);
			return NULL;
		}
	}
	if (name)
		decode_name(name);
	return name;
}

static bool read_sum(const bson_t *doc, const char *key, uint8_t *sum, size_t size)
{
	const char *text = doc_text(doc, key, "");
	ZPM_FREE uint8_t *raw = zpm_alloc(strlen(text) + 1);

	if (zpm_base64_decode(text, raw) != (ssize_t)size)
		return false;
	memcpy(sum, raw, size);
	return true;
}

static void make_nonce(struct scram *scram, const char *clients)
{
	uint8_t raw[NONCE_RAW];
	char text[ZPM_BASE64_SIZE(NONCE_RAW)];

	scram_random(raw, sizeof(raw));
	zpm_base64(raw, sizeof(raw), text);
	scram->nonce = bson_strdup_printf("%s%s", clients, text);
}

struct scram *scram_start(
	enum scram_hash hash, const bson_t *credentials, const char *first, struct zpm_buf *answer)
{
	const char *start = bare(first), *comma = start ? strchr(start, ',') : NULL;
	ZPM_FREE char *nonce = comma ? value_at(comma + 1, 'r', NONCE_MIN) : NULL;
	struct scram *scram;
	bson_t doc;

	if (!nonce || !doc_sub(credentials, HASHES[hash].name, &doc))
		return NULL;
	scram = zpm_alloc(sizeof(*scram));
	*scram = (struct scram){ .hash = hash };
	if (!read_sum(&doc, "storedKey", scram->stored, HASHES[hash].size) ||
		!read_sum(&doc, "serverKey", scram->server, HASHES[hash].size)) {
		scram_free(scram);
		return NULL;
	}
	make_nonce(scram, nonce);
	zpm_buf_printf(answer, "r=%s,s=%s,i=%d", scram->nonce, doc_text(&doc, "salt", ""),
		(int)doc_int(&doc, "iterationCount", 0));
	zpm_buf_printf(&scram->said, "%s,%s", start, answer->data);
	return scram;
}

void scram_free(struct scram *scram)
{
	if (!scram)
		return;
	bson_free(scram->nonce);
	zpm_buf_dispose(&scram->said);
	free(scram);
}

/* The proof is the client's key, hidden by a sum that only who has the stored key can make. */
static bool proven(const struct scram *scram, const char *text)
{
	size_t size = HASHES[scram->hash].size;
	ZPM_FREE uint8_t *proof = zpm_alloc(strlen(text) + 1);
	uint8_t mask[SUM_MAX], sum[SUM_MAX];

	if (zpm_base64_decode(text, proof) != (ssize_t)size)
		return false;
	hmac(scram->hash, scram->stored, scram->said.data, mask);
	for (size_t i = 0; i < size; i++)
		mask[i] ^= proof[i];
	EVP_Digest(mask, size, sum, NULL, HASHES[scram->hash].md(), NULL);
	return !CRYPTO_memcmp(sum, scram->stored, size);
}

bool scram_finish(struct scram *scram, const char *last, struct zpm_buf *answer)
{
	const char *end = strrchr(last, ','), *comma = strchr(last, ',');
	ZPM_FREE char *binding = value_at(last, 'c', 1);
	ZPM_FREE char *nonce = comma ? value_at(comma + 1, 'r', NONCE_MIN) : NULL;
	ZPM_FREE char *proof = end ? value_at(end + 1, 'p', 1) : NULL;
	uint8_t sum[SUM_MAX];
	char text[ZPM_BASE64_SIZE(SUM_MAX)];

	if (!binding || !nonce || !proof || strcmp(nonce, scram->nonce))
		return false;
	zpm_buf_printf(&scram->said, ",%.*s", (int)(end - last), last);
	if (!proven(scram, proof))
		return false;
	hmac(scram->hash, scram->server, scram->said.data, sum);
	zpm_base64(sum, HASHES[scram->hash].size, text);
	zpm_buf_printf(answer, "v=%s", text);
	return true;
}
