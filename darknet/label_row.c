/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spelling of rows. */
#include "config.h"

#include "darknet/label_row.h"

#include <inttypes.h>
#include <string.h>

#include "common/csv.h"

/* What labels and events have in common. */
#define COLUMNS "window_start,window_seconds,address,class,event,protocol,packets,targets,ports,tool"

static const char *const headers[] = {
	[LABEL_OUTPUT_LABELS] = COLUMNS,
	[LABEL_OUTPUT_EVENTS] = COLUMNS ",flags,exact,listed",
	[LABEL_OUTPUT_SERIES] = "window_start,window_seconds,of,name,sources,share",
	[LABEL_OUTPUT_CONFLICTS] =
		"window_start,window_seconds,address,rule,class,source,other_class,other_source",
};
_Static_assert(sizeof(headers) / sizeof(headers[0]) == LABEL_OUTPUTS, "a header for each");

/* Room for the fields of an event but its class: address, four numbers, names. */
#define FIELDS_MAX 256

void label_row_window(label_row_window_t *window, uint64_t start, uint64_t length)
{
	char text[MOMENT_TEXT_MAX];
	if (window->size != 0 && window->start == start && window->length == length) {
		return;
	}
	window->start = start;
	window->length = length;
	window->size = (size_t)snprintf(window->text, sizeof(window->text), "%s,%" PRIu64 ",",
	                                moment_format(start, text), length / MICROSECONDS);
}

void label_row_header(FILE *file, label_output_t output)
{
	fprintf(file, "%s\n", headers[output]);
}

static char *put_number(char *at, uint64_t number)
{
	char digits[20];
	unsigned count = 0;
	do {
		digits[count++] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	while (count > 0) {
		*at++ = digits[--count];
	}
	return at;
}

static char *put_text(char *at, const char *text)
{
	size_t size = strlen(text);
	memcpy(at, text, size);
	return at + size;
}

static char *put_address(char *at, const address_t *address)
{
	if (!address_is_ipv4(address)) {
		return at + strlen(address_format(address, at));
	}
	for (unsigned i = 12; i < 16; i++) {
		at = put_number(at, address->bytes[i]);
		*at++ = '.';
	}
	return at - 1;
}

void label_row_event(FILE *file, const label_row_window_t *window, const event_t *event,
                     const char *class_name)
{
	char fields[FIELDS_MAX], *at = put_address(fields, &event->source);
	*at++ = ',';
	fwrite_unlocked(window->text, 1, window->size, file);
	fwrite_unlocked(fields, 1, (size_t)(at - fields), file);
	if (class_name[0] != '\0') {
		csv_write_field(file, class_name);
	}
	at = fields;
	*at++ = ',';
	at = put_text(at, event_info(event->kind)->name);
	*at++ = ',';
	at = put_text(at, protocol_group_name(event->protocol));
	const uint64_t numbers[] = { event->packets, event->targets, event->ports };
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		*at++ = ',';
		at = put_number(at, numbers[i]);
	}
	*at++ = ',';
	at = put_text(at, tool_info(event->tool)->name);
	fwrite_unlocked(fields, 1, (size_t)(at - fields), file);
}

void label_row_details(FILE *file, const event_t *event, const char *listed)
{
	static const struct { unsigned flag; const char *name; } flags[] = {
		{ EVENT_FLAG_PORT_0, "port-0" }, { EVENT_FLAG_BOGON, "bogon" },
	};
	char separator = ',';
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if ((event->flags & flags[i].flag) != 0) {
			putc_unlocked(separator, file);
			fputs_unlocked(flags[i].name, file);
			separator = ' ';
		}
	}
	if (separator == ',') {
		putc_unlocked(',', file);
	}
	fputs_unlocked(event->exact ? ",1," : ",0,", file);
	csv_write_field(file, listed);
	putc_unlocked('\n', file);
}

/* A single address without its length. */
static const char *spell_prefix(const prefix_t *prefix, char text[PREFIX_TEXT_MAX])
{
	return prefix->length == 128 ? address_format(&prefix->address, text) :
	       prefix_format(prefix, text);
}

void label_row_listing(FILE *file, const prefix_t *prefix, const char *class_name)
{
	char text[PREFIX_TEXT_MAX];
	fprintf(file, ",,%s,", spell_prefix(prefix, text));
	csv_write_field(file, class_name);
	fputs("," LABEL_EVENT_LIST ",,,,,\n", file);
}

static void put_share(FILE *file, const label_row_window_t *window, const char *of,
                      const char *name, uint64_t sources, uint64_t all)
{
	fprintf(file, "%s%s,%s,%" PRIu64 ",", window->text, of, name, sources);
	csv_write_double(file, all > 0 ? (double)sources / (double)all : 0);
	putc('\n', file);
}

void label_row_series(FILE *file, const label_row_window_t *window, const shares_t *shares)
{
	put_share(file, window, "all", "", shares->sources, shares->sources);
	put_share(file, window, "class", LABEL_CLASS_SCAN, shares->scanners, shares->sources);
	for (event_kind_t kind = 0; kind < EVENT_KINDS; kind++) {
		put_share(file, window, "event", event_info(kind)->name, shares->events[kind],
		          shares->sources);
	}
	for (tool_t tool = TOOL_NONE; tool < TOOLS; tool++) {
		put_share(file, window, "tool", tool == TOOL_NONE ? "none" : tool_info(tool)->name,
		          shares->tools[tool], shares->sources);
	}
}

void label_row_conflict(FILE *file, const label_conflict_t *conflict)
{
	char text[PREFIX_TEXT_MAX];
	const char *fields[] = {
		spell_prefix(&conflict->prefix, text), label_rule_name(conflict->rule),
		conflict->kept_class, conflict->kept_source,
		conflict->dropped_class, conflict->dropped_source,
	};
	fputs(conflict->window != NULL ? conflict->window->text : ",,", file);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (i > 0) {
			putc(',', file);
		}
		csv_write_field(file, fields[i]);
	}
	putc('\n', file);
}
