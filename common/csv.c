/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSV: line by line, fields cut in place. */
#include "config.h"

#include "common/csv.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct csv_reader {
	FILE *file;
	char *path;
	char *line;          /* CSV_LINE_MAX bytes and a final zero */
	uint64_t line_number;
	bool unread;         /* The end of a refused line is still to be skipped. */
	char **names;        /* copies of the header's fields */
	size_t columns;
	char *fields[CSV_FIELDS_MAX];
};

status_t csv_reader_fail(const csv_reader_t *reader, failure_t *failure, const char *format, ...)
{
	char sentence[FAILURE_SENTENCE_MAX];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	return failure_set(failure, STATUS_BAD_DATA, "%s:%llu: %s", reader->path,
	                   (unsigned long long)reader->line_number, sentence);
}

/* Skips what a refused line has left, only now: the caller may not have wanted to go on. */
static void skip_refused(csv_reader_t *reader)
{
	int byte;
	while (reader->unread && (byte = getc_unlocked(reader->file)) != EOF) {
		reader->unread = byte != '\n';
	}
}

/* Reads a line without its end into reader->line; it may be empty. */
static status_t read_line(csv_reader_t *reader, size_t *size, failure_t *failure)
{
	skip_refused(reader);
	int byte = getc_unlocked(reader->file);
	reader->line_number += byte != EOF;
	/* getline() would let a file without newlines fill the memory. */
	for (*size = 0; byte != EOF && byte != '\n'; byte = getc_unlocked(reader->file)) {
		if (byte == '\0' || *size == CSV_LINE_MAX) {
			reader->unread = true;
			return byte == '\0'
				? csv_reader_fail(reader, failure, "a zero byte: this is no text")
				: csv_reader_fail(reader, failure, "line above %u bytes", CSV_LINE_MAX);
		}
		reader->line[(*size)++] = (char)byte;
	}
	if (byte == EOF && ferror(reader->file)) {
		return failure_system(failure, errno, "cannot read", reader->path);
	}
	if (byte == EOF && *size == 0) {
		return STATUS_END;
	}
	if (*size > 0 && reader->line[*size - 1] == '\r') {
		(*size)--;
	}
	reader->line[*size] = '\0';
	return STATUS_OK;
}

static status_t read_filled_line(csv_reader_t *reader, failure_t *failure)
{
	size_t size;
	status_t status;
	do {
		status = read_line(reader, &size, failure);
	} while (status == STATUS_OK && size == 0);
	return status;
}

/* Cuts a quoted field in place; `*at` stands on the opening quote. */
static char *cut_quoted(char **at)
{
	char *from = *at + 1, *to = *at + 1, *field = to;
	for (;;) {
		if (*from == '\0') {
			return NULL;
		}
		if (*from == '"') {
			if (from[1] != '"') {
				break;
			}
			from++;
		}
		*to++ = *from++;
	}
	*at = from + 1;
	*to = '\0';
	return field;
}

/* Cuts reader->line into reader->fields. */
static status_t cut_fields(csv_reader_t *reader, char *at, size_t *count, failure_t *failure)
{
	*count = 0;
	for (;;) {
		if (*count == CSV_FIELDS_MAX) {
			return csv_reader_fail(reader, failure, "more than %d fields", CSV_FIELDS_MAX);
		}
		char *field = at;
		if (*at == '"') {
			field = cut_quoted(&at);
			if (field == NULL) {
				return csv_reader_fail(reader, failure, "field %zu has no closing quote",
				                       *count + 1);
			}
			if (*at != ',' && *at != '\0') {
				return csv_reader_fail(reader, failure, "text behind the quotes of field %zu",
				                       *count + 1);
			}
		} else {
			at += strcspn(at, ",");
		}
		reader->fields[(*count)++] = field;
		if (*at == '\0') {
			return STATUS_OK;
		}
		*at++ = '\0';
	}
}

/* The first column that is named by a number, as where records begin at once; or NULL. */
static const char *find_number(const csv_reader_t *reader)
{
	for (size_t i = 0; i < reader->columns; i++) {
		char *end;
		(void)strtod(reader->names[i], &end);
		if (*end == '\0') {
			return reader->names[i];
		}
	}
	return NULL;
}

/* What to ask when a header is odd. */
static const char *doubt(const csv_reader_t *reader)
{
	return find_number(reader) != NULL ? ": is there no header line?" : "";
}

