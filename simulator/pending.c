/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/pending.h"

#include <stdbool.h>
#include <stdlib.h>

static bool before(const pending_entry_t *a, const pending_entry_t *b)
{
	return a->event.moment != b->event.moment ? a->event.moment < b->event.moment :
	       a->order < b->order;
}

status_t pending_add(pending_t *pending, const event_t *event, failure_t *failure)
{
	if (pending->count == pending->room) {
		size_t room = pending->room > 0 ? pending->room * 2 : 256;
		pending_entry_t *more = realloc(pending->entries, room * sizeof(*more));
		if (more == NULL) {
			return failure_no_memory(failure, "the queries under way");
		}
		pending->entries = more;
		pending->room = room;
	}
	pending_entry_t entry = { .event = *event, .order = pending->added++ };
	size_t at = pending->count++;
	for (; at > 0 && before(&entry, &pending->entries[(at - 1) / 2]); at = (at - 1) / 2) {
		pending->entries[at] = pending->entries[(at - 1) / 2];
	}
	pending->entries[at] = entry;
	return STATUS_OK;
}

event_t pending_take(pending_t *pending)
{
	event_t first = pending->entries[0].event;
	pending_entry_t last = pending->entries[--pending->count];
	size_t at = 0;
	for (;;) {
		size_t child = 2 * at + 1;
		if (child >= pending->count) {
			break;
		}
		if (child + 1 < pending->count &&
		    before(&pending->entries[child + 1], &pending->entries[child])) {
			child++;
		}
		if (!before(&pending->entries[child], &last)) {
			break;
		}
		pending->entries[at] = pending->entries[child];
		at = child;
	}
	pending->entries[at] = last;
	return first;
}

void pending_clear(pending_t *pending)
{
	free(pending->entries);
	*pending = (pending_t) { 0 };
}
