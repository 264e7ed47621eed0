/*
 * Image references, as Docker reads them: "registry.example.net:5000/team/kafka:3.7@sha256:...".
 * Pure; a reference has passed the manifest's rule for images, or comes from the Engine.
 */
#ifndef ZPM_MODEL_IMAGE_H
#define ZPM_MODEL_IMAGE_H

#include "base/arena.h"

#include <stdbool.h>

/* What Docker files the credentials of its own registry under. */
#define ZPM_IMAGE_HUB "https://index.docker.io/v1/"

/* Does it begin with a registry, and not with a plain folder of Docker's own? */
bool zpm_image_names_registry(const char *image);

/* The name its registry's credentials are filed under: a host with its port, or ZPM_IMAGE_HUB. */
const char *zpm_image_server(const char *image, struct zpm_arena *arena);

/* Does it say by itself which version it is, by a tag or a digest? */
bool zpm_image_has_tag(const char *image);

/* Does it name a digest, so that it can only ever be one image? */
bool zpm_image_has_digest(const char *image);

/* Is `image` the other one with a digest behind it? */
bool zpm_image_pins(const char *image, const char *other);

/* "sha256:" and 64 hexadecimal digits. */
bool zpm_image_is_digest(const char *text);

/* How much of a reference to show: a digest only as far as a person needs it to tell two apart. */
size_t zpm_image_shown_len(const char *image);

#endif
