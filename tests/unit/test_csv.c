/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSV: what is taken, what is refused and with which sentence, and the way back. */
#include <fcntl.h>

#include "common/csv.h"
#include "common/generator.h"
#include "tests/tap.h"
#include "tests/unit/scratch.h"

/* Opens a file of the given bytes; NULL, and the sentence in `failure`, if it is refused. */
static csv_reader_t *open_bytes(const void *data, size_t size, failure_t *failure)
{
	csv_reader_t *reader = NULL;
	*failure = (failure_t) { 0 };
	csv_reader_open(scratch_write("a.csv", data, size), &reader, failure);
	return reader;
}

static csv_reader_t *open_text(const char *text, failure_t *failure)
{
	return open_bytes(text, strlen(text), failure);
}

/* The sentence without the folder in front. */
static const char *sentence(const failure_t *failure)
{
	const char *slash = strchr(failure->sentence, '/');
	return slash != NULL ? slash + 1 : failure->sentence;
}

/* All records as "[a|b][c|d]"; a refused line as "<its sentence>". */
static const char *read_all(const char *text)
{
	static char result[4096];
	failure_t failure;
	csv_reader_t *reader = open_text(text, &failure);
	result[0] = '\0';
	if (reader == NULL) {
		snprintf(result, sizeof(result), "refused: %s", sentence(&failure));
		return result;
	}
	status_t status;
	char **fields;
	while ((status = csv_reader_next(reader, &fields, &failure)) != STATUS_END) {
		size_t used = strlen(result);
		if (status != STATUS_OK) {
			snprintf(result + used, sizeof(result) - used, "<%s>", sentence(&failure));
			continue;
		}
		for (size_t i = 0; i < csv_reader_columns(reader); i++) {
			used = strlen(result);
			snprintf(result + used, sizeof(result) - used, "%s%s", i == 0 ? "[" : "|", fields[i]);
		}
		strcat(result, "]");
	}
	csv_reader_close(reader);
	return result;
}

