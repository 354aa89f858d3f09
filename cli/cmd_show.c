/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backscatter show: all that the store knows of one originator. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/row_output.h"
#include "common/moment.h"
#include "store/store_window.h"

typedef struct {
	const store_t *store;
	address_t originator;
	bool json;
	uint64_t found;
	status_t status;
	failure_t *failure;
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
		if (row->flagged != 0) {
			printf(", flagged since %s", moment_format(row->flagged, flagged));
		}
		putchar('\n');
	} else {
		puts("  verdict: none, there was no model");
	}
	printf("  queriers: %" PRIu64 ", queries: %" PRIu64 ", sampled: %" PRIu32 "\n", f->queriers,
	       f->queries, f->sampled);
	printf("  known: names %.0f %%, AS %.0f %%, countries %.0f %%\n",
	       100 * (double)f->known_names, 100 * (double)f->known_as,
	       100 * (double)f->known_countries);
	puts("  features:");
	print_features(f);
}

static bool show_window(void *context, const store_window_t *window)
{
	show_t *show = context;
	store_row_t row;
	family_t family = address_is_ipv4(&show->originator) ? FAMILY_IPV4 : FAMILY_IPV6;
	if (window->family != family) {
		return true;
	}
	status_t status = store_row_get(show->store, window->id, &show->originator, &row,
	                                show->failure);
	if (status == STATUS_END) {
		return true;
	}
	if (status == STATUS_OK) {
		show->found++;
		if (!show->json) {
			print_row(window, &row);
		} else if (!row_output_json(stdout, window, &row, true)) {
			status = failure_no_memory(show->failure, "JSON");
		}
	}
	show->status = status;
	return status == STATUS_OK;
}

static status_t show_originator(const char *folder, const char *text, show_t *show)
{
	store_t *store;
	status_t status = store_open(folder, STORE_READ, &store, show->failure);
	if (status != STATUS_OK) {
		return status;
	}
	show->store = store;
	status = store_windows(store, show_window, show, show->failure);
	if (status == STATUS_OK) {
		status = show->status;
	}
	if (status == STATUS_OK && show->found == 0) {
		status = failure_set(show->failure, STATUS_BAD_DATA,
		                     "%s was analyzable in no window of store '%s'", text, folder);
	}
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
	show_t show = { .failure = &failure };
	int option;
	while ((option = command_option(&command_show, argc, argv, "", known)) != -1) {
		if (option == OPTION_STORE) {
			folder = optarg;
		} else {
			show.json = true;
		}
	}
	if (folder == NULL || optind + 1 != argc) {
		return command_usage(&command_show, "--store and one address are needed");
	}
	if (!address_parse(argv[optind], &show.originator)) {
		return command_usage(&command_show, "'%s' is no address", argv[optind]);
	}
	if (show_originator(folder, argv[optind], &show) != STATUS_OK) {
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
