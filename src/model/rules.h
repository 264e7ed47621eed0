/*
 * Rules that several field tables share, and the short-hands for rows. For
 * the tables in model/ only.
 */
#ifndef ZPM_MODEL_RULES_H
#define ZPM_MODEL_RULES_H

#include "model/field.h"

extern const struct zpm_rule zpm_rule_service_name;
extern const struct zpm_rule zpm_rule_object_name;
extern const struct zpm_rule zpm_rule_image;
extern const struct zpm_rule zpm_rule_port;
extern const struct zpm_rule zpm_rule_path;
extern const struct zpm_rule zpm_rule_address;
extern const struct zpm_rule zpm_rule_positive;
extern const struct zpm_rule zpm_rule_count;
extern const struct zpm_rule zpm_rule_ratio;
extern const struct zpm_rule zpm_rule_not_empty;
extern const struct zpm_rule zpm_rule_variable;
extern const struct zpm_rule zpm_rule_role;

#endif
