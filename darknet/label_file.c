/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows about addresses in windows. */
#include "config.h"

#include "darknet/label_file.h"

#include <stdlib.h>

#include "common/csv.h"
#include "common/window_columns.h"

struct label_file {
	csv_reader_t *reader;
	int address;
	int class;  /* -1: there is none */
	window_columns_t window;
};

status_t label_file_open(const char *path, label_file_t **out, failure_t *failure)
{
	*out = NULL;
	label_file_t *file = calloc(1, sizeof(*file));
	if (file == NULL) {
		return failure_no_memory(failure, path);
	}
	status_t status = csv_reader_open(path, &file->reader, failure);
	if (status == STATUS_OK) {
		file->class = csv_reader_column(file->reader, "class");
		file->address = csv_reader_column(file->reader, "originator");
		if (file->address < 0) {
			status = csv_reader_require(file->reader, "address", &file->address, failure);
		}
	}
	if (status == STATUS_OK) {
		status = window_columns_find(file->reader, &file->window, failure);
	}
	if (status != STATUS_OK) {
		label_file_close(file);
		return status;
	}
	*out = file;
	return STATUS_OK;
}

void label_file_close(label_file_t *file)
{
	if (file != NULL) {
		csv_reader_close(file->reader);
		free(file);
	}
}

status_t label_file_next(label_file_t *file, label_line_t *line, failure_t *failure)
{
	char **fields;
	status_t status = csv_reader_next(file->reader, &fields, failure);
	if (status != STATUS_OK) {
		return status;
	}
	line->class_name = file->class >= 0 ? fields[file->class] : "";
	if (!prefix_parse(fields[file->address], &line->prefix)) {
		return csv_reader_fail(file->reader, failure, "'%s' is no address or prefix",
		                       fields[file->address]);
	}
	return window_columns_read(file->reader, &file->window, fields, &line->window, failure);
}
