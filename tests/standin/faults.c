/* The faults there are at the moment, each for so many commands. */
#include "faults.h"

#include <string.h>

#define BALANCE_MS 100

struct fault fault_take(struct faults *faults, const char *command)
{
	for (size_t i = 0; i < faults->n; i++) {
		struct fault *row = &faults->row[i];

		if (!row->times || strcmp(row->command, command))
			continue;
		if (row->times > 0)
			row->times--;
		return *row;
	}
	return (struct fault){ .kind = FAULT_NONE };
}

bool fault_partitioned(const struct faults *faults, const char *host)
{
	bson_iter_t iter;

	if (!faults->partition || !bson_iter_init(&iter, faults->partition))
		return false;
	while (bson_iter_next(&iter))
		if (BSON_ITER_HOLDS_UTF8(&iter) && !strcmp(bson_iter_utf8(&iter, NULL), host))
			return true;
	return false;
}

void faults_reset(struct faults *faults)
{
	if (faults->partition)
		bson_destroy(faults->partition);
	*faults = (struct faults){ .balance_ms = BALANCE_MS };
}
