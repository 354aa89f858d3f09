/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of `backscatter label`. */
#include "cli/label_options.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/moment.h"

/* Seconds. Clocks are set, and captures of one hour may overlap with those of the next. */
#define SLACK_DEFAULT 3600

/* Columns of the help. */
#define COLUMNS 90

enum {
	OPTION_DARKNET = 1, OPTION_WINDOW, OPTION_SLACK, OPTION_PARAMETER, OPTION_FLOWS,
	OPTION_MEMORY, OPTION_LIST, OPTION_PREFER, OPTION_EVENTS, OPTION_SERIES, OPTION_CONFLICTS,
	OPTION_SUMMARY, OPTION_SWEEP, OPTION_JSON, OPTION_STATE,
};

static const struct option known[] = {
	{ "darknet", required_argument, NULL, OPTION_DARKNET },
	{ "window", required_argument, NULL, OPTION_WINDOW },
	{ "slack", required_argument, NULL, OPTION_SLACK },
	{ "parameter", required_argument, NULL, OPTION_PARAMETER },
	{ "flows", required_argument, NULL, OPTION_FLOWS },
	{ "memory", required_argument, NULL, OPTION_MEMORY },
	{ "list", required_argument, NULL, OPTION_LIST },
	{ "prefer", required_argument, NULL, OPTION_PREFER },
	{ "events", required_argument, NULL, OPTION_EVENTS },
	{ "series", required_argument, NULL, OPTION_SERIES },
	{ "conflicts", required_argument, NULL, OPTION_CONFLICTS },
	{ "summary", no_argument, NULL, OPTION_SUMMARY },
	{ "sweep", required_argument, NULL, OPTION_SWEEP },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "state", required_argument, NULL, OPTION_STATE },
	{ "output", required_argument, NULL, 'o' },
	{ 0 },
};

const char label_options_help[] =
	"  --darknet PREFIX,...  the unused address space that the captures were taken in\n"
	"  --window DURATION     length of a window (default 1d)\n"
	"  --slack DURATION      how late packets may come (default 1h, at most the window)\n"
	"  --parameter NAME=VALUE  a threshold of the taxonomy, see below; may be repeated\n"
	"  --flows N             flows of one source that are counted exactly (default 65536)\n"
	"  --memory SIZE         most memory for open windows, as 400M or 2G (default 1G)\n"
	"  --list CLASS=FILE     addresses and prefixes of a class; may be repeated\n"
	"  --prefer WHICH        when a list disagrees with the darknet: address (default): the\n"
	"                        list, if it names the very address; list; darknet\n"
	"  -o, --output CSV      labels (default: standard output, unless that is taken by\n"
	"                        --summary or --sweep)\n"
	"  --events CSV          all events with their flags\n"
	"  --series CSV          share of sources per event and tool, per window\n"
	"  --conflicts CSV       where sources of labels disagree, and which holds\n"
	"  --summary             print what was found\n"
	"  --sweep NAME=V1,V2... print how the shares move with a parameter, with the window\n"
	"                        (window=1h,1d) or the darknet (darknet=/16,/20); may be repeated\n"
	"  --json                print these as JSON, one object a line\n"
	"  --state FOLDER        keep there what is done, and go on from there\n"
	"      --help            show this\n";

/* Prints words in lines of COLUMNS at most, each behind so many blanks. */
static void put_words(FILE *file, int indent, const char *text)
{
	int column = 0;
	while (*text != '\0') {
		int size = (int)strcspn(text, " ");
		if (column > 0 && column + 1 + size > COLUMNS) {
			putc('\n', file);
			column = 0;
		}
		column += fprintf(file, "%*s%.*s", column == 0 ? indent : 1, "", size, text);
		text += size;
		text += strspn(text, " ");
	}
	putc('\n', file);
}

void label_options_tables(FILE *file)
{
	fputs("\nParameters, with their defaults:\n", file);
	for (parameter_t i = 0; i < PARAMETERS; i++) {
		const parameter_info_t *info = parameter_info(i);
		char text[32];
		(void)snprintf(text, sizeof(text), "%s=%g", info->name, info->standard);
		fprintf(file, "  %-6s %s\n", text, info->sentence);
	}
	fputs("\nEvents, for each source, protocol and window:\n", file);
	for (event_kind_t kind = 0; kind < EVENT_KINDS; kind++) {
		fprintf(file, "  %s\n", event_info(kind)->name);
		put_words(file, 6, event_info(kind)->rule);
	}
	fputs("\nTools:\n", file);
	for (tool_t tool = TOOL_NONE + 1; tool < TOOLS; tool++) {
		fprintf(file, "  %s\n", tool_info(tool)->name);
		put_words(file, 6, tool_info(tool)->mark);
	}
}

