/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backscatter resolve: the names of the queriers that the store waits for. */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/resolve_run.h"
#include "common/moment.h"

#define RATE_MAX 100000
#define TRIES_MAX 10
#define PATIENCE_MAX 60
#define TIME_MAX (365 * 86400)

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

/* Blocks the signals that end the run, but for when it waits; `old` is the mask for that. */
static void catch_signals(sigset_t *old)
{
	const int numbers[] = { SIGTERM, SIGINT };
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		sigaddset(&set, numbers[i]);
		(void)sigaction(numbers[i], &action, NULL);
	}
	(void)sigprocmask(SIG_BLOCK, &set, old);
	sigdelset(old, SIGTERM);
	sigdelset(old, SIGINT);
}

/* "ADDRESS@PORT" or "ADDRESS". */
static bool parse_resolver(const char *text, resolve_options_t *options)
{
	char address[ADDRESS_TEXT_MAX];
	size_t size = strcspn(text, "@");
	uint64_t port = 53;
	if (size >= sizeof(address)) {
		size = 0;
	}
	memcpy(address, text, size);
	address[size] = '\0';
	if (!address_parse(address, &options->resolver)) {
		command_usage(&command_resolve, "--resolver takes an address as 127.0.0.1@53, not '%s'",
		              text);
		return false;
	}
	if (text[size] == '@' && !command_number(&command_resolve, "the port of --resolver",
	                                         text + size + 1, 1, UINT16_MAX, &port)) {
		return false;
	}
	options->port = (uint16_t)port;
	return true;
}

static bool add_leave(resolve_options_t *options, const prefix_t *prefix)
{
	if (options->leave_count == RESOLVE_LEAVE_MAX) {
		return false;
	}
	options->leave[options->leave_count++] = *prefix;
	return true;
}

static bool parse_leave(const char *text, resolve_options_t *options)
{
	prefix_t prefix;
	if (!prefix_parse(text, &prefix)) {
		command_usage(&command_resolve, "--ignore takes an address or a prefix, not '%s'", text);
		return false;
	}
	if (!add_leave(options, &prefix)) {
		command_usage(&command_resolve, "--ignore may be given %d times", RESOLVE_LEAVE_MAX);
		return false;
	}
	return true;
}

static bool is_loopback(const address_t *address)
{
	static const address_t ipv6 = { .bytes = { [15] = 1 } };
	return address_is_ipv4(address) ? address->bytes[12] == 127 : address_equal(address, &ipv6);
}

/*
 * The resolver asks for what we ask it for, and so it is a querier itself. One on loopback
 * goes out under the addresses of this machine.
 */
static void leave_resolver(resolve_options_t *options)
{
	(void)add_leave(options, &(prefix_t) { options->resolver, 128 });
	struct ifaddrs *list;
	if (!is_loopback(&options->resolver) || getifaddrs(&list) != 0) {
		return;
	}
	for (const struct ifaddrs *at = list; at != NULL; at = at->ifa_next) {
		address_t address;
		if (at->ifa_addr != NULL &&
		    address_from_sockaddr((const struct sockaddr_storage *)at->ifa_addr, &address)) {
			(void)add_leave(options, &(prefix_t) { address, 128 });
		}
	}
	freeifaddrs(list);
}

enum {
	OPTION_STORE = 1, OPTION_RESOLVER, OPTION_RATE, OPTION_ONCE, OPTION_RULES, OPTION_IGNORE,
	OPTION_TIMEOUT, OPTION_TRIES, OPTION_MIN_TTL, OPTION_MAX_TTL, OPTION_RETRY,
};

static bool parse_seconds(const char *option, uint64_t least, uint64_t most, uint64_t *time)
{
	uint64_t seconds;
	if (!command_duration(&command_resolve, option, optarg, least, most, &seconds)) {
		return false;
	}
	*time = seconds * MICROSECONDS;
	return true;
}

static bool parse_one(int option, resolve_options_t *options, bool *resolver)
{
	switch (option) {
	case OPTION_STORE:
		options->folder = optarg;
		return true;
	case OPTION_RESOLVER:
		*resolver = true;
		return parse_resolver(optarg, options);
	case OPTION_ONCE:
		options->once = true;
		return true;
	case OPTION_RULES:
		options->rules = optarg;
		return true;
	case OPTION_IGNORE:
		return parse_leave(optarg, options);
	case OPTION_RATE:
		return command_number(&command_resolve, "--rate", optarg, 1, RATE_MAX, &options->rate);
	case OPTION_TRIES:
		return command_number(&command_resolve, "--tries", optarg, 1, TRIES_MAX, &options->tries);
	case OPTION_TIMEOUT:
		return parse_seconds("--timeout", 1, PATIENCE_MAX, &options->patience);
	case OPTION_MIN_TTL:
		return parse_seconds("--min-ttl", 1, TIME_MAX, &options->ttl_min);
	case OPTION_MAX_TTL:
		return parse_seconds("--max-ttl", 1, TIME_MAX, &options->ttl_max);
	default:
		return parse_seconds("--retry", 1, TIME_MAX, &options->retry);
	}
}

