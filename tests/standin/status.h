/* Handlers of commands that only report. */
#ifndef STANDIN_STATUS_H
#define STANDIN_STATUS_H

#include "standin.h"

enum outcome run_status(struct standin *s, struct request *req, bson_t *reply, struct refusal *no);

#endif