/* What is read before it is known whether it fits together. */
typedef struct {
	const command_t *command;
	label_options_t *options;
	uint64_t window, slack;   /* seconds */
	uint64_t flows, memory;
	bool slack_given;
	char **lists;             /* As given. */
} reading_t;

static bool parse_parameter(const reading_t *reading, const char *text)
{
	failure_t failure;
	if (parameter_parse(text, &reading->options->parameters, NULL, &failure) != STATUS_OK) {
		command_usage(reading->command, "--parameter: %s", failure.sentence);
		return false;
	}
	return true;
}

static bool parse_sweep(const reading_t *reading, const char *text)
{
	label_options_t *options = reading->options;
	failure_t failure;
	if (options->sweep_count == LABEL_SWEEPS_MAX) {
		command_usage(reading->command, "--sweep may be given %d times", LABEL_SWEEPS_MAX);
		return false;
	}
	sweep_plan_t *sweeps = reallocarray(options->sweeps, options->sweep_count + 1,
	                                    sizeof(*sweeps));
	if (sweeps == NULL) {
		command_usage(reading->command, "no memory for --sweep");
		return false;
	}
	options->sweeps = sweeps;
	if (sweep_parse(text, &sweeps[options->sweep_count], &failure) != STATUS_OK) {
		command_usage(reading->command, "--sweep: %s", failure.sentence);
		return false;
	}
	options->sweep_count++;
	return true;
}

static bool parse_prefer(const reading_t *reading, const char *text)
{
	reading->options->preference = label_preference_find(text);
	if (reading->options->preference == LABEL_PREFERENCES) {
		command_usage(reading->command, "--prefer takes address, list or darknet, not '%s'", text);
		return false;
	}
	return true;
}

static bool parse_list(reading_t *reading, const char *text)
{
	label_options_t *options = reading->options;
	if (options->list_count == LABEL_LISTS_MAX) {
		command_usage(reading->command, "--list may be given %d times", LABEL_LISTS_MAX);
		return false;
	}
	reading->lists[options->list_count++] = (char *)text;
	return true;
}

static bool parse_number(reading_t *reading, int option)
{
	const command_t *command = reading->command;
	switch (option) {
	case OPTION_WINDOW:
		return command_duration(command, "--window", optarg, TELESCOPE_WINDOW_MIN / MICROSECONDS,
		                        TELESCOPE_WINDOW_MAX / MICROSECONDS, &reading->window);
	case OPTION_SLACK:
		reading->slack_given = true;
		return command_duration(command, "--slack", optarg, 0, TELESCOPE_WINDOW_MAX / MICROSECONDS,
		                        &reading->slack);
	case OPTION_FLOWS:
		return command_number(command, "--flows", optarg, TELESCOPE_FLOWS_MIN, TELESCOPE_FLOWS_MAX,
		                      &reading->flows);
	default:
		return command_size(command, "--memory", optarg, TELESCOPE_MEMORY_MIN, UINT64_MAX / 2,
		                    &reading->memory);
	}
}

static bool parse_option(reading_t *reading, int option)
{
	static const struct { int option; label_output_t output; } files[] = {
		{ 'o', LABEL_OUTPUT_LABELS }, { OPTION_EVENTS, LABEL_OUTPUT_EVENTS },
		{ OPTION_SERIES, LABEL_OUTPUT_SERIES }, { OPTION_CONFLICTS, LABEL_OUTPUT_CONFLICTS },
	};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (files[i].option == option) {
			reading->options->paths[files[i].output] = optarg;
			return true;
		}
	}
	switch (option) {
	case OPTION_DARKNET:
		return command_prefixes(reading->command, "--darknet", optarg, TELESCOPE_PREFIXES_MAX,
		                        &reading->options->prefixes,
		                        &reading->options->telescope.prefix_count);
	case OPTION_PARAMETER:
		return parse_parameter(reading, optarg);
	case OPTION_SWEEP:
		return parse_sweep(reading, optarg);
	case OPTION_PREFER:
		return parse_prefer(reading, optarg);
	case OPTION_LIST:
		return parse_list(reading, optarg);
	case OPTION_SUMMARY:
		return reading->options->summary = true;
	case OPTION_JSON:
		return reading->options->json = true;
	case OPTION_STATE:
		reading->options->state = optarg;
		return true;
	default:
		return parse_number(reading, option);
	}
}

