/*
 * The containers of a service, and the marks in them that say which setup
 * they have had. Marks go through the Engine's archive calls, so an image needs
 * no shell. Commands are run by zpm_container_exec().
 */
#ifndef ZPM_DRIVER_SETUP_H
#define ZPM_DRIVER_SETUP_H

#include "driver/driver.h"
#include "model/setup.h"

/*
 * What runs of a service's present spec, by its observed object: one list call, and one call for each
 * container that has a mark. What no Engine at hand can tell is the trouble of its container.
 */
int zpm_setup_look(const struct zpm_world *world, const struct zpm_object *service, struct zpm_arena *arena,
	struct zpm_setup_view *view, struct zpm_err *err);

/* Leaves a mark. ZPM_ENOTFOUND: the container is gone. */
int zpm_setup_write_mark(const struct zpm_world *world, const struct zpm_setup_container *container,
	const struct zpm_setup_mark *mark, struct zpm_err *err);

#endif
