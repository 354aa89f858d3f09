/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backscatter label: packets of a darknet and lists of services in, labels out. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/label_report.h"

static status_t print(const label_options_t *options, const label_result_t *result,
                      failure_t *failure)
{
	bool good = !options->summary || label_report_summary(stdout, result, options->json);
	for (size_t i = 0; i < options->sweep_count && good; i++) {
		if (!options->json && (i > 0 || options->summary)) {
			putchar('\n');
		}
		good = label_report_sweep(stdout, &options->sweeps[i], result->sweeps[i], options->json);
	}
	if (!good) {
		return failure_no_memory(failure, "JSON");
	}
	errno = 0;
	if (fflush(stdout) != 0 || ferror(stdout)) {
		return failure_system(failure, errno != 0 ? errno : EIO, "cannot write",
		                      "standard output");
	}
	return STATUS_OK;
}

/* What a user must know who does not ask for the summary. */
static void tell_losses(const label_options_t *options, const label_result_t *result)
{
	static const struct { telescope_count_t count; const char *sentence; } losses[] = {
		{ TELESCOPE_LATE, "packets came later than --slack after the end of their window, and "
		                  "are left out" },
		{ TELESCOPE_REFUSED, "packets of new sources are left out because --memory was used up" },
		{ TELESCOPE_SENT, "packets were sent by addresses of the darknet: it is not unused" },
	};
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		uint64_t count = result->counts[losses[i].count];
		if (count > 0) {
			fprintf(stderr, "backscatter label: %llu %s\n", (unsigned long long)count,
			        losses[i].sentence);
		}
	}
	uint64_t conflicts = 0;
	for (label_rule_t rule = 0; rule < LABEL_RULES; rule++) {
		conflicts += result->totals.conflicts[rule];
	}
	if (conflicts > 0 && options->paths[LABEL_OUTPUT_CONFLICTS] == NULL) {
		fprintf(stderr, "backscatter label: %llu labels disagree; --conflicts tells which\n",
		        (unsigned long long)conflicts);
	}
}

static int run(int argc, char **argv)
{
	label_options_t options;
	label_result_t result;
	failure_t failure;
	int exit_status = label_options_parse(&command_label, argc, argv, &options);
	if (exit_status != EXIT_GOOD) {
		label_options_clear(&options);
		return exit_status;
	}
	status_t status = label_run(&command_label, &options, &result, &failure);
	if (status == STATUS_OK) {
		tell_losses(&options, &result);
		status = print(&options, &result, &failure);
	}
	if (status != STATUS_OK) {
		exit_status = command_fail(&command_label, &failure);
	} else if (result.damaged > 0) {
		exit_status = EXIT_FAILED;
	}
	label_result_clear(&result);
	label_options_clear(&options);
	return exit_status;
}

const command_t command_label = {
	.name = "label",
	.arguments = "[CAPTURE... --darknet PREFIX,...] [--list CLASS=FILE]... [OPTION]...",
	.summary = "label addresses by what they send to a darknet, and by lists",
	.options = label_options_help,
	.tables = label_options_tables,
	.run = run,
};
