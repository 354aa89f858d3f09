/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backscatter show: all that the store knows of one originator. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/row_output.h"
#include "common/moment.h"
#include "store/store_window.h"

typedef struct {
	address_t originator;
	bool json;
	store_window_t *windows;  /* of its family */
	size_t count, room;
	bool out_of_memory;
} show_t;

static void print_features(const originator_features_t *features)
{
	for (unsigned i = 0; i < FEATURES; i++) {
		if (isnan(features->features[i])) {
			printf("    %-22s -\n", feature_names[i]);
		} else {
			printf("    %-22s %.4f\n", feature_names[i], features->features[i]);
		}
	}
}

static void print_row(const store_window_t *window, const store_row_t *row)
{
	char flagged[MOMENT_TEXT_MAX];
	const originator_features_t *f = &row->features;
	row_output_window(stdout, window);
	if (row->class_name[0] != '\0') {
		printf("  verdict: %s, probability %.2f", row->class_name, row->probability);
		if (!isnan(window->threshold)) {
			printf(", threshold of scan %.2f", window->threshold);
		}
		if (row->flagged != 0) {
			printf(", flagged since %s", moment_format(row->flagged, flagged));
		}
		puts(row->unverified ? ", unverified: held back" : "");
	} else {
		puts("  verdict: none, there was no model");
	}
	printf("  queriers: %" PRIu64 ", verified: %" PRIu64 ", queries: %" PRIu64 ", sampled: %" PRIu32
	       "\n", f->queriers, f->verified, f->queries, f->sampled);
	printf("  known: names %.0f %%, AS %.0f %%, countries %.0f %%", 100 * (double)f->known_names,
	       100 * (double)f->known_as, 100 * (double)f->known_countries);
	if (row->little_known) {
		printf("; too little for the verdict, which wants names of %.0f %%", 100 * window->min_known);
	}
	putchar('\n');
	puts("  features:");
	print_features(f);
}

static bool collect_window(void *context, const store_window_t *window)
{
	show_t *show = context;
	family_t family = address_is_ipv4(&show->originator) ? FAMILY_IPV4 : FAMILY_IPV6;
	if (window->family != family) {
		return true;
	}
	if (show->count == show->room) {
		size_t room = show->room != 0 ? 2 * show->room : 64;
		store_window_t *windows = realloc(show->windows, room * sizeof(*windows));
		if (windows == NULL) {
			show->out_of_memory = true;
			return false;
		}
		show->windows = windows;
		show->room = room;
	}
	show->windows[show->count++] = *window;
	return true;
}

/*
 * Nothing is written out while the store is read: a pager that stands still would keep
 * the read open, and knotd could use no page of the store again.
 */
static status_t print_windows(const store_t *store, const show_t *show, uint64_t *found,
                              failure_t *failure)
{
	*found = 0;
	for (size_t i = 0; i < show->count; i++) {
		store_row_t row;
		const store_window_t *window = &show->windows[i];
		status_t status = store_row_get(store, window->id, &show->originator, &row, failure);
		if (status == STATUS_END) {
			continue;
		}
		if (status != STATUS_OK) {
			return status;
		}
		(*found)++;
		if (!show->json) {
			print_row(window, &row);
		} else if (!row_output_json(stdout, window, &row, true)) {
			return failure_no_memory(failure, "JSON");
		}
	}
	return STATUS_OK;
}

static status_t show_originator(const char *folder, const char *text, show_t *show,
                                failure_t *failure)
{
	store_t *store;
	uint64_t found = 0;
	status_t status = store_open(folder, STORE_READ, &store, failure);
	if (status != STATUS_OK) {
		return status;
	}
	status = store_windows(store, collect_window, show, failure);
	if (status == STATUS_OK && show->out_of_memory) {
		status = failure_no_memory(failure, "the list of windows");
	}
	if (status == STATUS_OK) {
		status = print_windows(store, show, &found, failure);
	}
	if (status == STATUS_OK && found == 0) {
		status = failure_set(failure, STATUS_BAD_DATA,
		                     "%s was analyzable in no window of store '%s'", text, folder);
	}
	free(show->windows);
	store_close(store);
	return status;
}

static int run(int argc, char **argv)
{
	enum { OPTION_STORE = 1, OPTION_JSON };
	static const struct option known[] = {
		{ "store", required_argument, NULL, OPTION_STORE },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ 0 },
	};
	const char *folder = NULL;
	failure_t failure;
	show_t show = { 0 };
	int option;
	while ((option = command_option(&command_show, argc, argv, "", known)) != -1) {
		if (option == OPTION_STORE) {
			folder = optarg;
		} else {
			show.json = true;
		}
	}
	if (folder == NULL || optind + 1 != argc) {
		return command_usage(&command_show, "--store and one address or /64 are needed");
	}
	if (!address_parse_originator(argv[optind], &show.originator)) {
		return command_usage(&command_show, "'%s' is no address and no /64", argv[optind]);
	}
	if (show_originator(folder, argv[optind], &show, &failure) != STATUS_OK) {
		return command_fail(&command_show, &failure);
	}
	return fflush(stdout) == 0 ? EXIT_GOOD : EXIT_FAILED;
}

const command_t command_show = {
	.name = "show",
	.arguments = "--store DIR ADDRESS [--json]",
	.summary = "show all that is known of an originator",
	.options =
		"  --store DIR  folder of the store\n"
		"  --json       one JSON object a line, the latest window first\n"
		"      --help   show this\n",
	.run = run,
};
