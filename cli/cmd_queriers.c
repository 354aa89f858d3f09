/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backscatter queriers: what is known of queriers, from a file into the store. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/progress.h"
#include "common/moment.h"
#include "store/store_querier.h"

typedef struct {
	store_querier_batch_t *batch;
	uint64_t now;
	uint64_t count;
	progress_t progress;
} import_t;

static status_t put(void *context, const address_t *querier, const char *name,
                    querier_info_t info, failure_t *failure)
{
	import_t *import = context;
	progress_update(&import->progress, ++import->count);
	return store_querier_put(import->batch, querier, name, info, import->now, failure);
}

/* All files in one transaction: a bad line leaves the store as it was. */
static status_t import_files(store_t *store, const category_rules_t *rules, char **paths,
                             int count, uint64_t *rows, failure_t *failure)
{
	import_t import = {
		.now = moment_now(), .progress = progress_begin("writing", "queriers", 0),
	};
	status_t status = store_querier_begin(store, &import.batch, failure);
	if (status != STATUS_OK) {
		return status;
	}
	for (int i = 0; i < count && status == STATUS_OK; i++) {
		status = querier_csv_read(paths[i], rules, put, &import, failure);
	}
	progress_end(&import.progress);
	*rows = import.count;
	/* What ended the reading is to be told, not what comes of dropping the batch. */
	status_t end = store_querier_end(import.batch, status == STATUS_OK,
	                                 status == STATUS_OK ? failure : NULL);
	return status == STATUS_OK ? end : status;
}

static int run(int argc, char **argv)
{
	enum { OPTION_STORE = 1, OPTION_RULES };
	static const struct option known[] = {
		{ "store", required_argument, NULL, OPTION_STORE },
		{ "rules", required_argument, NULL, OPTION_RULES },
		{ 0 },
	};
	const char *folder = NULL, *rules_path = NULL;
	int option;
	while ((option = command_option(&command_queriers, argc, argv, "", known)) != -1) {
		*(option == OPTION_STORE ? &folder : &rules_path) = optarg;
	}
	if (folder == NULL || optind == argc) {
		return command_usage(&command_queriers, "--store and a file are needed");
	}
	failure_t failure;
	store_t *store = NULL;
	category_rules_t *rules = NULL;
	uint64_t rows = 0;
	status_t status = category_rules_load(rules_path, &rules, &failure);
	if (status == STATUS_OK) {
		status = store_open(folder, STORE_WRITE, &store, &failure);
	}
	if (status == STATUS_OK) {
		status = import_files(store, rules, argv + optind, argc - optind, &rows, &failure);
	}
	store_close(store);
	category_rules_destroy(rules);
	if (status != STATUS_OK) {
		return command_fail(&command_queriers, &failure);
	}
	printf("%" PRIu64 " queriers written\n", rows);
	return EXIT_GOOD;
}

const command_t command_queriers = {
	.name = "queriers",
	.arguments = "--store DIR [--rules FILE] CSV...",
	.summary = "write what is known of queriers into the store",
	.options =
		"  --store DIR   folder of the store; made by knotd or by this command\n"
		"  --rules FILE  rules for the categories of names (default: built in)\n"
		"      --help    show this\n\n"
		"A file has the columns querier,name,asn,country; an empty name is not known,\n"
		"!nxdomain has no name, !unreach has servers that do not answer.\n",
	.run = run,
};
