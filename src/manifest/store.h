/* How a text that lasts (zpm_manifest_store) is taken apart again. Internal to manifest/. */
#ifndef ZPM_MANIFEST_STORE_H
#define ZPM_MANIFEST_STORE_H

#include "manifest/manifest.h"

/* The length of the first document, and with its separator, of which it may begin with one too. */
size_t zpm_store_document_len(const char *text);

#endif
