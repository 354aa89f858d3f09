/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state as lines of a name and its numbers. */
#include "config.h"

#include "darknet/label_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/output.h"

#define FIRST_LINE "backscatter-label-state 1"
#define LAST_LINE  "end"
/* Longest line: some dozen numbers of at most 20 digits. */
#define LINE_MAX_BYTES 512

/* A line: a name, and where its numbers stand. */
typedef struct {
	const char *name;
	size_t offset;
	size_t count;
} line_t;

#define NUMBERS(name, field) \
	{ name, offsetof(label_state_t, field), \
	  sizeof(((label_state_t *)NULL)->field) / sizeof(uint64_t) }
static const line_t lines[] = {
	NUMBERS("capture", capture),
	NUMBERS("damaged", damaged),
	NUMBERS("frames", frames),
	NUMBERS("done", done),
	NUMBERS("closed", mark.closed),
	NUMBERS("open", mark.open),
	NUMBERS("counts", mark.counts),
	NUMBERS("windows", totals.shares.windows),
	NUMBERS("packets", totals.shares.packets),
	NUMBERS("sources", totals.shares.sources),
	NUMBERS("events", totals.shares.events),
	NUMBERS("tools", totals.shares.tools),
	NUMBERS("scanners", totals.shares.scanners),
	NUMBERS("refused", totals.refused),
	NUMBERS("rows", totals.rows),
	NUMBERS("listed", totals.listed),
	NUMBERS("conflicts", totals.conflicts),
	NUMBERS("sizes", sizes),
};
#undef NUMBERS
#define LINES (sizeof(lines) / sizeof(lines[0]))
_Static_assert(EVENT_KINDS < 20 && TOOLS < 20 && TELESCOPE_COUNTS < 20 && LABEL_RULES < 20,
               "lines fit LINE_MAX_BYTES");

status_t label_state_save(const char *path, const label_state_t *state, failure_t *failure)
{
	output_t *output;
	status_t status = output_open(path, &output, failure);
	if (status != STATUS_OK) {
		return status;
	}
	FILE *file = output_stream(output);
	fputs(FIRST_LINE "\n", file);
	for (size_t i = 0; i < LINES; i++) {
		fputs(lines[i].name, file);
		for (size_t j = 0; j < lines[i].count; j++) {
			uint64_t number;
			memcpy(&number, (const char *)state + lines[i].offset + j * sizeof(number),
			       sizeof(number));
			fprintf(file, " %" PRIu64, number);
		}
		putc('\n', file);
	}
	fputs(LAST_LINE "\n", file);
	return output_commit(output, failure);
}

/* Reads the numbers of a line; false if it is not exactly that line. */
static bool parse_line(const char *text, const line_t *line, label_state_t *state)
{
	size_t size = strlen(line->name);
	if (strncmp(text, line->name, size) != 0) {
		return false;
	}
	text += size;
	for (size_t j = 0; j < line->count; j++) {
		char *end;
		errno = 0;
		if (text[0] != ' ' || text[1] < '0' || text[1] > '9') {
			return false;
		}
		uint64_t number = strtoull(text + 1, &end, 10);
		if (errno != 0) {
			return false;
		}
		memcpy((char *)state + line->offset + j * sizeof(number), &number, sizeof(number));
		text = end;
	}
	return text[0] == '\0';
}

static status_t read_lines(FILE *file, const char *path, label_state_t *state,
                           failure_t *failure)
{
	for (size_t i = 0; i < LINES + 2; i++) {
		char text[LINE_MAX_BYTES];
		bool good = fgets(text, sizeof(text), file) != NULL;
		if (ferror(file)) {
			return failure_system(failure, errno, "cannot read", path);
		}
		/* A line without its end was cut. */
		char *end = good ? strchr(text, '\n') : NULL;
		good = end != NULL;
		if (good) {
			*end = '\0';
			good = i == 0 ? strcmp(text, FIRST_LINE) == 0 :
			       i == LINES + 1 ? strcmp(text, LAST_LINE) == 0 :
			       parse_line(text, &lines[i - 1], state);
		}
		if (!good) {
			return failure_set(failure, STATUS_BAD_DATA, "%s:%zu: this is no state of this "
			                   "version; remove its folder to begin anew", path, i + 1);
		}
	}
	return STATUS_OK;
}

status_t label_state_load(const char *path, label_state_t *state, failure_t *failure)
{
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		return errno == ENOENT ? STATUS_END : failure_system(failure, errno, "cannot open", path);
	}
	*state = (label_state_t) { 0 };
	errno = 0;
	status_t status = read_lines(file, path, state, failure);
	fclose(file);
	return status;
}
