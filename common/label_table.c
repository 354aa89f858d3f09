/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels sorted by prefix and window; a prefix map finds the run of a prefix. */
#include "config.h"

#include "common/label_table.h"

#include <stdlib.h>

#include "common/prefix_map.h"

struct label_table {
	label_t *labels;
	size_t count;
	size_t capacity;
	bool windows;
	prefix_map_t *map;  /* Each prefix once; its value is its first label. NULL: being filled. */
};

label_table_t *label_table_create(void)
{
	return calloc(1, sizeof(label_table_t));
}

void label_table_destroy(label_table_t *table)
{
	if (table != NULL) {
		prefix_map_destroy(table->map);
		free(table->labels);
		free(table);
	}
}

status_t label_table_add(label_table_t *table, const label_t *label)
{
	if (table->map != NULL) {
		return STATUS_CALLER;
	}
	if (table->count == UINT32_MAX) {
		return STATUS_NO_MEMORY;
	}
	if (table->count == table->capacity) {
		size_t capacity = table->capacity != 0 ? table->capacity * 2 : 256;
		label_t *labels = reallocarray(table->labels, capacity, sizeof(*labels));
		if (labels == NULL) {
			return STATUS_NO_MEMORY;
		}
		table->labels = labels;
		table->capacity = capacity;
	}
	table->labels[table->count++] = *label;
	table->windows |= !time_window_is_always(&label->window);
	return STATUS_OK;
}

static int number_compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static bool same_prefix(const label_t *a, const label_t *b)
{
	return address_equal(&a->prefix.address, &b->prefix.address) &&
	       a->prefix.length == b->prefix.length;
}

static bool same_window(const label_t *a, const label_t *b)
{
	return a->window.start == b->window.start && a->window.end == b->window.end;
}

static int label_compare(const void *a, const void *b)
{
	const label_t *x = a, *y = b;
	const int orders[] = {
		address_compare(&x->prefix.address, &y->prefix.address),
		number_compare(x->prefix.length, y->prefix.length),
		number_compare(x->window.start, y->window.start),
		number_compare(x->window.end, y->window.end),
		number_compare(x->line, y->line),
	};
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		if (orders[i] != 0) {
			return orders[i];
		}
	}
	return 0;
}

/* Drops doubles; false, and the pair, if two of one prefix and window contradict. */
static bool drop_doubles(label_table_t *table, const label_t **first, const label_t **second)
{
	size_t kept = 0;
	for (size_t i = 0; i < table->count; i++) {
		const label_t *label = &table->labels[i];
		const label_t *last = kept > 0 ? &table->labels[kept - 1] : NULL;
		if (last == NULL || !same_prefix(last, label) || !same_window(last, label)) {
			table->labels[kept++] = *label;
		} else if (last->class_index != label->class_index) {
			*first = last;
			*second = label;
			return false;
		}
	}
	table->count = kept;
	return true;
}

status_t label_table_finish(label_table_t *table, const label_t **first, const label_t **second)
{
	if (table->count > 0) {
		qsort(table->labels, table->count, sizeof(*table->labels), label_compare);
	}
	if (!drop_doubles(table, first, second)) {
		return STATUS_BAD_DATA;
	}
	table->map = prefix_map_create();
	status_t status = table->map != NULL ? STATUS_OK : STATUS_NO_MEMORY;
	for (size_t i = 0; i < table->count && status == STATUS_OK; i++) {
		if (i == 0 || !same_prefix(&table->labels[i - 1], &table->labels[i])) {
			status = prefix_map_add(table->map, &table->labels[i].prefix, (uint32_t)i);
		}
	}
	if (status == STATUS_OK) {
		prefix_map_finish(table->map);
	}
	return status;
}

size_t label_table_count(const label_table_t *table)
{
	return table->count;
}

bool label_table_has_windows(const label_table_t *table)
{
	return table->windows;
}

/* 0 if two windows overlap, else one more than the time between them: see the rules, 3. */
static uint64_t distance(const time_window_t *a, const time_window_t *b)
{
	if (a->start >= b->end) {
		return a->start - b->end + 1;
	}
	return a->end <= b->start ? b->start - a->end + 1 : 0;
}

/* What a run of labels has said up to now. */
typedef struct {
	label_answer_t answer;
	uint64_t away;
	uint32_t class_index;
} hearing_t;

static void hear(hearing_t *hearing, const label_t *label, uint64_t away)
{
	if (hearing->answer == LABEL_NONE || away < hearing->away) {
		*hearing = (hearing_t) { LABEL_FOUND, away, label->class_index };
	} else if (away == hearing->away && label->class_index != hearing->class_index) {
		hearing->answer = LABEL_DISAGREED;
	}
}

/* Asks the labels of one prefix, those of windows or those for any time. */
static hearing_t ask_prefix(const label_table_t *table, uint32_t entry, bool always,
                            const time_window_t *window, uint64_t reach)
{
	hearing_t hearing = { .answer = LABEL_NONE };
	const label_t *first = &table->labels[prefix_map_value(table->map, entry)];
	const label_t *stop = table->labels + table->count;
	/* They are in order of their begins and may be of any length: only where to end is known. */
	uint64_t last = window->end < UINT64_MAX - reach ? window->end + reach : UINT64_MAX;
	for (const label_t *label = first; label < stop && same_prefix(label, first) &&
	     label->window.start <= last; label++) {
		uint64_t away = distance(&label->window, window);
		if (time_window_is_always(&label->window) == always && away <= reach) {
			hear(&hearing, label, away);
		}
	}
	return hearing;
}

/* The longest prefix that holds a subnet as a whole. */
static uint32_t find_subnet(const prefix_map_t *map, const address_t *first)
{
	uint32_t entry = prefix_map_find(map, first);
	while (entry != PREFIX_MAP_NONE &&
	       prefix_map_prefix(map, entry)->length > ADDRESS_SUBNET_LENGTH) {
		entry = prefix_map_next(map, entry, first);
	}
	return entry;
}

label_answer_t label_table_find(const label_table_t *table, const address_t *originator,
                                const time_window_t *window, uint64_t reach,
                                uint32_t *class_index)
{
	bool subnet = address_is_subnet(originator);
	const address_t address = subnet ? address_subnet_first(originator) : *originator;
	uint32_t longest = subnet ? find_subnet(table->map, &address) :
	                   prefix_map_find(table->map, &address);
	hearing_t hearing = { .answer = LABEL_NONE };
	for (int always = table->windows ? 0 : 1; always < 2; always++) {
		for (uint32_t entry = longest; entry != PREFIX_MAP_NONE && hearing.answer == LABEL_NONE;
		     entry = prefix_map_next(table->map, entry, &address)) {
			hearing = ask_prefix(table, entry, always != 0, window, reach);
		}
	}
	*class_index = hearing.class_index;
	return hearing.answer;
}
