/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backscatter export: the features that the store has, as `extract` writes them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/feature_csv.h"
#include "common/moment.h"
#include "common/output.h"
#include "store/store_window.h"

/* The command line. */
typedef struct {
	const char *store, *output;
	uint64_t from, to;   /* moments */
	int family;          /* 4, 6; 0: both */
	bool partial;
} request_t;

/* What is wanted of the store, and the rows of the window at hand. */
typedef struct {
	const request_t *request;
	store_window_t *windows;   /* the latest first */
	size_t count, room;
	originator_features_t *rows;
	size_t row_count, row_room;
	bool out_of_memory;
} export_t;

static bool is_wanted(const request_t *request, const store_window_t *window)
{
	bool whole = window->closed && window->since <= window->start;
	bool family = request->family == 0 ||
	              (request->family == 4) == (window->family == FAMILY_IPV4);
	return family && window->scope[0] == '\0' && (whole || request->partial) &&
	       window->start >= request->from && window->start < request->to;
}

/* Room for one more of an array; false if memory is short. */
static bool grow(void **array, size_t count, size_t *room, size_t size)
{
	if (count < *room) {
		return true;
	}
	size_t more = *room != 0 ? 2 * *room : 64;
	void *grown = reallocarray(*array, more, size);
	if (grown == NULL) {
		return false;
	}
	*array = grown;
	*room = more;
	return true;
}

static bool collect_window(void *context, const store_window_t *window)
{
	export_t *export = context;
	if (!is_wanted(export->request, window)) {
		return true;
	}
	if (!grow((void **)&export->windows, export->count, &export->room, sizeof(*window))) {
		export->out_of_memory = true;
		return false;
	}
	export->windows[export->count++] = *window;
	return true;
}

static bool collect_row(void *context, const store_row_t *row)
{
	export_t *export = context;
	if (!grow((void **)&export->rows, export->row_count, &export->row_room,
	          sizeof(row->features))) {
		export->out_of_memory = true;
		return false;
	}
	export->rows[export->row_count++] = row->features;
	return true;
}

/* Writes nothing while the store is read: who reads slowly would keep its pages from knotd. */
static status_t write_windows(const store_t *store, export_t *export, FILE *file,
                              uint64_t *rows, failure_t *failure)
{
	status_t status = STATUS_OK;
	feature_csv_header(file);
	for (size_t i = export->count; i > 0 && status == STATUS_OK; i--) {
		const store_window_t *window = &export->windows[i - 1];
		export->row_count = 0;
		status = store_rows(store, window->id, collect_row, export, failure);
		if (status == STATUS_OK && export->out_of_memory) {
			status = failure_no_memory(failure, "the rows of a window");
		}
		for (size_t j = 0; j < export->row_count && status == STATUS_OK; j++) {
			feature_csv_row(file, window->start, window->length, &export->rows[j]);
		}
		*rows += export->row_count;
	}
	return status;
}

static status_t write_out(const store_t *store, export_t *export, uint64_t *rows,
                          failure_t *failure)
{
	output_t *output;
	status_t status = output_open(export->request->output, &output, failure);
	if (status != STATUS_OK) {
		return status;
	}
	status = write_windows(store, export, output_stream(output), rows, failure);
	if (status != STATUS_OK) {
		output_abandon(output);
		return status;
	}
	return output_commit(output, failure);
}

static status_t export_store(const request_t *request, failure_t *failure)
{
	store_t *store;
	export_t export = { .request = request };
	uint64_t rows = 0;
	status_t status = store_open(request->store, STORE_READ, &store, failure);
	if (status != STATUS_OK) {
		return status;
	}
	status = store_windows(store, collect_window, &export, failure);
	if (status == STATUS_OK && export.out_of_memory) {
		status = failure_no_memory(failure, "the list of windows");
	}
	if (status == STATUS_OK) {
		status = write_out(store, &export, &rows, failure);
	}
	if (status == STATUS_OK && request->output != NULL) {
		fprintf(stderr, "%" PRIu64 " rows of %zu windows written to %s\n", rows, export.count,
		        request->output);
	}
	free(export.windows);
	free(export.rows);
	store_close(store);
	return status;
}

enum { OPTION_STORE = 1, OPTION_FROM, OPTION_TO, OPTION_FAMILY, OPTION_PARTIAL };

static bool take_moment(const char *option, uint64_t *moment)
{
	if (moment_parse(optarg, moment)) {
		return true;
	}
	command_usage(&command_export, "%s takes a day or a moment such as 2026-11-23 or "
	              "2026-11-23T12:00:00Z, not '%s'", option, optarg);
	return false;
}

static bool parse_option(int option, request_t *request)
{
	switch (option) {
	case OPTION_STORE:
		request->store = optarg;
		return true;
	case OPTION_FROM:
		return take_moment("--from", &request->from);
	case OPTION_TO:
		return take_moment("--to", &request->to);
	case OPTION_FAMILY:
		request->family = strcmp(optarg, "4") == 0 ? 4 : strcmp(optarg, "6") == 0 ? 6 : 0;
		if (request->family == 0) {
			command_usage(&command_export, "--family takes 4 or 6, not '%s'", optarg);
		}
		return request->family != 0;
	case OPTION_PARTIAL:
		return request->partial = true;
	default:
		request->output = optarg;
		return true;
	}
}

static int run(int argc, char **argv)
{
	static const struct option known[] = {
		{ "store", required_argument, NULL, OPTION_STORE },
		{ "from", required_argument, NULL, OPTION_FROM },
		{ "to", required_argument, NULL, OPTION_TO },
		{ "family", required_argument, NULL, OPTION_FAMILY },
		{ "partial", no_argument, NULL, OPTION_PARTIAL },
		{ "output", required_argument, NULL, 'o' },
		{ 0 },
	};
	request_t request = { .to = UINT64_MAX };
	failure_t failure;
	int option;
	while ((option = command_option(&command_export, argc, argv, "o:", known)) != -1) {
		if (!parse_option(option, &request)) {
			return EXIT_USAGE;
		}
	}
	if (request.store == NULL || optind < argc) {
		return command_usage(&command_export, "--store is needed, and no argument");
	}
	return export_store(&request, &failure) == STATUS_OK ? EXIT_GOOD :
	       command_fail(&command_export, &failure);
}

const command_t command_export = {
	.name = "export",
	.arguments = "--store DIR [OPTION]...",
	.summary = "write the features of stored windows, as extract does",
	.options =
		"  --store DIR        folder of the store\n"
		"  --from MOMENT      only windows that begin there or later: a day or a moment\n"
		"  --to MOMENT        only windows that begin before it\n"
		"  --family 4|6       only IPv4 or only IPv6 originators\n"
		"  --partial          also windows that are not closed, or were filled in part\n"
		"  -o, --output CSV   where to write (default: standard output)\n"
		"      --help         show this\n",
	.run = run,
};
