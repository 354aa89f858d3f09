/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backscatter extract: its command line; the work is in extract_run.c. */
#include <inttypes.h>
#include <string.h>

#include "cli/command.h"
#include "cli/extract_run.h"
#include "common/moment.h"

/* The same limits as the module's settings, in seconds. */
#define WINDOW_MIN 10
#define WINDOW_MAX (31 * 86400)
#define MEMORY_MOST ((uint64_t)1 << 39)

enum {
	OPTION_QUERIERS = 1, OPTION_RULES, OPTION_WINDOW, OPTION_WINDOW_IPV6, OPTION_PERIOD,
	OPTION_DEDUP, OPTION_MIN, OPTION_MIN_IPV6, OPTION_SAMPLE, OPTION_FAN_OUT, OPTION_MEMORY,
	OPTION_PREFIX64, OPTION_SUMMARY, OPTION_AS_DB, OPTION_AS_PATH, OPTION_COUNTRY_DB,
	OPTION_COUNTRY_PATH, OPTION_PREFIXES,
};

/* Seconds of the time options; microseconds go into the sensor's options. */
typedef struct {
	uint64_t window, window_ipv6, period, dedup, sample_size, fan_out_max, memory_max;
} numbers_t;

static bool check_windows(const numbers_t *numbers)
{
	const uint64_t windows[] = { numbers->window, numbers->window_ipv6 };
	for (int i = 0; i < 2; i++) {
		if (windows[i] % numbers->period != 0 ||
		    windows[i] / numbers->period > WINDOW_PERIODS_MAX) {
			command_usage(&command_extract, "a window of %" PRIu64 " s has no whole number of "
			              "periods of %" PRIu64 " s, or more than %d", windows[i],
			              numbers->period, WINDOW_PERIODS_MAX);
			return false;
		}
	}
	return true;
}

static bool parse_keys(const char *option, const char **keys)
{
	*keys = optarg;
	if (!network_keys_fit(optarg)) {
		command_usage(&command_extract, "%s takes one to %d keys with '/' between them, not '%s'",
		              option, NETWORK_KEYS_MAX, optarg);
		return false;
	}
	return true;
}

static bool parse_one(int option, extract_options_t *options, numbers_t *numbers)
{
	const command_t *command = &command_extract;
	switch (option) {
	case 'o':
		options->output = optarg;
		return true;
	case OPTION_SUMMARY:
		options->summary = true;
		return true;
	case OPTION_PREFIXES:
		options->prefixes = optarg;
		return true;
	case OPTION_PREFIX64:
		options->prefix64 = true;
		return true;
	case OPTION_QUERIERS:
		options->queriers = optarg;
		return true;
	case OPTION_RULES:
		options->rules = optarg;
		return true;
	case OPTION_AS_DB:
		options->networks[NETWORK_AS].path = optarg;
		return true;
	case OPTION_AS_PATH:
		return parse_keys("--asn-path", &options->networks[NETWORK_AS].keys);
	case OPTION_COUNTRY_DB:
		options->networks[NETWORK_COUNTRY].path = optarg;
		return true;
	case OPTION_COUNTRY_PATH:
		return parse_keys("--country-path", &options->networks[NETWORK_COUNTRY].keys);
	case OPTION_WINDOW:
		return command_duration(command, "--window", optarg, WINDOW_MIN, WINDOW_MAX,
		                        &numbers->window);
	case OPTION_WINDOW_IPV6:
		return command_duration(command, "--window-ipv6", optarg, WINDOW_MIN, WINDOW_MAX,
		                        &numbers->window_ipv6);
	case OPTION_PERIOD:
		return command_duration(command, "--period", optarg, 1, 86400, &numbers->period);
	case OPTION_DEDUP:
		return command_duration(command, "--dedup", optarg, 0, 3600, &numbers->dedup);
	case OPTION_MIN:
		return command_number(command, "--min-queriers", optarg, 1, 1000000,
		                      &options->min_queriers[FAMILY_IPV4]);
	case OPTION_MIN_IPV6:
		return command_number(command, "--min-queriers-ipv6", optarg, 1, 1000000,
		                      &options->min_queriers[FAMILY_IPV6]);
	case OPTION_FAN_OUT:
		return command_number(command, "--fan-out-max", optarg, 0, 100000000,
		                      &numbers->fan_out_max);
	case OPTION_MEMORY:
		return command_size(command, "--memory-max", optarg, SENSOR_MEMORY_MIN, MEMORY_MOST,
		                    &numbers->memory_max);
	default:
		return command_number(command, "--sample-size", optarg, 64, 65536,
		                      &numbers->sample_size);
	}
}

