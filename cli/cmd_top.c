/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backscatter top: the scanners of a window, or the prefixes that most queriers ask about. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/row_output.h"
#include "common/moment.h"
#include "store/store_prefix.h"
#include "store/store_window.h"

enum {
	OPTION_STORE = 1, OPTION_WINDOW, OPTION_FAMILY, OPTION_ALL, OPTION_PREFIXES, OPTION_JSON,
};

typedef struct {
	bool latest;       /* else the windows with `when` in them */
	uint64_t when;
	bool all;
	bool json;
	bool prefixes;
	family_t family;   /* FAMILIES: both */
	store_window_t *windows;
	size_t window_count;
	store_row_t *rows;
	size_t row_count;
	bool out_of_memory;
} top_t;

/* Grows an array by one element of so many bytes; doubles at powers of two. */
static void *append(void *array, size_t count, size_t size)
{
	if ((count & (count - 1)) != 0) {
		return array;
	}
	return realloc(array, (count == 0 ? 1 : 2 * count) * size);
}

/* The window of the same family and zone that is there already, or NULL. */
static store_window_t *find_same(const top_t *top, const store_window_t *window)
{
	for (size_t i = 0; i < top->window_count; i++) {
		if (top->windows[i].family == window->family &&
		    strcmp(top->windows[i].scope, window->scope) == 0) {
			return &top->windows[i];
		}
	}
	return NULL;
}

static bool collect_window(void *context, const store_window_t *window)
{
	top_t *top = context;
	if (top->family != FAMILIES && window->family != top->family) {
		return true;
	}
	store_window_t *same = top->latest ? find_same(top, window) : NULL;
	if (same != NULL) {
		/* The one written last: where settings have changed, an older one may begin later. */
		*same = window->updated > same->updated ? *window : *same;
		return true;
	}
	if (!top->latest && top->when - window->start >= window->length) {
		return true;
	}
	store_window_t *windows = append(top->windows, top->window_count, sizeof(*windows));
	if (windows == NULL) {
		top->out_of_memory = true;
		return false;
	}
	top->windows = windows;
	windows[top->window_count++] = *window;
	return true;
}

static bool collect_row(void *context, const store_row_t *row)
{
	top_t *top = context;
	if (!top->all && !store_row_is_scan(row)) {
		return true;
	}
	store_row_t *rows = append(top->rows, top->row_count, sizeof(*rows));
	if (rows == NULL) {
		top->out_of_memory = true;
		return false;
	}
	top->rows = rows;
	rows[top->row_count++] = *row;
	return true;
}

/* The likeliest scanners first, then those with the most queriers; missing verdicts last. */
static int compare_rows(const void *a, const void *b)
{
	const store_row_t *x = a, *y = b;
	double p = isnan(x->scan_probability) ? -1 : x->scan_probability;
	double q = isnan(y->scan_probability) ? -1 : y->scan_probability;
	if (p != q) {
		return p < q ? 1 : -1;
	}
	if (x->features.queriers != y->features.queriers) {
		return x->features.queriers < y->features.queriers ? 1 : -1;
	}
	return address_compare(&x->features.originator, &y->features.originator);
}

static void print_table(const top_t *top, const store_window_t *window)
{
	char address[ADDRESS_TEXT_MAX], flagged[MOMENT_TEXT_MAX];
	row_output_window(stdout, window);
	if (top->row_count == 0) {
		return;
	}
	printf("%-39s  %-10s  %5s  %9s  %9s  %9s  %5s   %s\n", "ORIGINATOR", "CLASS", "PROB", "QUERIERS",
	       "VERIFIED", "QUERIES", "KNOWN", "FLAGGED");
	for (size_t i = 0; i < top->row_count; i++) {
		const store_row_t *row = &top->rows[i];
		printf("%-39s  %-10s  ", address_format(&row->features.originator, address),
		       row->class_name[0] != '\0' ? row->class_name : "-");
		if (isnan(row->probability)) {
			printf("%5s", "-");
		} else {
			printf("%5.2f", row->probability);
		}
		printf("  %9" PRIu64 "  %9" PRIu64 "  %9" PRIu64 "  %4.0f%%%c  %s\n",
		       row->features.queriers, row->features.verified, row->features.queries, 100 * (double)row->features.known_names,
		       row->little_known ? '!' : ' ',
		       row->unverified ? "unverified" : row->flagged != 0 ? moment_format(row->flagged, flagged) : "-");
	}
}

static status_t print_window(const store_t *store, top_t *top, const store_window_t *window,
                             failure_t *failure)
{
	top->row_count = 0;
	status_t status = store_rows(store, window->id, collect_row, top, failure);
	if (status != STATUS_OK) {
		return status;
	}
	if (top->out_of_memory) {
		return failure_no_memory(failure, "the originators of a window");
	}
	if (top->row_count > 0) {
		qsort(top->rows, top->row_count, sizeof(*top->rows), compare_rows);
	}
	if (!top->json) {
		print_table(top, window);
		return STATUS_OK;
	}
	for (size_t i = 0; i < top->row_count; i++) {
		if (!row_output_json(stdout, window, &top->rows[i], false)) {
			return failure_no_memory(failure, "JSON");
		}
	}
	return STATUS_OK;
}

