/* Reading the key file, and proofs by HMAC-SHA-256. */
#include "key.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROOF      "standinProof"
#define PROOF_SIZE 32

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
static const char BLANKS[] = " \t\n\v\f\r";

static int cannot(const char *path, const char *why)
{
	fprintf(stderr, "key file %s: %s\n", path, why);
	return -1;
}

static int too_open(const char *path)
{
	fprintf(stderr, "permissions on %s are too open\n", path);
	return -1;
}

static int take(struct key *key, const char *raw, size_t len, const char *path)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (raw[i] && strchr(BLANKS, raw[i]))
			continue;
		if (!raw[i] || !strchr(ALPHABET, raw[i]))
			return cannot(path, "invalid char in key file");
		if (n < KEY_MAX)
			key->text[n] = raw[i];
		n++;
	}
	if (n < KEY_MIN || n > KEY_MAX)
		return cannot(path, "a key must be between 6 and 1024 characters long");
	return 0;
}

int key_read(struct key *key, const char *path)
{
	char raw[4 * KEY_MAX];
	struct stat info;
	int fd = open(path, O_RDONLY | O_CLOEXEC), result;
	ssize_t len;

	if (fd < 0)
		return cannot(path, strerror(errno));
	len = read(fd, raw, sizeof(raw));
	if (len < 0 || fstat(fd, &info) < 0)
		result = cannot(path, strerror(errno));
	else if (info.st_mode & (S_IRWXG | S_IRWXO))
		result = too_open(path);
	else if (info.st_size > (off_t)sizeof(raw))
		result = cannot(path, "too long");
	else
		result = take(key, raw, (size_t)len, path);
	close(fd);
	return result;
}

static void make_proof(const struct key *key, const bson_t *command, uint8_t proof[PROOF_SIZE])
{
	HMAC(EVP_sha256(), key->text, (int)strlen(key->text), bson_get_data(command), command->len, proof,
		NULL);
}

bson_t *key_sign(const struct key *key, const bson_t *command)
{
	bson_t *made = bson_copy(command);
	uint8_t proof[PROOF_SIZE];

	if (!key->text[0])
		return made;
	make_proof(key, command, proof);
	BSON_APPEND_BINARY(made, PROOF, BSON_SUBTYPE_BINARY, proof, sizeof(proof));
	return made;
}

static bool is_proof(const struct key *key, const bson_t *command, const uint8_t *told, uint32_t len)
{
	bson_t bare = BSON_INITIALIZER;
	uint8_t proof[PROOF_SIZE];

	bson_copy_to_excluding_noinit(command, &bare, PROOF, NULL);
	make_proof(key, &bare, proof);
	bson_destroy(&bare);
	return len == sizeof(proof) && !CRYPTO_memcmp(told, proof, sizeof(proof));
}

enum proof key_check(const struct key *key, const bson_t *command)
{
	const uint8_t *told = NULL;
	uint32_t len = 0;
	bson_iter_t iter;

	if (!bson_iter_init_find(&iter, command, PROOF))
		return PROOF_NONE;
	if (BSON_ITER_HOLDS_BINARY(&iter))
		bson_iter_binary(&iter, NULL, &len, &told);
	return key->text[0] && is_proof(key, command, told, len) ? PROOF_GOOD : PROOF_BAD;
}
