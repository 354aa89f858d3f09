/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backscatter queriers: what is known of queriers, from a file into the store. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/progress.h"
#include "common/buffer.h"
#include "common/moment.h"
#include "store/store_querier.h"

/* What a file says of a querier; its name lies among the names, with a final zero. */
typedef struct {
	address_t querier;
	querier_info_t info;
	size_t name;
} entry_t;

typedef struct {
	entry_t *entries;
	size_t count, room;
	buffer_t names;
	progress_t progress;
} import_t;

static status_t keep(void *context, const address_t *querier, const char *name,
                     querier_info_t info, failure_t *failure)
{
	import_t *import = context;
	if (import->count == import->room) {
		size_t room = import->room != 0 ? 2 * import->room : 1024;
		entry_t *entries = realloc(import->entries, room * sizeof(*entries));
		if (entries == NULL) {
			return failure_no_memory(failure, "the queriers");
		}
		import->entries = entries;
		import->room = room;
	}
	import->entries[import->count++] = (entry_t) { *querier, info, import->names.size };
	buffer_append(&import->names, name, strlen(name) + 1);
	progress_update(&import->progress, import->count);
	return import->names.failed ? failure_no_memory(failure, "the queriers") : STATUS_OK;
}

/*
 * All in one transaction: a bad line leaves the store as it was. It begins when all is
 * read: it holds the store's write lock, and a file may come slowly through a pipe
 * while knotd waits.
 */
static status_t write_entries(store_t *store, const import_t *import, failure_t *failure)
{
	store_querier_batch_t *batch;
	uint64_t now = moment_now();
	status_t status = store_querier_begin(store, &batch, failure);
	if (status != STATUS_OK) {
		return status;
	}
	for (size_t i = 0; i < import->count && status == STATUS_OK; i++) {
		const entry_t *entry = &import->entries[i];
		status = store_querier_put(batch, &entry->querier,
		                           (const char *)import->names.data + entry->name, entry->info,
		                           now, failure);
	}
	/* What ended the writing is to be told, not what comes of dropping the batch. */
	status_t end = store_querier_end(batch, status == STATUS_OK,
	                                 status == STATUS_OK ? failure : NULL);
	return status == STATUS_OK ? end : status;
}

static status_t import_files(store_t *store, const category_rules_t *rules, char **paths,
                             int count, uint64_t *rows, failure_t *failure)
{
	import_t import = { .progress = progress_begin("reading", "queriers", 0) };
	status_t status = STATUS_OK;
	for (int i = 0; i < count && status == STATUS_OK; i++) {
		status = querier_csv_read(paths[i], rules, keep, &import, failure);
	}
	progress_end(&import.progress);
	if (status == STATUS_OK) {
		status = write_entries(store, &import, failure);
	}
	*rows = import.count;
	buffer_clear(&import.names);
	free(import.entries);
	return status;
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
