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

void feature_csv_rows(FILE *file, const extraction_t *extraction)
{
	char start[MOMENT_TEXT_MAX], address[ADDRESS_TEXT_MAX];
	moment_format(extraction->start, start);
	for (size_t i = 0; i < extraction->count; i++) {
		const originator_features_t *row = &extraction->rows[i];
		fprintf(file, "%s,%" PRIu64 ",%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64, start,
		        extraction->length / MICROSECONDS,
		        address_format(&row->originator, address), row->queriers, row->queries,
		        row->verified);
		for (unsigned j = 0; j < FEATURES; j++) {
			putc(',', file);
			/* A missing value is an empty field. */
			if (!isnan(row->features[j])) {
				csv_write_double(file, row->features[j]);
			}
		}
		putc('\n', file);
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
