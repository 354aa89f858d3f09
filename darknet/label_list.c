/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of services: text files into one prefix map. */
#include "config.h"

#include "darknet/label_list.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/prefix_map.h"

/* A list that was read. */
typedef struct {
	char *class_name;
	char *path;
} list_t;

struct label_lists {
	prefix_map_t *map;  /* Its values are numbers of lists. */
	list_t lists[LABEL_LISTS_MAX];
	uint32_t count;
};

label_lists_t *label_lists_create(void)
{
	label_lists_t *lists = calloc(1, sizeof(*lists));
	if (lists != NULL && (lists->map = prefix_map_create()) == NULL) {
		free(lists);
		lists = NULL;
	}
	return lists;
}

void label_lists_destroy(label_lists_t *lists)
{
	for (uint32_t i = 0; lists != NULL && i < lists->count; i++) {
		free(lists->lists[i].class_name);
		free(lists->lists[i].path);
	}
	if (lists != NULL) {
		prefix_map_destroy(lists->map);
	}
	free(lists);
}

/* A line without its comment and the blanks around it. */
static char *trim(char *line)
{
	line[strcspn(line, "#;\r\n")] = '\0';
	line += strspn(line, " \t");
	for (size_t size = strlen(line); size > 0 && strchr(" \t", line[size - 1]) != NULL; size--) {
		line[size - 1] = '\0';
	}
	return line;
}

static status_t add_line(label_lists_t *lists, char *line, uint64_t number, failure_t *failure)
{
	const char *path = lists->lists[lists->count - 1].path;
	const char *text = trim(line);
	prefix_t prefix;
	if (text[0] == '\0') {
		return STATUS_OK;
	}
	if (!prefix_parse(text, &prefix)) {
		return failure_set(failure, STATUS_BAD_DATA, "%s:%" PRIu64 ": '%s' is no address or prefix",
		                   path, number, text);
	}
	status_t status = prefix_map_add(lists->map, &prefix, lists->count - 1);
	return status == STATUS_OK ? status : failure_no_memory(failure, path);
}

static status_t read_lines(label_lists_t *lists, FILE *file, failure_t *failure)
{
	const char *path = lists->lists[lists->count - 1].path;
	char line[LABEL_LIST_LINE_MAX + 2];
	status_t status = STATUS_OK;
	errno = 0;
	for (uint64_t number = 1; status == STATUS_OK && !feof(file); number++) {
		size_t size = 0;
		int byte;
		while ((byte = getc_unlocked(file)) != EOF && byte != '\n' && byte != '\0' &&
		       size <= LABEL_LIST_LINE_MAX) {
			line[size++] = (char)byte;
		}
		line[size] = '\0';
		if (ferror(file)) {
			return failure_system(failure, errno, "cannot read", path);
		}
		if (byte == '\0') {
			return failure_set(failure, STATUS_BAD_DATA, "%s:%" PRIu64 ": a zero byte: this is no "
			                   "text", path, number);
		}
		if (size > LABEL_LIST_LINE_MAX) {
			return failure_set(failure, STATUS_BAD_DATA, "%s:%" PRIu64 ": line above %d bytes",
			                   path, number, LABEL_LIST_LINE_MAX);
		}
		status = add_line(lists, line, number, failure);
	}
	return status;
}

/* Takes "CLASS=FILE" apart into a new list. */
static status_t begin_list(label_lists_t *lists, const char *text, failure_t *failure)
{
	const char *equals = strchr(text, '=');
	size_t size = equals != NULL ? (size_t)(equals - text) : 0;
	bool good = size >= 1 && size <= LABEL_CLASS_MAX && equals[1] != '\0';
	for (size_t i = 0; good && i < size; i++) {
		good = (unsigned char)text[i] >= ' ' && text[i] != 0x7f;
	}
	if (!good) {
		return failure_set(failure, STATUS_CALLER, "a list is given as CLASS=FILE, not '%s'", text);
	}
	if (lists->count == LABEL_LISTS_MAX) {
		return failure_set(failure, STATUS_CALLER, "more than %d lists", LABEL_LISTS_MAX);
	}
	list_t *list = &lists->lists[lists->count];
	list->class_name = strndup(text, size);
	list->path = strdup(equals + 1);
	lists->count++;
	return list->class_name != NULL && list->path != NULL ? STATUS_OK :
	       failure_no_memory(failure, "the lists");
}

status_t label_lists_read(label_lists_t *lists, const char *text, failure_t *failure)
{
	status_t status = begin_list(lists, text, failure);
	if (status != STATUS_OK) {
		return status;
	}
	const char *path = lists->lists[lists->count - 1].path;
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		return failure_system(failure, errno, "cannot open list", path);
	}
	status = read_lines(lists, file, failure);
	fclose(file);
	return status;
}

void label_lists_finish(label_lists_t *lists)
{
	prefix_map_finish(lists->map);
}

size_t label_lists_count(const label_lists_t *lists)
{
	return lists->count;
}

const char *label_lists_class(const label_lists_t *lists, uint32_t list)
{
	return lists->lists[list].class_name;
}

const char *label_lists_path(const label_lists_t *lists, uint32_t list)
{
	return lists->lists[list].path;
}

uint32_t label_lists_lines(const label_lists_t *lists)
{
	return prefix_map_count(lists->map);
}

listing_t label_lists_line(const label_lists_t *lists, uint32_t line)
{
	return (listing_t) { *prefix_map_prefix(lists->map, line), prefix_map_value(lists->map, line) };
}

bool label_lists_is_kept(const label_lists_t *lists, uint32_t line)
{
	return prefix_map_first(lists->map, line) == line;
}

bool label_lists_conflict(const label_lists_t *lists, uint32_t line, listing_t *kept,
                          listing_t *dropped)
{
	*kept = *dropped = label_lists_line(lists, line);
	if (!label_lists_is_kept(lists, line)) {
		*kept = label_lists_line(lists, prefix_map_first(lists->map, line));
	} else {
		uint32_t wider = prefix_map_wider(lists->map, line);
		if (wider == PREFIX_MAP_NONE) {
			return false;
		}
		*dropped = label_lists_line(lists, wider);
	}
	return strcmp(label_lists_class(lists, kept->list),
	              label_lists_class(lists, dropped->list)) != 0;
}

bool label_lists_find(const label_lists_t *lists, const address_t *address, listing_t *listing)
{
	uint32_t line = prefix_map_find(lists->map, address);
	if (line == PREFIX_MAP_NONE) {
		return false;
	}
	*listing = label_lists_line(lists, line);
	return true;
}
