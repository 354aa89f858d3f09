/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queue of queriers to resolve. */
#include "cli/resolve_queue.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	return address_compare(a, b);
}

static bool is_left_out(const address_t *querier, const prefix_t *leave, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (prefix_contains(&leave[i], querier)) {
			return true;
		}
	}
	return false;
}

status_t resolve_queue_read(resolve_queue_t *queue, const store_t *store, uint64_t now,
                            const prefix_t *leave, size_t leave_count, address_t *busy,
                            size_t busy_count, failure_t *failure)
{
	status_t status = store_wanted_version(store, &queue->version, failure);
	if (status == STATUS_OK) {
		status = store_wanted_read(store, now, &queue->wanted, failure);
	}
	queue->next = 0;
	queue->left_out = 0;
	if (status != STATUS_OK) {
		queue->wanted.count = 0;
		return status;
	}
	if (busy_count > 0) {
		qsort(busy, busy_count, sizeof(*busy), compare);
	}
	size_t kept = 0;
	for (size_t i = 0; i < queue->wanted.count; i++) {
		const wanted_querier_t *querier = &queue->wanted.queriers[i];
		if (is_left_out(&querier->querier, leave, leave_count)) {
			queue->left_out++;
		} else if (busy_count == 0 || bsearch(&querier->querier, busy, busy_count, sizeof(*busy),
		                                      compare) == NULL) {
			queue->wanted.queriers[kept++] = *querier;
		}
	}
	queue->wanted.count = kept;
	return STATUS_OK;
}

void resolve_queue_clear(resolve_queue_t *queue)
{
	wanted_clear(&queue->wanted);
	*queue = (resolve_queue_t) { 0 };
}
