/* Read by libcrypto. */
#include "base/pem.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

int zpm_pem_rsa_bits(const char *pem, size_t len)
{
	BIO *bio = len > INT_MAX ? NULL : BIO_new_mem_buf(pem, (int)len);
	EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
	int bits = key && EVP_PKEY_base_id(key) == EVP_PKEY_RSA ? EVP_PKEY_bits(key) : 0;

	EVP_PKEY_free(key);
	BIO_free(bio);
	ERR_clear_error();
	return bits;
}
