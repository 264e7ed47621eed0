/* What the making of apps shares. Internal to plan/. */
#ifndef ZPM_PLAN_APPS_PARTS_H
#define ZPM_PLAN_APPS_PARTS_H

#include "plan/apps.h"

/* Each app that needs a port gets one; zpm_app_blame()s those for which there is none. */
void zpm_apps_give_ports(struct zpm_apps_plan *plan);

#endif
