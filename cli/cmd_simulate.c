/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backscatter simulate: a small Internet from a seed. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/progress.h"
#include "common/moment.h"
#include "simulator/darknet.h"
#include "simulator/simulator.h"

/* Values of getopt_long() for options without a letter. */
enum {
	OPTION_DAYS = 256, OPTION_SEED, OPTION_ORIGINATORS, OPTION_SCALE, OPTION_START,
	OPTION_PARAMETERS, OPTION_FORMAT, OPTION_DARKNET, OPTION_AUTHORITY, OPTION_FORGE,
};

/* Reads --start: a date, or a moment that is a midnight. */
static bool parse_start(const char *text, uint64_t *start)
{
	if (!moment_parse(text, start) || *start % (86400 * MICROSECONDS) != 0) {
		command_usage(&command_simulate,
		              "--start takes a date such as 2024-01-01, not '%s'", text);
		return false;
	}
	return true;
}

/* Reads --format. */
static bool parse_format(const char *text, unsigned *formats)
{
	static const struct { const char *name; unsigned formats; } known[] = {
		{ "pcap", QUERY_FORMAT_PCAP }, { "dnstap", QUERY_FORMAT_DNSTAP },
		{ "both", QUERY_FORMATS_ALL },
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(text, known[i].name) == 0) {
			*formats = known[i].formats;
			return true;
		}
	}
	command_usage(&command_simulate, "--format takes pcap, dnstap or both, not '%s'", text);
	return false;
}

static bool parse_number(const char *option, const char *text, uint64_t least, uint64_t most,
                         unsigned *value)
{
	uint64_t number;
	if (!command_number(&command_simulate, option, text, least, most, &number)) {
		return false;
	}
	*value = (unsigned)number;
	return true;
}

static bool parse_scale(const char *text, double *scale)
{
	char *end;
	*scale = strtod(text, &end);
	/* Also refuses what is no number at all. */
	if (end == text || *end != '\0' ||
	    !(*scale >= SIMULATOR_SCALE_MIN && *scale <= SIMULATOR_SCALE_MAX)) {
		command_usage(&command_simulate, "--scale takes a number from %g to %g, not '%s'",
		              SIMULATOR_SCALE_MIN, SIMULATOR_SCALE_MAX, text);
		return false;
	}
	return true;
}

/* Adds the prefixes of --darknet, which run() frees. */
static bool parse_darknet(const char *text, simulator_options_t *options)
{
	prefix_t *prefixes = (prefix_t *)options->darknet;
	bool good = command_prefixes(&command_simulate, "--darknet", text, DARKNET_PREFIXES_MAX,
	                             &prefixes, &options->darknet_count);
	options->darknet = prefixes;
	return good;
}

/* Reads --authority: HEIGHT or HEIGHT:COUNTRY. */
static bool parse_authority(const char *text, simulator_options_t *options)
{
	const char *country = strchr(text, ':');
	size_t size = country != NULL ? (size_t)(country - text) : strlen(text);
	options->country[0] = '\0';
	if (country != NULL && strlen(country + 1) != 2) {
		command_usage(&command_simulate,
		              "--authority takes two letters of a country behind ':', not '%s'",
		              country + 1);
		return false;
	}
	for (int i = 0; i < AUTHORITIES; i++) {
		if (strlen(authority_names[i]) == size && strncmp(text, authority_names[i], size) == 0) {
			options->authority = (authority_t)i;
			memcpy(options->country, country != NULL ? country + 1 : "", country != NULL ? 3 : 1);
			return true;
		}
	}
	command_usage(&command_simulate, "--authority takes root, national or leaf, not '%s'", text);
	return false;
}

static bool parse_option(int option, simulator_options_t *options)
{
	switch (option) {
	case 'o':
		options->folder = optarg;
		return true;
	case OPTION_DAYS:
		return parse_number("--days", optarg, 1, SIMULATOR_DAYS_MAX, &options->days);
	case OPTION_SEED:
		return command_number(&command_simulate, "--seed", optarg, 0, UINT64_MAX, &options->seed);
	case OPTION_ORIGINATORS:
		return parse_number("--originators", optarg, SIMULATOR_ORIGINATORS_MIN,
		                    SIMULATOR_ORIGINATORS_MAX, &options->originators);
	case OPTION_FORMAT:
		return parse_format(optarg, &options->formats);
	case OPTION_DARKNET:
		return parse_darknet(optarg, options);
	case OPTION_AUTHORITY:
		return parse_authority(optarg, options);
	case OPTION_FORGE:
		return parse_number("--forge", optarg, 0, SIMULATOR_FORGED_MAX, &options->forged);
	case OPTION_SCALE:
		return parse_scale(optarg, &options->scale);
	case OPTION_PARAMETERS:
		options->parameters = optarg;
		return true;
	default:
		return parse_start(optarg, &options->start);
	}
}

