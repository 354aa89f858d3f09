/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows in CSV files. */
#include "config.h"

#include "common/window_columns.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

status_t window_columns_find(const csv_reader_t *reader, window_columns_t *columns,
                             failure_t *failure)
{
	columns->start = csv_reader_column(reader, "window_start");
	columns->seconds = csv_reader_column(reader, "window_seconds");
	if (columns->start < 0 && columns->seconds < 0) {
		return STATUS_OK;
	}
	status_t status = csv_reader_require(reader, "window_start", &columns->start, failure);
	return status != STATUS_OK ? status :
	       csv_reader_require(reader, "window_seconds", &columns->seconds, failure);
}

/* A whole number from 1 to 2^32 - 1, and nothing else. */
static bool parse_seconds(const char *text, uint64_t *seconds)
{
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || digits > 10 || text[digits] != '\0') {
		return false;
	}
	*seconds = strtoull(text, NULL, 10);
	return *seconds >= 1 && *seconds <= UINT32_MAX;
}

status_t window_columns_read(const csv_reader_t *reader, const window_columns_t *columns,
                             char *const *fields, time_window_t *window, failure_t *failure)
{
	*window = TIME_WINDOW_ALWAYS;
	if (columns->start < 0 ||
	    (fields[columns->start][0] == '\0' && fields[columns->seconds][0] == '\0')) {
		return STATUS_OK;
	}
	uint64_t start, seconds;
	if (!moment_parse(fields[columns->start], &start)) {
		return csv_reader_fail(reader, failure, "window_start '%s' is no moment",
		                       fields[columns->start]);
	}
	if (!parse_seconds(fields[columns->seconds], &seconds)) {
		return csv_reader_fail(reader, failure, "window_seconds '%s' is no number of seconds",
		                       fields[columns->seconds]);
	}
	*window = (time_window_t) { start, start + seconds * MICROSECONDS };
	return STATUS_OK;
}
