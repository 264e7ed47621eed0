/* Maintenance windows: "mon-fri 22:00-04:00", or "02:00-05:00" for every day, in the machine's time zone. */
#ifndef ZPM_MODEL_WINDOW_H
#define ZPM_MODEL_WINDOW_H

#include "base/list.h"
#include "model/field.h"

#include <time.h>

extern const struct zpm_rule zpm_rule_window;

/* Is one of them open at that local time? With none declared it is always. One that ends before it begins
 * goes on into the next day. */
bool zpm_windows_open(const struct zpm_strs *windows, const struct tm *local);

#endif
