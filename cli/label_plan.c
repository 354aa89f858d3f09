/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run is. */
#include "config.h"

#include "cli/label_plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/csv.h"
#include "common/moment.h"

static void put_options(FILE *file, const label_options_t *options)
{
	const telescope_options_t *telescope = &options->telescope;
	char text[PREFIX_TEXT_MAX];
	fprintf(file, "version %s\nwindow %" PRIu64 " s\nslack %" PRIu64 " s\nflows %" PRIu32 "\n"
	        "memory %" PRIu64 "\nprefer %s\n", PACKAGE_VERSION, telescope->window / MICROSECONDS,
	        telescope->slack / MICROSECONDS, telescope->flows, telescope->memory,
	        label_preference_name(options->preference));
	for (parameter_t i = 0; i < PARAMETERS; i++) {
		fprintf(file, "parameter %s=", parameter_info(i)->name);
		csv_write_double(file, options->parameters.values[i]);
		putc('\n', file);
	}
	for (size_t i = 0; i < telescope->prefix_count; i++) {
		fprintf(file, "darknet %s\n", prefix_format(&telescope->prefixes[i], text));
	}
	static const char *const outputs[LABEL_OUTPUTS] = {
		[LABEL_OUTPUT_LABELS] = "labels", [LABEL_OUTPUT_EVENTS] = "events",
		[LABEL_OUTPUT_SERIES] = "series", [LABEL_OUTPUT_CONFLICTS] = "conflicts",
	};
	for (label_output_t i = 0; i < LABEL_OUTPUTS; i++) {
		fprintf(file, "%s %s\n", outputs[i], options->paths[i] != NULL ? "wanted" : "not wanted");
	}
}

/* A file by its name, size and last change. Control characters in a name would be lines. */
static status_t put_file(FILE *file, const char *what, const char *before, const char *path,
                         failure_t *failure)
{
	struct stat info;
	if (strcmp(path, "-") == 0 || (stat(path, &info) == 0 && !S_ISREG(info.st_mode))) {
		return failure_set(failure, STATUS_UNSUPPORTED, "'%s' cannot be read a second time, so "
		                   "--state is of no use", path);
	}
	if (stat(path, &info) != 0) {
		return failure_system(failure, errno, "cannot find", path);
	}
	fprintf(file, "%s %" PRIu64 " bytes of %" PRIu64 ".%09ld %s", what, (uint64_t)info.st_size,
	        (uint64_t)info.st_mtim.tv_sec, info.st_mtim.tv_nsec, before);
	for (; *path != '\0'; path++) {
		putc(*path == '\n' ? '?' : *path, file);
	}
	putc('\n', file);
	return STATUS_OK;
}

static status_t put_files(FILE *file, const label_options_t *options, const capture_list_t *list,
                          failure_t *failure)
{
	status_t status = STATUS_OK;
	for (uint32_t i = 0; i < options->list_count && status == STATUS_OK; i++) {
		char before[LABEL_CLASS_MAX + 2];
		(void)snprintf(before, sizeof(before), "%s=", label_lists_class(options->lists, i));
		status = put_file(file, "list", before, label_lists_path(options->lists, i), failure);
	}
	for (size_t i = 0; i < capture_list_count(list) && status == STATUS_OK; i++) {
		status = put_file(file, "capture", "", capture_list_path(list, i), failure);
	}
	return status;
}

status_t label_plan_make(const label_options_t *options, const capture_list_t *list, char **plan,
                         failure_t *failure)
{
	size_t size;
	*plan = NULL;
	FILE *file = open_memstream(plan, &size);
	if (file == NULL) {
		return failure_no_memory(failure, "the plan of the run");
	}
	put_options(file, options);
	status_t status = put_files(file, options, list, failure);
	bool good = !ferror(file);
	if ((fclose(file) != 0 || !good) && status == STATUS_OK) {
		status = failure_no_memory(failure, "the plan of the run");
	}
	if (status != STATUS_OK) {
		free(*plan);
		*plan = NULL;
	}
	return status;
}