static status_t print_prefixes(const store_t *store, const top_t *top,
                               const store_window_t *window, failure_t *failure)
{
	prefix_list_t list;
	char text[PREFIX_TEXT_MAX];
	bool good = true;
	status_t status = store_prefixes_read(store, window->id, &list, failure);
	if (status != STATUS_OK) {
		return status;
	}
	if (!top->json) {
		row_output_window(stdout, window);
		printf("%" PRIu64 " prefixes were asked about by more than one querier\n", list.prefixes);
	}
	if (!top->json && list.count > 0) {
		printf("%-43s  %9s\n", "PREFIX", "QUERIERS");
	}
	for (size_t i = 0; i < list.count && good; i++) {
		const prefix_activity_t *entry = &list.entries[i];
		if (top->json) {
			good = row_output_prefix_json(stdout, window, entry);
		} else {
			printf("%-43s  %9" PRIu64 "\n", prefix_format(&entry->prefix, text), entry->queriers);
		}
	}
	prefix_list_clear(&list);
	return good ? STATUS_OK : failure_no_memory(failure, "JSON");
}

static status_t print_windows(const char *folder, top_t *top, failure_t *failure)
{
	store_t *store;
	status_t status = store_open(folder, STORE_READ, &store, failure);
	if (status != STATUS_OK) {
		return status;
	}
	status = store_windows(store, collect_window, top, failure);
	if (status == STATUS_OK && top->out_of_memory) {
		status = failure_no_memory(failure, "the list of windows");
	} else if (status == STATUS_OK && top->window_count == 0) {
		status = failure_set(failure, STATUS_BAD_DATA, top->latest ?
		                     "store '%s' has no window yet" :
		                     "store '%s' has no window of that moment", folder);
	}
	for (size_t i = 0; i < top->window_count && status == STATUS_OK; i++) {
		if (i > 0 && !top->json) {
			putchar('\n');
		}
		status = top->prefixes ? print_prefixes(store, top, &top->windows[i], failure) :
		         print_window(store, top, &top->windows[i], failure);
	}
	store_close(store);
	return status;
}

/* What an option does that has a value to be judged. \return false if the value is wrong. */
static bool parse_value(int option, top_t *top)
{
	if (option == OPTION_FAMILY) {
		for (top->family = 0; top->family < FAMILIES; top->family++) {
			if (strcmp(optarg, family_name(top->family)) == 0) {
				return true;
			}
		}
		command_usage(&command_top, "--family takes 'ipv4' or 'ipv6', not '%s'", optarg);
		return false;
	}
	top->latest = strcmp(optarg, "latest") == 0;
	if (!top->latest && !moment_parse(optarg, &top->when)) {
		command_usage(&command_top, "--window takes 'latest' or a moment such as "
		              "2026-11-23T12:00:00Z, not '%s'", optarg);
		return false;
	}
	return true;
}

static int list(const char *folder, top_t *top)
{
	failure_t failure;
	status_t status = print_windows(folder, top, &failure);
	free(top->windows);
	free(top->rows);
	if (status != STATUS_OK) {
		return command_fail(&command_top, &failure);
	}
	return fflush(stdout) == 0 ? EXIT_GOOD : EXIT_FAILED;
}

static int run(int argc, char **argv)
{
	static const struct option known[] = {
		{ "store", required_argument, NULL, OPTION_STORE },
		{ "window", required_argument, NULL, OPTION_WINDOW },
		{ "family", required_argument, NULL, OPTION_FAMILY },
		{ "all", no_argument, NULL, OPTION_ALL },
		{ "prefixes", no_argument, NULL, OPTION_PREFIXES },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ 0 },
	};
	const char *folder = NULL;
	top_t top = { .latest = true, .family = FAMILIES };
	int option;
	while ((option = command_option(&command_top, argc, argv, "", known)) != -1) {
		if (option == OPTION_STORE) {
			folder = optarg;
		} else if (option == OPTION_WINDOW || option == OPTION_FAMILY) {
			if (!parse_value(option, &top)) {
				return EXIT_USAGE;
			}
		} else {
			*(option == OPTION_ALL ? &top.all :
			  option == OPTION_PREFIXES ? &top.prefixes : &top.json) = true;
		}
	}
	if (folder == NULL || optind != argc) {
		return command_usage(&command_top, folder == NULL ? "--store is needed" :
		                     "'%s' is one argument too many", argv[optind]);
	}
	if (top.all && top.prefixes) {
		return command_usage(&command_top, "--all is of originators, --prefixes has none");
	}
	return list(folder, &top);
}

const command_t command_top = {
	.name = "top",
	.arguments = "--store DIR [--window WHEN] [--family FAMILY] [--all | --prefixes] [--json]",
	.summary = "list the scanners of a window",
	.options =
		"  --store DIR      folder of the store\n"
		"  --window WHEN    the windows with this moment in them, or 'latest' (default)\n"
		"  --family FAMILY  those of 'ipv4' or 'ipv6' only\n"
		"  --all            all analyzable originators, not only scanners\n"
		"  --prefixes       prefixes that are asked about by partial names, instead\n"
		"  --json           one JSON object a line\n"
		"      --help       show this\n",
	.run = run,
};
