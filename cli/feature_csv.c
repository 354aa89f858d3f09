/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Feature vectors as CSV. */
#include "cli/feature_csv.h"

#include <inttypes.h>
#include <math.h>

#include "common/csv.h"
#include "common/moment.h"

void feature_csv_header(FILE *file)
{
	fputs("window_start,window_seconds,originator,queriers,queries,verified", file);
	for (unsigned i = 0; i < FEATURES; i++) {
		fprintf(file, ",%s", feature_names[i]);
	}
	putc('\n', file);
}

void feature_csv_row(FILE *file, uint64_t start, uint64_t length,
                     const originator_features_t *row)
{
	char moment[MOMENT_TEXT_MAX], address[ADDRESS_TEXT_MAX];
	fprintf(file, "%s,%" PRIu64 ",%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64,
	        moment_format(start, moment), length / MICROSECONDS,
	        address_format(&row->originator, address), row->queriers, row->queries, row->verified);
	for (unsigned i = 0; i < FEATURES; i++) {
		putc(',', file);
		/* A missing value is an empty field. */
		if (!isnan(row->features[i])) {
			csv_write_double(file, row->features[i]);
		}
	}
	putc('\n', file);
}

void feature_csv_rows(FILE *file, const extraction_t *extraction)
{
	for (size_t i = 0; i < extraction->count; i++) {
		feature_csv_row(file, extraction->start, extraction->length, &extraction->rows[i]);
	}
}

void feature_csv_prefix_header(FILE *file)
{
	fputs("window_start,window_seconds,prefix,queriers\n", file);
}

void feature_csv_prefixes(FILE *file, const window_t *window, const prefix_list_t *list)
{
	char start[MOMENT_TEXT_MAX], prefix[PREFIX_TEXT_MAX];
	moment_format(window_start(window), start);
	for (size_t i = 0; i < list->count; i++) {
		fprintf(file, "%s,%" PRIu64 ",%s,%" PRIu64 "\n", start,
		        window_options(window)->length / MICROSECONDS,
		        prefix_format(&list->entries[i].prefix, prefix), list->entries[i].queriers);
	}
}