static sensor_options_t make_sensor_options(const numbers_t *numbers, const extract_options_t *options)
{
	return (sensor_options_t) {
		.window_length = { numbers->window * MICROSECONDS, numbers->window_ipv6 * MICROSECONDS },
		.memory = numbers->memory_max,
		.window = {
			.period = numbers->period * MICROSECONDS,
			.dedup = numbers->dedup * MICROSECONDS,
			.sample_size = (uint32_t)numbers->sample_size,
			.fan_out_max = (uint32_t)numbers->fan_out_max,
			.record_at_once = options->min_queriers[FAMILY_IPV4] == 1 ||
			                  options->min_queriers[FAMILY_IPV6] == 1,
			.threads = 1,
		},
	};
}

static int run(int argc, char **argv)
{
	static const struct option known[] = {
		{ "queriers", required_argument, NULL, OPTION_QUERIERS },
		{ "rules", required_argument, NULL, OPTION_RULES },
		{ "asn-db", required_argument, NULL, OPTION_AS_DB },
		{ "asn-path", required_argument, NULL, OPTION_AS_PATH },
		{ "country-db", required_argument, NULL, OPTION_COUNTRY_DB },
		{ "country-path", required_argument, NULL, OPTION_COUNTRY_PATH },
		{ "window", required_argument, NULL, OPTION_WINDOW },
		{ "window-ipv6", required_argument, NULL, OPTION_WINDOW_IPV6 },
		{ "period", required_argument, NULL, OPTION_PERIOD },
		{ "dedup", required_argument, NULL, OPTION_DEDUP },
		{ "min-queriers", required_argument, NULL, OPTION_MIN },
		{ "min-queriers-ipv6", required_argument, NULL, OPTION_MIN_IPV6 },
		{ "prefix64", no_argument, NULL, OPTION_PREFIX64 },
		{ "sample-size", required_argument, NULL, OPTION_SAMPLE },
		{ "fan-out-max", required_argument, NULL, OPTION_FAN_OUT },
		{ "memory-max", required_argument, NULL, OPTION_MEMORY },
		{ "output", required_argument, NULL, 'o' },
		{ "prefixes", required_argument, NULL, OPTION_PREFIXES },
		{ "summary", no_argument, NULL, OPTION_SUMMARY },
		{ 0 },
	};
	extract_options_t options = { .min_queriers = { 20, 5 } };
	/* One thread, and no name server beside it: much memory. */
	numbers_t numbers = { 86400, 604800, 600, 30, 1024, 100000, (uint64_t)8 << 30 };
	int option;
	while ((option = command_option(&command_extract, argc, argv, "o:", known)) != -1) {
		if (!parse_one(option, &options, &numbers)) {
			return EXIT_USAGE;
		}
	}
	if (optind == argc) {
		return command_usage(&command_extract, "no capture is given");
	}
	if (options.rules != NULL && options.queriers == NULL) {
		return command_usage(&command_extract, "--rules is of use with --queriers only");
	}
	if (options.summary && options.output != NULL && strcmp(options.output, "-") == 0) {
		return command_usage(&command_extract, "the rows and the summary cannot both go to "
		                     "standard output");
	}
	if (options.prefixes != NULL && strcmp(options.prefixes, "-") == 0) {
		return command_usage(&command_extract, "--prefixes takes a file, not standard output");
	}
	if (!check_windows(&numbers)) {
		return EXIT_USAGE;
	}
	options.captures = argv + optind;
	options.capture_count = argc - optind;
	options.sensor = make_sensor_options(&numbers, &options);
	return extract_run(&command_extract, &options);
}

const command_t command_extract = {
	.name = "extract",
	.arguments = "CAPTURE... [OPTION]...",
	.summary = "compute the features of originators from captured queries",
	.options =
		"  --queriers CSV          what is known of queriers: querier,name,asn,country\n"
		"  --rules FILE            rules for the categories of names (default: built in)\n"
		"  --asn-db FILE           ASes of networks, MaxMind DB or text: address, length, AS\n"
		"  --asn-path KEYS         where the AS stands (default " NETWORK_AS_PATH ")\n"
		"  --country-db FILE       countries of networks, likewise\n"
		"  --country-path KEYS     where the country stands (default " NETWORK_COUNTRY_PATH ")\n"
		"  --window DURATION       window for IPv4 originators (default 1d)\n"
		"  --window-ipv6 DURATION  window for IPv6 originators (default 7d)\n"
		"  --period DURATION       period of persistence (default 10m)\n"
		"  --dedup DURATION        a repetition within is not counted (default 30s)\n"
		"  --min-queriers N        least queriers of an IPv4 originator (default 20)\n"
		"  --min-queriers-ipv6 N   least queriers of an IPv6 originator (default 5)\n"
		"  --prefix64              count IPv6 originators by their /64 as well\n"
		"  --sample-size N         most queriers kept per originator (default 1024)\n"
		"  --fan-out-max N         most originators of a querier, 0: all (default 100000)\n"
		"  --memory-max SIZE       most memory of the windows (default 8G)\n"
		"  -o, --output CSV        where to write (default: standard output)\n"
		"  --prefixes CSV          write which prefixes partial names ask about\n"
		"  --summary               print what was seen; without -o, nothing else\n"
		"      --help              show this\n",
	.run = run,
};
