/*
 * zpm-mongo-standin: behaves like mongod or mongos, as far as the tests of zpm
 * need one, where no mongod can be had. Not a database: everything is in
 * memory, and searched from one end to the other.
 */
#include "journal.h"
#include "repl.h"
#include "router.h"
#include "users.h"

#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t ended;

enum option_id {
	OPT_IGNORED = 'i',
	OPT_SWITCH = 's',
	OPT_SET = 256,
	OPT_PORT,
	OPT_BIND,
	OPT_BIND_ALL,
	OPT_DBPATH,
	OPT_CONFIGDB,
	OPT_KEY_FILE,
	OPT_AUTH,
	OPT_CONFIGSVR,
	OPT_SHARDSVR,
	OPT_MONGOS,
};

static const struct option OPTIONS[] = {
	{ "replSet", required_argument, NULL, OPT_SET },
	{ "port", required_argument, NULL, OPT_PORT },
	{ "bind_ip", required_argument, NULL, OPT_BIND },
	{ "dbpath", required_argument, NULL, OPT_DBPATH },
	{ "configdb", required_argument, NULL, OPT_CONFIGDB },
	{ "configsvr", no_argument, NULL, OPT_CONFIGSVR },
	{ "shardsvr", no_argument, NULL, OPT_SHARDSVR },
	{ "mongos", no_argument, NULL, OPT_MONGOS },
	{ "keyFile", required_argument, NULL, OPT_KEY_FILE },
	{ "auth", no_argument, NULL, OPT_AUTH },
	/* Accepted, as services give them, and of no effect. */
	{ "wiredTigerCacheSizeGB", required_argument, NULL, OPT_IGNORED },
	{ "oplogSize", required_argument, NULL, OPT_IGNORED },
	{ "bind_ip_all", no_argument, NULL, OPT_BIND_ALL },
	{ "quiet", no_argument, NULL, OPT_SWITCH },
	{ NULL, 0, NULL, 0 },
};

/* -1: that is none. */
static int read_port(const char *text)
{
	char *end;
	long port = strtol(text, &end, 10);

	return *end || port < 1 || port > USHRT_MAX ? -1 : (int)port;
}

static void set_option(struct options *opts, int option)
{
	switch (option) {
	case OPT_SET:
		opts->set = optarg;
		break;
	case OPT_PORT:
		opts->port = read_port(optarg);
		break;
	case OPT_BIND:
		opts->bind_ip = optarg;
		break;
	case OPT_BIND_ALL:
		opts->bind_ip = "0.0.0.0";
		break;
	case OPT_DBPATH:
		opts->dbpath = optarg;
		break;
	case OPT_CONFIGDB:
		opts->configdb = optarg;
		opts->mongos = true;
		break;
	case OPT_CONFIGSVR:
		opts->configsvr = true;
		break;
	case OPT_SHARDSVR:
		opts->shardsvr = true;
		break;
	case OPT_MONGOS:
		opts->mongos = true;
		break;
	case OPT_KEY_FILE:
		opts->key_file = optarg;
		opts->auth = true;
		break;
	case OPT_AUTH:
		opts->auth = true;
		break;
	default:
		break;
	}
}

static int parse(struct options *opts, int argc, char **argv)
{
	int option;

	*opts = (struct options){ .bind_ip = "127.0.0.1" };
	while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
		if (option == '?')
			return -1;
		set_option(opts, option);
	}
	if (!opts->port)
		opts->port = opts->configsvr ? 27019 : opts->shardsvr ? 27018 : 27017;
	if (opts->port < 0 || optind < argc) {
		fprintf(stderr, "%s\n",
			optind < argc ? "there are no arguments, only options" : "not a port");
		return -1;
	}
	if (opts->auth && opts->set && !opts->key_file) {
		fputs("members that ask clients for a password need --keyFile for each other\n", stderr);
		return -1;
	}
	return 0;
}

/* The configuration of an earlier life. */
static void remember(struct standin *s, struct memory *memory)
{
	FILE *journal = s->store.journal;
	struct config config;
	struct refusal no;

	s->term = memory->term;
	s->voted_term = memory->voted_term;
	if (!memory->config)
		return;
	/* What is there need not be written once more. */
	s->store.journal = NULL;
	if (config_parse(&config, memory->config, -1, &no) == 0)
		repl_install(s, &config, config_find(&config, memory->self));
	else
		config_dispose(&config);
	snprintf(s->self_host, sizeof(s->self_host), "%s", memory->self);
	s->store.journal = journal;
	bson_destroy(memory->config);
}

static int start(struct standin *s)
{
	struct memory memory = { .config = NULL };

	bson_oid_init(&s->process, NULL);
	srandom((unsigned)(getpid() ^ time(NULL)));
	s->net = net_new(s, &s->key);
	faults_reset(&s->faults);
	s->self = s->primary = -1;
	s->started = zpm_clock_now();
	if (s->opts.key_file && key_read(&s->key, s->opts.key_file) < 0)
		return -1;
	s->system = users_system(&s->key);
	if (s->opts.dbpath && !s->opts.mongos && journal_open(s->opts.dbpath, &s->store, &memory) < 0)
		return -1;
	remember(s, &memory);
	if (s->opts.mongos && router_start(s) < 0)
		return -1;
	return net_listen(s->net, s->opts.bind_ip, s->opts.port);
}

static void end_serving(int signal)
{
	(void)signal;
	ended = 1;
}

int main(int argc, char **argv)
{
	static struct standin standin;
	int result;

	signal(SIGTERM, end_serving);
	signal(SIGINT, end_serving);
	signal(SIGPIPE, SIG_IGN);
	if (parse(&standin.opts, argc, argv) < 0)
		return 2;
	result = start(&standin);
	if (result == 0) {
		printf("zpm-mongo-standin, a stand-in for tests and no database: waiting for connections on "
		       "port %d\n",
			standin.opts.port);
		fflush(stdout);
	}
	while (result == 0 && !ended)
		standin_turn(&standin);
	standin_dispose(&standin);
	return result < 0 ? 1 : 0;
}
