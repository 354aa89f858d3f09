/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backscatter overlap: how fast labels age. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "common/csv.h"
#include "common/moment.h"
#include "common/output.h"
#include "darknet/overlap.h"

/* The classes that the papers call malicious. */
#define MALICIOUS_DEFAULT "scan,spam"
#define MALICIOUS_MAX     64

typedef struct {
	overlap_options_t overlap;
	const char **seen;
	const char *malicious[MALICIOUS_MAX];
	char *words;          /* that they point into */
	bool json;
	const char *output;   /* CSV; NULL: a table */
} request_t;

/* "2026-11-23" of a moment. */
static const char *day_text(uint64_t moment, char text[MOMENT_TEXT_MAX])
{
	moment_format(moment, text);
	text[strcspn(text, "T")] = '\0';
	return text;
}

static double share(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : 0;
}

static void put_csv(FILE *file, const overlap_t *overlap)
{
	fputs("day,offset,group,labelled,seen,seen_share,again,again_share\n", file);
	for (size_t i = 0; i < overlap->day_count * OVERLAP_GROUPS; i++) {
		const overlap_day_t *day = &overlap->days[i / OVERLAP_GROUPS];
		overlap_group_t group = i % OVERLAP_GROUPS;
		char text[MOMENT_TEXT_MAX];
		if (overlap->base[group] == 0) {
			continue;
		}
		fprintf(file, "%s,%" PRId64 ",%s,%" PRIu64 ",%" PRIu64 ",", day_text(day->moment, text),
		        day->offset, overlap_group_name(group), overlap->base[group], day->seen[group]);
		csv_write_double(file, share(day->seen[group], overlap->base[group]));
		fprintf(file, ",%" PRIu64 ",", day->again[group]);
		csv_write_double(file, share(day->again[group], overlap->base[group]));
		putc('\n', file);
	}
}

static bool put_json(FILE *file, const overlap_t *overlap)
{
	bool good = true;
	for (size_t i = 0; i < overlap->day_count * OVERLAP_GROUPS; i++) {
		const overlap_day_t *day = &overlap->days[i / OVERLAP_GROUPS];
		overlap_group_t group = i % OVERLAP_GROUPS;
		char text[MOMENT_TEXT_MAX];
		uint64_t base = overlap->base[group];
		if (base == 0) {
			continue;
		}
		json_t *object = json_pack(
			"{s:s, s:I, s:s, s:I, s:I, s:f, s:I, s:f}", "day", day_text(day->moment, text),
			"offset", (json_int_t)day->offset, "group", overlap_group_name(group),
			"labelled", (json_int_t)base, "seen", (json_int_t)day->seen[group],
			"seen_share", share(day->seen[group], base),
			"again", (json_int_t)day->again[group],
			"again_share", share(day->again[group], base));
		good &= object != NULL &&
		        json_dumpf(object, file, JSON_COMPACT | JSON_REAL_PRECISION(10)) == 0;
		json_decref(object);
		putc('\n', file);
	}
	return good;
}

static void put_table(FILE *file, const overlap_t *overlap)
{
	char text[MOMENT_TEXT_MAX];
	fprintf(file, "labelled on %s: %" PRIu64 " benign and %" PRIu64 " malicious addresses\n",
	        day_text(overlap->from, text), overlap->base[OVERLAP_BENIGN],
	        overlap->base[OVERLAP_MALICIOUS]);
	fprintf(file, "%-10s %7s  %-27s  %s\n%-18s", "", "", "BENIGN", "MALICIOUS", "DAY      OFFSET");
	for (unsigned i = 0; i < OVERLAP_GROUPS; i++) {
		fprintf(file, "  %6s %6s %6s %6s", "SEEN", "SHARE", "AGAIN", "SHARE");
	}
	putc('\n', file);
	for (size_t i = 0; i < overlap->day_count; i++) {
		const overlap_day_t *day = &overlap->days[i];
		fprintf(file, "%s %7" PRId64, day_text(day->moment, text), day->offset);
		for (unsigned j = 0; j < OVERLAP_GROUPS; j++) {
			fprintf(file, "  %6" PRIu64 " %6.4f %6" PRIu64 " %6.4f", day->seen[j],
			        share(day->seen[j], overlap->base[j]), day->again[j],
			        share(day->again[j], overlap->base[j]));
		}
		putc('\n', file);
	}
}

static status_t print(const request_t *request, const overlap_t *overlap, failure_t *failure)
{
	output_t *output;
	status_t status = output_open(request->output, &output, failure);
	if (status != STATUS_OK) {
		return status;
	}
	FILE *file = output_stream(output);
	if (request->json) {
		if (!put_json(file, overlap)) {
			output_abandon(output);
			return failure_no_memory(failure, "JSON");
		}
	} else if (request->output != NULL) {
		put_csv(file, overlap);
	} else {
		put_table(file, overlap);
	}
	return output_commit(output, failure);
}

