/* Keys as PEM has them. */
#ifndef ZPM_BASE_PEM_H
#define ZPM_BASE_PEM_H

#include <stddef.h>

/* How many bits a public RSA key has; 0 when the text holds none. */
int zpm_pem_rsa_bits(const char *pem, size_t len);

#endif