/* A service's log: lines as they come. */
static void print_line(void *context, const char *sentence)
{
	(void)context;
	fprintf(stderr, "backscatter resolve: %s\n", sentence);
}

static int resolve(const resolve_options_t *options)
{
	sigset_t mask;
	failure_t failure;
	resolve_counts_t counts;
	catch_signals(&mask);
	status_t status = resolve_run(options, &stop, &mask, options->once ? NULL : print_line, NULL,
	                              &counts, &failure);
	printf("%" PRIu64 " names, %" PRIu64 " without a name, %" PRIu64 " unreachable; %" PRIu64
	       " queries sent, %" PRIu64 " queriers left out\n", counts.names, counts.without,
	       counts.unreachable, counts.queries, counts.left_out);
	if (status == STATUS_OK && fflush(stdout) != 0) {
		status = failure_system(&failure, errno, "cannot write to", "standard output");
	}
	return status == STATUS_OK ? EXIT_GOOD : command_fail(&command_resolve, &failure);
}

static int run(int argc, char **argv)
{
	static const struct option known[] = {
		{ "store", required_argument, NULL, OPTION_STORE },
		{ "resolver", required_argument, NULL, OPTION_RESOLVER },
		{ "rate", required_argument, NULL, OPTION_RATE },
		{ "once", no_argument, NULL, OPTION_ONCE },
		{ "ignore", required_argument, NULL, OPTION_IGNORE },
		{ "rules", required_argument, NULL, OPTION_RULES },
		{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
		{ "tries", required_argument, NULL, OPTION_TRIES },
		{ "min-ttl", required_argument, NULL, OPTION_MIN_TTL },
		{ "max-ttl", required_argument, NULL, OPTION_MAX_TTL },
		{ "retry", required_argument, NULL, OPTION_RETRY },
		{ 0 },
	};
	static resolve_options_t options = {
		.rate = 200, .patience = 3 * MICROSECONDS, .tries = 3, .ttl_min = 3600 * MICROSECONDS,
		.ttl_max = 7 * 86400 * MICROSECONDS, .retry = 600 * MICROSECONDS,
	};
	bool resolver = false;
	int option;
	while ((option = command_option(&command_resolve, argc, argv, "", known)) != -1) {
		if (!parse_one(option, &options, &resolver)) {
			return EXIT_USAGE;
		}
	}
	if (options.folder == NULL || !resolver || optind != argc) {
		return optind != argc ? command_usage(&command_resolve, "'%s' is one argument too many",
		                                      argv[optind]) :
		       command_usage(&command_resolve, "--store and --resolver are needed");
	}
	if (options.ttl_min > options.ttl_max) {
		return command_usage(&command_resolve, "--min-ttl is above --max-ttl");
	}
	leave_resolver(&options);
	return resolve(&options);
}

const command_t command_resolve = {
	.name = "resolve",
	.arguments = "--store DIR --resolver ADDRESS@PORT [OPTION]...",
	.summary = "resolve the names of the queriers that the store waits for",
	.options =
		"  --store DIR                folder of the store\n"
		"  --resolver ADDRESS@PORT    recursive resolver to ask; port 53 if left out\n"
		"  --rate N                   most queries a second (default 200)\n"
		"  --once                     end when all is resolved; else wait for new queriers\n"
		"  --ignore PREFIX            leave out these queriers, too; may be repeated\n"
		"  --rules FILE               rules for the categories of names (default: built in)\n"
		"  --timeout DURATION         how long an answer is waited for (default 3s)\n"
		"  --tries N                  queries for a name before it is unreachable (default 3)\n"
		"  --min-ttl DURATION         an answer holds for at least so long (default 1h)\n"
		"  --max-ttl DURATION         and for at most so long (default 7d)\n"
		"  --retry DURATION           when an unreachable one is tried again, doubled each time\n"
		"                             up to a day (default 10m)\n"
		"      --help                 show this\n",
	.run = run,
};
