/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a CSV file: nothing breaks, and what is read comes back when written. */
#include "config.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/csv.h"
#include "tests/fuzz/fuzz.h"

/* A file in memory; `path` names it for fopen(). */
static FILE *memory_file(const uint8_t *data, size_t size, char path[32])
{
	int fd = memfd_create("fuzz_csv", MFD_CLOEXEC);
	FILE *file = fd >= 0 ? fdopen(fd, "w+") : NULL;
	fuzz_require(file != NULL);
	fuzz_require(fwrite(data, 1, size, file) == size && fflush(file) == 0);
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return file;
}

static void write_record(FILE *file, char **fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		csv_write_field(file, fields[i]);
		putc(i < count - 1 ? ',' : '\n', file);
	}
}

/* A record that the writer cannot write so that it is read back: see csv_write_field(). */
static bool is_empty_line(char **fields, size_t count)
{
	return count == 1 && fields[0][0] == '\0';
}

/* Reads all, refused lines left out, and writes what was read to `out`, or compares with it. */
static size_t read_records(csv_reader_t *reader, FILE *out, csv_reader_t *twin)
{
	size_t records = 0, columns = csv_reader_columns(reader);
	uint64_t line = csv_reader_line(reader);
	failure_t failure;
	status_t status;
	char **fields, **twin_fields;
	while ((status = csv_reader_next(reader, &fields, &failure)) != STATUS_END) {
		fuzz_require(status == STATUS_OK || status == STATUS_BAD_DATA);
		fuzz_require(csv_reader_line(reader) > line);
		line = csv_reader_line(reader);
		if (status != STATUS_OK || is_empty_line(fields, columns)) {
			continue;
		}
		records++;
		if (out != NULL) {
			write_record(out, fields, columns);
			continue;
		}
		fuzz_require(csv_reader_next(twin, &twin_fields, &failure) == STATUS_OK);
		for (size_t i = 0; i < columns; i++) {
			fuzz_require(strcmp(fields[i], twin_fields[i]) == 0);
		}
	}
	return records;
}

static void write_header(FILE *file, const csv_reader_t *reader)
{
	size_t columns = csv_reader_columns(reader);
	for (size_t i = 0; i < columns; i++) {
		csv_write_field(file, csv_reader_column_name(reader, i));
		putc(i < columns - 1 ? ',' : '\n', file);
		fuzz_require(csv_reader_column(reader, csv_reader_column_name(reader, i)) == (int)i);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[32], twin_path[32];
	failure_t failure = { 0 };
	csv_reader_t *reader, *twin;
	FILE *file = memory_file(data, size, path), *twin_file = NULL;
	status_t status = csv_reader_open(path, &reader, &failure);
	if (status != STATUS_OK) {
		fuzz_require(status == STATUS_BAD_DATA && failure.status == status);
		fuzz_require(strncmp(failure.sentence, path, strlen(path)) == 0);
		fclose(file);
		return 0;
	}
	/* Quotes that the writer leaves away can bare a second byte order mark. */
	if (strncmp(csv_reader_column_name(reader, 0), "\xef\xbb\xbf", 3) != 0) {
		twin_file = memory_file((const uint8_t *)"", 0, twin_path);
		write_header(twin_file, reader);
		size_t records = read_records(reader, twin_file, NULL);
		fuzz_require(fflush(twin_file) == 0);
		csv_reader_close(reader);

		fuzz_require(csv_reader_open(path, &reader, &failure) == STATUS_OK);
		fuzz_require(csv_reader_open(twin_path, &twin, &failure) == STATUS_OK);
		fuzz_require(csv_reader_columns(reader) == csv_reader_columns(twin));
		fuzz_require(read_records(reader, NULL, twin) == records);
		char **fields;
		fuzz_require(csv_reader_next(twin, &fields, &failure) == STATUS_END);
		csv_reader_close(twin);
		fclose(twin_file);
	}
	csv_reader_close(reader);
	fclose(file);
	return 0;
}