static bool parse(int argc, char **argv, simulator_options_t *options)
{
	static const struct option table[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "days", required_argument, NULL, OPTION_DAYS },
		{ "seed", required_argument, NULL, OPTION_SEED },
		{ "originators", required_argument, NULL, OPTION_ORIGINATORS },
		{ "scale", required_argument, NULL, OPTION_SCALE },
		{ "parameters", required_argument, NULL, OPTION_PARAMETERS },
		{ "start", required_argument, NULL, OPTION_START },
		{ "format", required_argument, NULL, OPTION_FORMAT },
		{ "darknet", required_argument, NULL, OPTION_DARKNET },
		{ "authority", required_argument, NULL, OPTION_AUTHORITY },
		{ "forge", required_argument, NULL, OPTION_FORGE },
		{ 0 },
	};
	int option;
	while ((option = command_option(&command_simulate, argc, argv, "o:", table)) != -1) {
		if (!parse_option(option, options)) {
			return false;
		}
	}
	if (optind < argc) {
		command_usage(&command_simulate, "'%s' is one argument too many", argv[optind]);
		return false;
	}
	if (options->folder == NULL || options->folder[0] == '\0') {
		command_usage(&command_simulate, "the folder is missing: give it with -o");
		return false;
	}
	return true;
}

static void show_progress(void *context, uint64_t packets)
{
	progress_update(context, packets);
}

/* What became of the lookups, and how much of them came to each height. */
static void print_attenuation(const attenuation_t *attenuation)
{
	uint64_t made = 0;
	for (int i = 0; i < LOOKUP_OUTCOMES; i++) {
		made += attenuation->outcomes[i];
	}
	printf("lookups: %" PRIu64 " made, %" PRIu64 " answered from caches, %" PRIu64
	       " by signed gaps\n", made, attenuation->outcomes[LOOKUP_CACHED],
	       attenuation->outcomes[LOOKUP_PROVEN]);
	for (int i = 0; i < HEIGHTS; i++) {
		printf("height %s: %" PRIu64 " queries, %" PRIu64 " for complete names\n",
		       height_names[i], attenuation->queries[i], attenuation->complete[i]);
	}
}

static status_t simulate(simulator_t *simulator, unsigned days, bool darknet,
                         failure_t *failure)
{
	simulator_day_t day;
	for (unsigned i = 1; i <= days; i++) {
		char what[32];
		(void)snprintf(what, sizeof(what), "day %u of %u", i, days);
		progress_t progress = progress_begin(what, "queries", 0);
		status_t status = simulator_next_day(simulator, show_progress, &progress, &day, failure);
		progress_end(&progress);
		if (status != STATUS_OK) {
			return status;
		}
		printf("day %u: %" PRIu64 " queries for %" PRIu64 " originators by %" PRIu64
		       " queriers", i, day.queries, day.originators, day.queriers);
		if (darknet) {
			printf(", %" PRIu64 " packets to the darknet", day.darknet);
		}
		putchar('\n');
	}
	return STATUS_OK;
}

static int run_options(const simulator_options_t *options)
{
	failure_t failure = { 0 };
	simulator_t *simulator = NULL;
	simulator_day_t total;
	status_t status = simulator_create(options, &simulator, &failure);
	/* What the library calls a bug of its caller is here what the user asked for. */
	if (status == STATUS_CALLER) {
		return command_usage(&command_simulate, "%s", failure.sentence);
	}
	if (status == STATUS_OK) {
		status = simulate(simulator, options->days, options->darknet != NULL, &failure);
	}
	if (status == STATUS_OK) {
		status = simulator_finish(simulator, &total, &failure);
		print_attenuation(simulator_attenuation(simulator));
	}
	simulator_destroy(simulator);
	if (status != STATUS_OK) {
		return command_fail(&command_simulate, &failure);
	}
	printf("wrote %s: %u days, seed %" PRIu64 ": %" PRIu64 " queries for %" PRIu64
	       " originators by %" PRIu64 " queriers\n", options->folder, options->days, options->seed,
	       total.queries, total.originators, total.queriers);
	if (fflush(stdout) != 0) {
		failure_system(&failure, errno, "cannot write to", "standard output");
		return command_fail(&command_simulate, &failure);
	}
	return EXIT_GOOD;
}

static int run(int argc, char **argv)
{
	simulator_options_t options = SIMULATOR_OPTIONS_DEFAULT;
	int status = parse(argc, argv, &options) ? run_options(&options) : EXIT_USAGE;
	free((void *)options.darknet);
	return status;
}

const command_t command_simulate = {
	.name = "simulate",
	.arguments = "-o DIR [OPTION]...",
	.summary = "write the traffic of a small simulated Internet, with the truth about it",
	.options =
		"Writes authority-DAY.pcap, queriers.csv, pfx2as.txt, countries.txt and truth.csv\n"
		"into DIR, which is made if missing. Files of an earlier run are replaced. The same\n"
		"options give the same bytes.\n\n"
		"  -o, --output DIR   the folder\n"
		"  --days N           days to simulate, one file each (1 to 366) [2]\n"
		"  --seed S           seed of everything that is left to chance [1]\n"
		"  --authority WHO    who hears the queries: root, national (the registries' /8s) or\n"
		"                     leaf (the zones that hold the names) [leaf]; of one country\n"
		"                     alone as in national:JP\n"
		"  --forge N          so many forged queriers a day ask for one victim [0]\n"
		"  --scale X          factor on the originators (0.001 to 1000) [1.0]\n"
		"  --originators N    originators alive on a day at scale 1, about (12 to 200000)\n"
		"                     [2000]\n"
		"  --start DATE       the first day [2024-01-01]\n"
		"  --parameters FILE  numbers of the model that are to be others\n"
		"  --format FORMAT    of the queries: pcap, dnstap or both [pcap]\n"
		"  --darknet PREFIX,...  also what comes to these unused addresses, as darknet-DAY.pcap\n"
		"                     with the truth in darknet-DAY.csv; 198.0.0.0/8 is free\n",
	.run = run,
};
