/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Networks from text: address, length, value. */
#include <stdio.h>
#include <string.h>

#include "sensor/network_file.h"

#define BLANKS " \t\r"
#define LINE_MAX_SIZE 512
#define FIELDS 3

static status_t fail(const network_file_t *file, uint64_t line, const char *what, failure_t *failure)
{
	return failure_set(failure, STATUS_BAD_DATA, "%s:%llu: %s", file->path,
	                   (unsigned long long)line, what);
}

/* Splits a line; returns how many fields it has, at most one more than are wanted. */
static size_t split(char *line, char *fields[FIELDS])
{
	size_t count = 0;
	char *rest;
	for (char *word = strtok_r(line, BLANKS, &rest); word != NULL && count <= FIELDS;
	     word = strtok_r(NULL, BLANKS, &rest)) {
		if (count < FIELDS) {
			fields[count] = word;
		}
		count++;
	}
	return count;
}

static status_t read_line(network_file_t *file, char *line, uint64_t number, failure_t *failure)
{
	char *fields[FIELDS], text[PREFIX_TEXT_MAX];
	line[strcspn(line, "#")] = '\0';
	size_t count = split(line, fields);
	if (count == 0) {
		return STATUS_OK;
	}
	if (count != FIELDS) {
		return fail(file, number, "this is no MaxMind DB, and no line of address, length and value",
		            failure);
	}
	prefix_t prefix;
	if (snprintf(text, sizeof(text), "%s/%s", fields[0], fields[1]) >= (int)sizeof(text) ||
	    strchr(fields[0], '/') != NULL || !prefix_parse(text, &prefix)) {
		return fail(file, number, "this is no address and length of a prefix", failure);
	}
	uint32_t value;
	if (!network_value_parse(file->kind, fields[2], strcspn(fields[2], "_,"), &value)) {
		return fail(file, number, file->kind == NETWORK_AS ? "this is no AS number" :
		            "this is no country of two letters", failure);
	}
	return network_file_add(file, &prefix, value, failure);
}

status_t network_read_text(network_file_t *file, failure_t *failure)
{
	const char *at = (const char *)file->data, *end = at + file->size;
	status_t status = STATUS_OK;
	for (uint64_t number = 1; at < end && status == STATUS_OK; number++) {
		char line[LINE_MAX_SIZE];
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t size = (size_t)((newline != NULL ? newline : end) - at);
		if (size >= sizeof(line) || memchr(at, '\0', size) != NULL) {
			return fail(file, number, "this is neither a MaxMind DB nor text", failure);
		}
		memcpy(line, at, size);
		line[size] = '\0';
		status = read_line(file, line, number, failure);
		at = newline != NULL ? newline + 1 : end;
	}
	if (status == STATUS_OK && prefix_map_count(file->map) == 0) {
		status = failure_set(failure, STATUS_BAD_DATA, "'%s' has no networks", file->path);
	}
	return status;
}
