/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The prefixes with the most queriers. */
#include "sensor/prefix_list.h"

#include <stdlib.h>
#include <string.h>

/* Lengths of one family. */
#define LENGTHS 3

/* Those of one length so far. */
typedef struct {
	uint8_t length;
	prefix_activity_t *entries;  /* room for twice the most */
	size_t count;
} part_t;

static int compare(const void *a, const void *b)
{
	const prefix_activity_t *x = a, *y = b;
	if (x->queriers != y->queriers) {
		return x->queriers < y->queriers ? 1 : -1;
	}
	return address_compare(&x->prefix.address, &y->prefix.address);
}

static void trim(part_t *part, size_t most)
{
	if (part->count > 0) {
		qsort(part->entries, part->count, sizeof(*part->entries), compare);
	}
	part->count = part->count < most ? part->count : most;
}

/* The part of a length; a table has those of one family only. */
static part_t *part_of(part_t parts[LENGTHS], uint8_t length)
{
	unsigned i = 0;
	while (i < LENGTHS - 1 && parts[i].length != 0 && parts[i].length != length) {
		i++;
	}
	parts[i].length = length;
	return &parts[i];
}

static int compare_parts(const void *a, const void *b)
{
	return ((const part_t *)a)->length - ((const part_t *)b)->length;
}

status_t prefix_list_make(const prefix_table_t *table, size_t most, prefix_list_t *list)
{
	part_t parts[LENGTHS] = { { 0 } };
	*list = (prefix_list_t) { 0 };
	prefix_activity_t *room = malloc(LENGTHS * 2 * most * sizeof(*room));
	if (room == NULL) {
		return STATUS_NO_MEMORY;
	}
	for (size_t i = 0; i < LENGTHS; i++) {
		parts[i].entries = room + 2 * i * most;
	}
	prefix_activity_t activity;
	for (size_t slot = 0;
	     prefix_table_next(table, &slot, &activity.prefix, &activity.queriers);) {
		part_t *part = part_of(parts, activity.prefix.length);
		part->entries[part->count++] = activity;
		list->prefixes++;
		if (part->count == 2 * most) {
			trim(part, most);
		}
	}
	for (size_t i = 0; i < LENGTHS; i++) {
		trim(&parts[i], most);
	}
	qsort(parts, LENGTHS, sizeof(parts[0]), compare_parts);
	for (size_t i = 0; i < LENGTHS; i++) {
		list->count += parts[i].count;
	}
	list->entries = malloc((list->count + 1) * sizeof(*list->entries));
	size_t count = 0;
	for (size_t i = 0; i < LENGTHS && list->entries != NULL; i++) {
		memcpy(list->entries + count, parts[i].entries, parts[i].count * sizeof(*room));
		count += parts[i].count;
	}
	free(room);
	return list->entries != NULL ? STATUS_OK : STATUS_NO_MEMORY;
}

void prefix_list_clear(prefix_list_t *list)
{
	free(list->entries);
	*list = (prefix_list_t) { 0 };
}
