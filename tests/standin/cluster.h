/* The parts of the table of commands that config servers and shards serve for a mongos. */
#ifndef STANDIN_CLUSTER_H
#define STANDIN_CLUSTER_H

#include "standin.h"

extern const struct command SHARD_COMMANDS[], DATABASE_COMMANDS[];

#endif