static void test_records(void)
{
	static const struct { const char *what, *text, *wanted; } cases[] = {
		{ "plain", "a,b\n1,2\n3,4\n", "[1|2][3|4]" },
		{ "no last newline", "a,b\n1,2", "[1|2]" },
		{ "CRLF", "a,b\r\n1,2\r\n", "[1|2]" },
		{ "CR at the very end", "a,b\n1,2\r", "[1|2]" },
		{ "CR inside of a line stays", "a,b\n1\r,2\n", "[1\r|2]" },
		{ "byte order mark", "\xef\xbb\xbf" "a,b\n1,2\n", "[1|2]" },
		{ "byte order mark before quotes", "\xef\xbb\xbf\"a\",b\n1,2\n", "[1|2]" },
		{ "empty lines", "\n\r\na,b\n\n1,2\n\r\n\n3,4\n\n", "[1|2][3|4]" },
		{ "only a header", "a,b\n", "" },
		{ "empty fields", "a,b,c\n,,\n1,,\n,,3\n", "[||][1||][||3]" },
		{ "one column", "a\n1\n\"\"\n2\n", "[1][][2]" },
		{ "quotes", "a,b\n\"1\",\"2\"\n", "[1|2]" },
		{ "comma in quotes", "a,b\n\"1,5\",2\n", "[1,5|2]" },
		{ "doubled quotes", "a,b\n\"say \"\"a\"\"\",\"\"\"\"\n", "[say \"a\"|\"]" },
		{ "empty quotes", "a,b\n\"\",\"\"\n", "[|]" },
		{ "quote inside of a plain field", "a,b\n1\"2,3\n", "[1\"2|3]" },
		{ "blanks stay", "a,b\n 1 ,\t2\n", "[ 1 |\t2]" },
		{ "bytes above 127 stay", "a,b\n\xc3\xbc,\xff\n", "[\xc3\xbc|\xff]" },
		{ "too few fields", "a,b\n1\n3,4\n", "<a.csv:2: 1 fields, the header has 2>[3|4]" },
		{ "too many fields", "a,b\n1,2\n\n1,2,3\n", "[1|2]<a.csv:4: 3 fields, the header has 2>" },
		{ "a lost quote costs one line", "a,b\n\"1,2\n3,4\n",
		  "<a.csv:2: field 1 has no closing quote>[3|4]" },
		{ "a lost quote behind a doubled one", "a,b\n1,\"2\"\"\n",
		  "<a.csv:2: field 2 has no closing quote>" },
		{ "text behind quotes", "a,b\n1,\"2\"3\n", "<a.csv:2: text behind the quotes of field 2>" },
		{ "no file", "", "refused: a.csv: the file is empty" },
		{ "empty lines alone", "\n\n\r\n", "refused: a.csv: the file is empty" },
		{ "doubled header", "a,b,a\n", "refused: a.csv:1: column 'a' stands there twice" },
		{ "header without a name", "a,,b\n", "refused: a.csv:1: column 2 has no name" },
		{ "header with a comma at the end", "a,b,\n", "refused: a.csv:1: column 3 has no name" },
		{ "only a byte order mark", "\xef\xbb\xbf\n1\n", "refused: a.csv:1: column 1 has no name" },
		{ "header with a lost quote", "a,\"b\n", "refused: a.csv:1: field 2 has no closing quote" },
		{ "header on line 3", "\n\na,a\n", "refused: a.csv:3: column 'a' stands there twice" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		is_text(read_all(cases[i].text), cases[i].wanted, "%s", cases[i].what);
	}
}

static void test_header(void)
{
	failure_t failure;
	csv_reader_t *reader = open_text("one,\"t,wo\",THREE\n1,2,3\n\n4,5\n", &failure);
	tap_require(reader != NULL, "a header is read");
	is_int(csv_reader_columns(reader), 3, "columns");
	is_text(csv_reader_column_name(reader, 1), "t,wo", "name of a column");
	is_int(csv_reader_column(reader, "THREE"), 2, "index of a column");
	is_int(csv_reader_column(reader, "three"), -1, "names are exact");
	int column = 77;
	is_int(csv_reader_require(reader, "one", &column, &failure), STATUS_OK, "a column that is there");
	is_int(column, 0, "its index");
	is_int(csv_reader_require(reader, "four", &column, &failure), STATUS_BAD_DATA, "a missing one");
	is_text(sentence(&failure), "a.csv: there is no column 'four'", "its sentence");
	csv_reader_t *bare = open_text("home,0.5,1\n", &failure);
	tap_require(bare != NULL, "a record where the header should be");
	is_int(csv_reader_require(bare, "four", &column, &failure), STATUS_BAD_DATA, "lacks it too");
	is_text(sentence(&failure), "a.csv:1: there is no column 'four', but one '0.5': is there no "
	        "header line?", "and is suspected");
	csv_reader_close(bare);

	char **fields;
	is_int(csv_reader_line(reader), 1, "line of the header");
	csv_reader_next(reader, &fields, &failure);
	is_int(csv_reader_line(reader), 2, "line of a record");
	is_text(csv_reader_column_name(reader, 0), "one", "names outlive records");
	csv_reader_next(reader, &fields, &failure);
	is_int(csv_reader_line(reader), 4, "empty lines count");
	is_int(csv_reader_fail(reader, &failure, "no %s", "number"), STATUS_BAD_DATA,
	       "a caller's failure");
	is_text(sentence(&failure), "a.csv:4: no number", "has path and line");
	csv_reader_next(reader, &fields, &failure);
	is_int(csv_reader_next(reader, &fields, &failure), STATUS_END, "the end stays the end");
	is_int(csv_reader_line(reader), 4, "and adds no lines");
	csv_reader_close(reader);
	csv_reader_close(NULL);
}

static void test_zero_byte(void)
{
	static const char bytes[] = "a,b\n1,2\n3\0,4\n5,6\n";
	failure_t failure;
	char **fields;
	csv_reader_t *reader = open_bytes(bytes, sizeof(bytes) - 1, &failure);
	csv_reader_next(reader, &fields, &failure);
	is_int(csv_reader_next(reader, &fields, &failure), STATUS_BAD_DATA, "a zero byte is refused");
	is_text(sentence(&failure), "a.csv:3: a zero byte: this is no text", "with its line");
	is_int(csv_reader_next(reader, &fields, &failure), STATUS_OK, "the next line is read");
	ok(strcmp(fields[0], "5") == 0 && csv_reader_line(reader) == 4, "whole, under its number");
	csv_reader_close(reader);
	ok(open_bytes("\0\0", 2, &failure) == NULL, "a file of zero bytes is refused");
}

static void test_long_line(void)
{
	failure_t failure;
	char **fields, *text = malloc(3 * CSV_LINE_MAX);
	for (unsigned more = 0; more <= 1; more++) {
		/* The header, a line of CSV_LINE_MAX bytes or one more, a short line. */
		size_t size = (size_t)sprintf(text, "a\n");
		memset(text + size, 'x', CSV_LINE_MAX + more);
		size += CSV_LINE_MAX + more;
		size += (size_t)sprintf(text + size, "\n1\n");
		csv_reader_t *reader = open_bytes(text, size, &failure);
		status_t status = csv_reader_next(reader, &fields, &failure);
		if (more == 0) {
			ok(status == STATUS_OK && strlen(fields[0]) == CSV_LINE_MAX, "the longest line is read");
		} else {
			is_int(status, STATUS_BAD_DATA, "one byte more is refused");
			is_text(sentence(&failure), "a.csv:2: line above 1048576 bytes", "with its line");
		}
		ok(csv_reader_next(reader, &fields, &failure) == STATUS_OK && strcmp(fields[0], "1") == 0 &&
		   csv_reader_line(reader) == 3, "the line behind it is read under its number");
		csv_reader_close(reader);
	}
	memcpy(text, "a\n", 2);
	memset(text + 2, ',', CSV_FIELDS_MAX);
	for (unsigned commas = CSV_FIELDS_MAX - 1; commas <= CSV_FIELDS_MAX; commas++) {
		csv_reader_t *reader = open_bytes(text, 2 + commas, &failure);
		is_int(csv_reader_next(reader, &fields, &failure), STATUS_BAD_DATA, "%u commas", commas);
		is_text(sentence(&failure), commas < CSV_FIELDS_MAX
		        ? "a.csv:2: 4096 fields, the header has 1" : "a.csv:2: more than 4096 fields",
		        "with a sentence");
		csv_reader_close(reader);
	}
	free(text);
}

static void test_no_file(void)
{
	failure_t failure;
	csv_reader_t *reader = NULL;
	is_int(csv_reader_open(scratch_path("none.csv"), &reader, &failure), STATUS_SYSTEM, "no file");
	is_text(sentence(&failure), "none.csv': No such file or directory", "its sentence");
	is_int(csv_reader_open(scratch_folder, &reader, &failure), STATUS_SYSTEM, "a folder");
	ok(strstr(failure.sentence, "Is a directory") != NULL, "its sentence");
	ok(reader == NULL, "no reader comes of it");
}

static void test_standard_input(void)
{
	int old = dup(STDIN_FILENO), fd = open(scratch_write("in.csv", "a\n1\n", 4), O_RDONLY);
	dup2(fd, STDIN_FILENO);
	failure_t failure;
	csv_reader_t *reader;
	char **fields;
	is_int(csv_reader_open("-", &reader, &failure), STATUS_OK, "- is standard input");
	ok(csv_reader_next(reader, &fields, &failure) == STATUS_OK && strcmp(fields[0], "1") == 0,
	   "it is read");
	is_text(csv_reader_path(reader), "-", "its name");
	csv_reader_close(reader);
	is_int(fcntl(STDIN_FILENO, F_GETFD), 0, "it is not closed");
	dup2(old, STDIN_FILENO);
	close(old);
	close(fd);
}

/* Fields from a small alphabet that is mostly trouble; no newlines, which are not taken back. */
static void random_field(generator_t *generator, char *field)
{
	size_t size = generator_below(generator, 6);
	for (size_t i = 0; i < size; i++) {
		field[i] = "\"\",,\r ab\xff'"[generator_below(generator, 10)];
	}
	field[size] = '\0';
}

static void test_field_round_trip(void)
{
	enum { RECORDS = 2000, COLUMNS = 3 };
	static char fields[RECORDS][COLUMNS][8];
	generator_t generator = generator_make(13, 0);
	FILE *file = fopen(scratch_path("b.csv"), "w");
	fputs("a,b,c\n", file);
	for (int i = 0; i < RECORDS; i++) {
		for (int j = 0; j < COLUMNS; j++) {
			random_field(&generator, fields[i][j]);
			csv_write_field(file, fields[i][j]);
			putc(j < COLUMNS - 1 ? ',' : '\n', file);
		}
	}
	fclose(file);

	failure_t failure;
	csv_reader_t *reader;
	char **got;
	int wrong = 0;
	tap_require(csv_reader_open(scratch_path("b.csv"), &reader, &failure) == STATUS_OK, "written");
	for (int i = 0; i < RECORDS; i++) {
		if (csv_reader_next(reader, &got, &failure) != STATUS_OK) {
			wrong++;
			continue;
		}
		for (int j = 0; j < COLUMNS; j++) {
			wrong += strcmp(got[j], fields[i][j]) != 0;
		}
	}
	is_int(wrong, 0, "%d records of odd fields come back", RECORDS);
	is_int(csv_reader_next(reader, &got, &failure), STATUS_END, "and no more");
	csv_reader_close(reader);
}

static const char *double_text(double value)
{
	static char text[64];
	FILE *file = fmemopen(text, sizeof(text), "w");
	csv_write_double(file, value);
	fclose(file);
	return text;
}

static void test_doubles(void)
{
	is_text(double_text(0), "0", "zero");
	is_text(double_text(1), "1", "one");
	is_text(double_text(0.1), "0.1", "a tenth is short");
	is_text(double_text(0.25), "0.25", "a quarter");
	is_text(double_text(-1234.5), "-1234.5", "negative");
	is_text(double_text(123456789), "123456789", "nine digits stay whole");
	is_text(double_text(1.0 / 3), "0.33333333333333331", "a third needs 17 digits");
	is_text(double_text(1e300), "1e+300", "large");
	generator_t generator = generator_make(14, 0);
	int wrong = 0;
	for (int i = 0; i < 20000; i++) {
		uint64_t bits = generator_next(&generator);
		double value = i % 2 == 0 ? generator_uniform(&generator) : 0;
		if (i % 2 == 1) {
			memcpy(&value, &bits, sizeof(value));
			value = isfinite(value) ? value : 0x1p-1074;
		}
		wrong += strtod(double_text(value), NULL) != value;
	}
	is_int(wrong, 0, "20000 random doubles come back exactly");
	is_text(double_text(-0.0), "-0", "the sign of zero stays");
	is_text(double_text(INFINITY), "inf", "infinity");
	ok(isnan(strtod(double_text(NAN), NULL)), "not a number");
}

int main(void)
{
	scratch_begin();
	test_records();
	test_header();
	test_zero_byte();
	test_long_line();
	test_no_file();
	test_standard_input();
	test_field_round_trip();
	test_doubles();
	scratch_end();
	return tap_done();
}