static status_t read_header(csv_reader_t *reader, failure_t *failure)
{
	status_t status = read_filled_line(reader, failure);
	if (status == STATUS_END) {
		return failure_set(failure, STATUS_BAD_DATA, "%s: the file is empty", reader->path);
	}
	if (status != STATUS_OK) {
		return status;
	}
	char *text = reader->line;
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
	}
	size_t count;
	status = cut_fields(reader, text, &count, failure);
	if (status != STATUS_OK) {
		return status;
	}
	reader->names = calloc(count, sizeof(*reader->names));
	if (reader->names == NULL) {
		return failure_no_memory(failure, reader->path);
	}
	for (; reader->columns < count; reader->columns++) {
		const char *name = reader->fields[reader->columns];
		if (name[0] == '\0') {
			return csv_reader_fail(reader, failure, "column %zu has no name%s", reader->columns + 1,
			                       doubt(reader));
		}
		if (csv_reader_column(reader, name) >= 0) {
			return csv_reader_fail(reader, failure, "column '%s' stands there twice%s", name,
			                       doubt(reader));
		}
		reader->names[reader->columns] = strdup(name);
		if (reader->names[reader->columns] == NULL) {
			return failure_no_memory(failure, reader->path);
		}
	}
	return STATUS_OK;
}

status_t csv_reader_open(const char *path, csv_reader_t **out, failure_t *failure)
{
	csv_reader_t *reader = calloc(1, sizeof(*reader));
	if (reader == NULL || (reader->path = strdup(path)) == NULL ||
	    (reader->line = malloc(CSV_LINE_MAX + 1)) == NULL) {
		csv_reader_close(reader);
		return failure_no_memory(failure, path);
	}
	reader->file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	if (reader->file == NULL) {
		status_t status = failure_system(failure, errno, "cannot open", path);
		csv_reader_close(reader);
		return status;
	}
	status_t status = read_header(reader, failure);
	if (status != STATUS_OK) {
		csv_reader_close(reader);
		return status;
	}
	*out = reader;
	return STATUS_OK;
}

void csv_reader_close(csv_reader_t *reader)
{
	if (reader == NULL) {
		return;
	}
	if (reader->file != NULL && reader->file != stdin) {
		fclose(reader->file);
	}
	for (size_t i = 0; i < reader->columns; i++) {
		free(reader->names[i]);
	}
	free(reader->names);
	free(reader->line);
	free(reader->path);
	free(reader);
}

size_t csv_reader_columns(const csv_reader_t *reader)
{
	return reader->columns;
}

const char *csv_reader_column_name(const csv_reader_t *reader, size_t column)
{
	return reader->names[column];
}

int csv_reader_column(const csv_reader_t *reader, const char *name)
{
	for (size_t i = 0; i < reader->columns; i++) {
		if (strcmp(reader->names[i], name) == 0) {
			return (int)i;
		}
	}
	return -1;
}

status_t csv_reader_lack(const csv_reader_t *reader, failure_t *failure, const char *sentence)
{
	const char *number = find_number(reader);
	return number != NULL ?
	       csv_reader_fail(reader, failure, "%s, but one '%s'%s", sentence, number, doubt(reader)) :
	       failure_set(failure, STATUS_BAD_DATA, "%s: %s", reader->path, sentence);
}

status_t csv_reader_require(const csv_reader_t *reader, const char *name, int *column,
                            failure_t *failure)
{
	*column = csv_reader_column(reader, name);
	if (*column < 0) {
		failure_t why;
		failure_set(&why, STATUS_BAD_DATA, "there is no column '%s'", name);
		return csv_reader_lack(reader, failure, why.sentence);
	}
	return STATUS_OK;
}

status_t csv_reader_next(csv_reader_t *reader, char ***fields, failure_t *failure)
{
	status_t status = read_filled_line(reader, failure);
	if (status != STATUS_OK) {
		return status;
	}
	size_t count;
	status = cut_fields(reader, reader->line, &count, failure);
	if (status != STATUS_OK) {
		return status;
	}
	if (count != reader->columns) {
		return csv_reader_fail(reader, failure, "%zu fields, the header has %zu", count,
		                       reader->columns);
	}
	*fields = reader->fields;
	return STATUS_OK;
}

uint64_t csv_reader_line(const csv_reader_t *reader)
{
	return reader->line_number;
}

const char *csv_reader_path(const csv_reader_t *reader)
{
	return reader->path;
}

void csv_write_field(FILE *file, const char *text)
{
	if (strpbrk(text, ",\"\r\n") == NULL) {
		fputs(text, file);
		return;
	}
	putc('"', file);
	for (; *text != '\0'; text++) {
		if (*text == '"') {
			putc('"', file);
		}
		putc(*text, file);
	}
	putc('"', file);
}

void csv_write_double(FILE *file, double value)
{
	static const int digits[] = { 6, 9, 12, 15, 17 };
	char text[32];
	for (size_t i = 0; i < sizeof(digits) / sizeof(digits[0]); i++) {
		(void)snprintf(text, sizeof(text), "%.*g", digits[i], value);
		if (strtod(text, NULL) == value) {
			break;
		}
	}
	fputs(text, file);
}
