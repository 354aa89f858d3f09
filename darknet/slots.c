/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tags and numbers. */
#include "darknet/slots.h"

#include <stdlib.h>

#define BITS_MAX 31

static size_t bytes_of(unsigned bits)
{
	return sizeof(slot_t) << bits;
}

void slots_clear(slots_t *table)
{
	if (table->slots != NULL) {
		budget_give(table->budget, bytes_of(table->bits));
		free(table->slots);
		table->slots = NULL;
		table->bits = 0;
		table->count = 0;
	}
}

static void place(slots_t *table, slot_t slot)
{
	size_t at = slots_first(table, slot.tag);
	while (table->slots[at].number != 0) {
		at = slots_next(table, at);
	}
	table->slots[at] = slot;
}

static bool grow(slots_t *table)
{
	slots_t larger = *table;
	larger.bits = table->slots == NULL ? SLOTS_BITS_MIN : table->bits + 1;
	if (larger.bits > BITS_MAX || !budget_take(table->budget, bytes_of(larger.bits))) {
		return false;
	}
	larger.slots = calloc((size_t)1 << larger.bits, sizeof(slot_t));
	if (larger.slots == NULL) {
		budget_give(table->budget, bytes_of(larger.bits));
		return false;
	}
	size_t size = table->slots == NULL ? 0 : (size_t)1 << table->bits;
	for (size_t i = 0; i < size; i++) {
		if (table->slots[i].number != 0) {
			place(&larger, table->slots[i]);
		}
	}
	uint32_t count = table->count;
	slots_clear(table);
	*table = larger;
	table->count = count;
	return true;
}

bool slots_reserve(slots_t *table)
{
	bool full = table->slots == NULL || table->count >= (size_t)1 << (table->bits - 1);
	return !full || grow(table);
}

void slots_add(slots_t *table, uint32_t tag, uint32_t number)
{
	place(table, (slot_t) { tag, number });
	table->count++;
}
