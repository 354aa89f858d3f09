/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Querier files: querier,name,asn,country. */
#include <ctype.h>
#include <stdlib.h>

#include "common/csv.h"
#include "sensor/querier_directory.h"

int country_parse(const char *text)
{
	if (text[0] == '\0') {
		return 0;
	}
	if (!isalpha((unsigned char)text[0]) || !isalpha((unsigned char)text[1]) || text[2] != '\0') {
		return -1;
	}
	return toupper((unsigned char)text[0]) << 8 | toupper((unsigned char)text[1]);
}

char *country_format(uint16_t country, char text[3])
{
	text[0] = (char)(country >> 8);
	text[1] = (char)(country & 0xff);
	text[2] = '\0';
	return text;
}

bool as_number_parse(const char *text, uint32_t *number)
{
	if (text[0] == '\0') {
		*number = 0;
		return true;
	}
	if (toupper((unsigned char)text[0]) == 'A' && toupper((unsigned char)text[1]) == 'S') {
		text += 2;
	}
	char *end;
	unsigned long long value = strtoull(text, &end, 10);
	*number = (uint32_t)value;
	return isdigit((unsigned char)text[0]) && *end == '\0' && value <= UINT32_MAX;
}

static status_t read_row(csv_reader_t *reader, char **fields, const int columns[4],
                         const category_rules_t *rules, querier_csv_row_t row, void *context,
                         failure_t *failure)
{
	const char *address_text = fields[columns[0]], *name = fields[columns[1]];
	const char *as_text = columns[2] >= 0 ? fields[columns[2]] : "";
	const char *country_text = columns[3] >= 0 ? fields[columns[3]] : "";
	address_t querier;
	querier_info_t info;
	if (!address_parse(address_text, &querier)) {
		return csv_reader_fail(reader, failure, "'%s' is no address", address_text);
	}
	if (!as_number_parse(as_text, &info.as_number)) {
		return csv_reader_fail(reader, failure, "'%s' is no AS number", as_text);
	}
	int country = country_parse(country_text);
	if (country < 0) {
		return csv_reader_fail(reader, failure, "'%s' is no country of two letters", country_text);
	}
	info.country = (uint16_t)country;
	info.category = category_of_name(rules, name, &querier);
	return row(context, &querier, name, info, failure);
}

status_t querier_csv_read(const char *path, const category_rules_t *rules, querier_csv_row_t row,
                          void *context, failure_t *failure)
{
	csv_reader_t *reader;
	status_t status = csv_reader_open(path, &reader, failure);
	if (status != STATUS_OK) {
		return status;
	}
	int columns[4];
	columns[2] = csv_reader_column(reader, "asn");
	columns[3] = csv_reader_column(reader, "country");
	char **fields;
	if ((status = csv_reader_require(reader, "querier", &columns[0], failure)) == STATUS_OK &&
	    (status = csv_reader_require(reader, "name", &columns[1], failure)) == STATUS_OK) {
		while ((status = csv_reader_next(reader, &fields, failure)) == STATUS_OK &&
		       (status = read_row(reader, fields, columns, rules, row, context,
		                          failure)) == STATUS_OK) {
		}
	}
	csv_reader_close(reader);
	return status == STATUS_END ? STATUS_OK : status;
}

static status_t put_row(void *context, const address_t *querier, const char *name,
                        querier_info_t info, failure_t *failure)
{
	(void)name;
	status_t status = querier_directory_put(context, querier, info);
	return status == STATUS_OK ? status : failure_no_memory(failure, "the querier directory");
}

status_t querier_directory_load_csv(const char *path, const category_rules_t *rules,
                                    querier_directory_t **out, failure_t *failure)
{
	querier_directory_t *directory = querier_directory_create();
	if (directory == NULL) {
		return failure_no_memory(failure, "the querier directory");
	}
	status_t status = querier_csv_read(path, rules, put_row, directory, failure);
	if (status != STATUS_OK) {
		querier_directory_destroy(directory);
		return status;
	}
	*out = directory;
	return STATUS_OK;
}