/* Whether something is reported on standard output. */
static bool reports(const label_options_t *options)
{
	return options->summary || options->sweep_count > 0;
}

/* How many write to standard output. */
static unsigned printers(const label_options_t *options)
{
	unsigned count = reports(options);
	for (label_output_t i = 0; i < LABEL_OUTPUTS; i++) {
		count += options->paths[i] != NULL && strcmp(options->paths[i], "-") == 0;
	}
	return count;
}

/* What must be there, and what excludes what. Returns NULL or the sentence. */
static const char *check(const reading_t *reading)
{
	const label_options_t *options = reading->options;
	if (options->capture_count == 0 && options->list_count == 0) {
		return "neither a capture nor --list is given";
	}
	if (options->capture_count > 0 && options->telescope.prefix_count == 0) {
		return "--darknet is needed: which addresses are unused?";
	}
	if (options->json && !reports(options)) {
		return "--json goes with --summary or --sweep";
	}
	if (printers(options) > 1) {
		return "only one thing can be written to standard output";
	}
	if (options->state != NULL && options->sweep_count > 0) {
		return "--state does not go with --sweep";
	}
	if (reading->slack_given && reading->slack > reading->window) {
		return "--slack can be as long as the window at most";
	}
	return NULL;
}

static void fill_telescope(const reading_t *reading)
{
	label_options_t *options = reading->options;
	telescope_options_t *telescope = &options->telescope;
	uint64_t slack = reading->slack < reading->window ? reading->slack : reading->window;
	telescope->prefixes = options->prefixes;
	telescope->sets = &options->parameters;
	telescope->window = reading->window * MICROSECONDS;
	telescope->slack = slack * MICROSECONDS;
	telescope->flows = (uint32_t)reading->flows;
	telescope->memory = reading->memory;
}

static int read_lists(const reading_t *reading)
{
	label_options_t *options = reading->options;
	failure_t failure;
	if (options->list_count == 0) {
		return EXIT_GOOD;
	}
	status_t status = STATUS_OK;
	options->lists = label_lists_create();
	if (options->lists == NULL) {
		status = failure_no_memory(&failure, "the lists");
	}
	for (size_t i = 0; i < options->list_count && status == STATUS_OK; i++) {
		status = label_lists_read(options->lists, reading->lists[i], &failure);
	}
	if (status == STATUS_CALLER) {
		return command_usage(reading->command, "--list: %s", failure.sentence);
	}
	if (status != STATUS_OK) {
		return command_fail(reading->command, &failure);
	}
	label_lists_finish(options->lists);
	return EXIT_GOOD;
}

int label_options_parse(const command_t *command, int argc, char **argv,
                        label_options_t *options)
{
	*options = (label_options_t) {
		.telescope = telescope_defaults(), .parameters = taxonomy_defaults(),
	};
	reading_t reading = {
		.command = command, .options = options, .window = 86400, .slack = SLACK_DEFAULT,
		.flows = TELESCOPE_FLOWS_DEFAULT, .memory = TELESCOPE_MEMORY_DEFAULT,
		.lists = calloc(LABEL_LISTS_MAX, sizeof(char *)),
	};
	options->list_texts = reading.lists;
	if (reading.lists == NULL) {
		return command_usage(command, "no memory for the options");
	}
	int option;
	while ((option = command_option(command, argc, argv, "o:", known)) != -1) {
		if (!parse_option(&reading, option)) {
			return EXIT_USAGE;
		}
	}
	options->captures = argv + optind;
	options->capture_count = (size_t)(argc - optind);
	const char *wrong = check(&reading);
	if (wrong != NULL) {
		return command_usage(command, "%s", wrong);
	}
	if (options->paths[LABEL_OUTPUT_LABELS] == NULL && !reports(options)) {
		options->paths[LABEL_OUTPUT_LABELS] = "-";
	}
	fill_telescope(&reading);
	return read_lists(&reading);
}

void label_options_clear(label_options_t *options)
{
	label_lists_destroy(options->lists);
	free(options->prefixes);
	free(options->sweeps);
	free((void *)options->list_texts);
}