static bool parse_malicious(request_t *request, const char *text)
{
	free(request->words);
	request->words = strdup(text);
	request->overlap.malicious_count = 0;
	char *rest = request->words, *word;
	while ((word = strsep(&rest, ",")) != NULL) {
		if (word[0] == '\0' || request->overlap.malicious_count == MALICIOUS_MAX) {
			command_usage(&command_overlap, "--malicious takes classes with commas between, at "
			              "most %d, not '%s'", MALICIOUS_MAX, text);
			return false;
		}
		request->malicious[request->overlap.malicious_count++] = word;
	}
	request->overlap.malicious = request->malicious;
	return true;
}

enum { OPTION_FROM = 1, OPTION_SEEN, OPTION_MALICIOUS, OPTION_JSON };

static bool parse_option(int option, request_t *request)
{
	switch (option) {
	case OPTION_FROM:
		request->overlap.first = false;
		if (!moment_parse(optarg, &request->overlap.from)) {
			command_usage(&command_overlap, "--from takes a day such as 2026-11-23, not '%s'",
			              optarg);
			return false;
		}
		return true;
	case OPTION_SEEN:
		request->seen[request->overlap.seen_count++] = optarg;
		return true;
	case OPTION_MALICIOUS:
		return parse_malicious(request, optarg);
	case OPTION_JSON:
		return request->json = true;
	default:
		request->output = optarg;
		return true;
	}
}

/* Files are read several times. */
static const char *check(const request_t *request)
{
	const overlap_options_t *options = &request->overlap;
	if (options->label_count == 0) {
		return "no file of labels is given";
	}
	for (size_t i = 0; i < options->label_count + options->seen_count; i++) {
		const char *path = i < options->label_count ? options->labels[i] :
		                   options->seen[i - options->label_count];
		if (strcmp(path, "-") == 0) {
			return "standard input cannot be read several times, as '-' would need";
		}
	}
	return NULL;
}

static int overlap(request_t *request, int argc, char **argv)
{
	static const struct option known[] = {
		{ "from", required_argument, NULL, OPTION_FROM },
		{ "seen", required_argument, NULL, OPTION_SEEN },
		{ "malicious", required_argument, NULL, OPTION_MALICIOUS },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "output", required_argument, NULL, 'o' },
		{ 0 },
	};
	int option;
	if (!parse_malicious(request, MALICIOUS_DEFAULT)) {
		return EXIT_USAGE;
	}
	while ((option = command_option(&command_overlap, argc, argv, "o:", known)) != -1) {
		if (!parse_option(option, request)) {
			return EXIT_USAGE;
		}
	}
	request->overlap.labels = (const char *const *)argv + optind;
	request->overlap.label_count = (size_t)(argc - optind);
	request->overlap.seen = request->seen;
	const char *wrong = check(request);
	if (wrong != NULL) {
		return command_usage(&command_overlap, "%s", wrong);
	}
	overlap_t result;
	failure_t failure;
	if (overlap_make(&request->overlap, &result, &failure) != STATUS_OK) {
		return command_fail(&command_overlap, &failure);
	}
	if (result.disagreed > 0) {
		fprintf(stderr, "backscatter overlap: %" PRIu64 " addresses of that day are left out, as "
		        "their labels disagree\n", result.disagreed);
	}
	status_t status = print(request, &result, &failure);
	overlap_clear(&result);
	return status == STATUS_OK ? EXIT_GOOD : command_fail(&command_overlap, &failure);
}

static int run(int argc, char **argv)
{
	request_t request = {
		.overlap.first = true, .seen = calloc((size_t)argc, sizeof(*request.seen)),
	};
	if (request.seen == NULL) {
		return command_usage(&command_overlap, "no memory for the options");
	}
	int status = overlap(&request, argc, argv);
	free(request.seen);
	free(request.words);
	return status;
}

const command_t command_overlap = {
	.name = "overlap",
	.arguments = "LABELS.csv... [OPTION]...",
	.summary = "tell how many labelled addresses are seen again on other days",
	.options =
		"  --from DAY             the day whose labels are looked at (default: the first one\n"
		"                         with labels)\n"
		"  --seen CSV             addresses are seen by the rows of this file, as 'backscatter\n"
		"                         extract' writes them; may be repeated (default: the labels)\n"
		"  --malicious CLASS,...  classes that are malicious; all others are benign (default\n"
		"                         scan,spam)\n"
		"  --json                 one JSON object a line\n"
		"  -o, --output FILE      write there, as CSV (default: a table on standard output)\n"
		"      --help             show this\n",
	.run = run,
};
