/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorts short keys, then moves each row once. */
#include "sensor/row_order.h"

#include <stdlib.h>

typedef struct {
	address_t originator;
	size_t row;  /* where the row is that belongs here */
} place_t;

static int compare_places(const void *a, const void *b)
{
	const place_t *x = a, *y = b;
	return address_compare(&x->originator, &y->originator);
}

status_t row_order_sort(originator_features_t *rows, size_t count)
{
	place_t *places = malloc((count + 1) * sizeof(*places));
	if (places == NULL) {
		return STATUS_NO_MEMORY;
	}
	for (size_t i = 0; i < count; i++) {
		places[i] = (place_t) { rows[i].originator, i };
	}
	qsort(places, count, sizeof(*places), compare_places);
	/* Along each cycle: the first row is kept aside, and each place gets its own. */
	for (size_t i = 0; i < count; i++) {
		originator_features_t first = rows[i];
		size_t to = i, from;
		while ((from = places[to].row) != i) {
			rows[to] = rows[from];
			places[to].row = to;
			to = from;
		}
		rows[to] = first;
		places[to].row = to;
	}
	free(places);
	return STATUS_OK;
}
