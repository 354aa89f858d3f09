/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wanted queriers: a buffer of twice the bound that is sorted and cut when it is full. */
#include "sensor/wanted.h"

#include <stdlib.h>

static int compare_want(const void *a, const void *b)
{
	const wanted_querier_t *x = a, *y = b;
	if (x->known != y->known) {
		return x->known ? 1 : -1;
	}
	if (x->originators != y->originators) {
		return x->originators < y->originators ? 1 : -1;
	}
	return address_compare(&x->querier, &y->querier);
}

static int compare_address(const void *a, const void *b)
{
	const wanted_querier_t *x = a, *y = b;
	return address_compare(&x->querier, &y->querier);
}

void wanted_finish(wanted_t *wanted)
{
	if (wanted->count > 0) {
		qsort(wanted->queriers, wanted->count, sizeof(*wanted->queriers), compare_want);
	}
	if (wanted->max != 0 && wanted->count > wanted->max) {
		wanted->count = wanted->max;
	}
}

status_t wanted_add(wanted_t *wanted, const wanted_querier_t *querier)
{
	if (wanted->max != 0 && wanted->count == 2 * wanted->max) {
		wanted_finish(wanted);
	}
	if (wanted->count == wanted->room) {
		size_t room = wanted->room != 0 ? 2 * wanted->room : 256;
		wanted_querier_t *queriers = reallocarray(wanted->queriers, room, sizeof(*queriers));
		if (queriers == NULL) {
			return STATUS_NO_MEMORY;
		}
		wanted->queriers = queriers;
		wanted->room = room;
	}
	wanted->queriers[wanted->count++] = *querier;
	return STATUS_OK;
}

void wanted_join(wanted_t *wanted)
{
	size_t kept = 0;
	if (wanted->count > 0) {
		qsort(wanted->queriers, wanted->count, sizeof(*wanted->queriers), compare_address);
	}
	for (size_t i = 0; i < wanted->count; i++) {
		wanted_querier_t *last = kept > 0 ? &wanted->queriers[kept - 1] : NULL;
		const wanted_querier_t *here = &wanted->queriers[i];
		if (last == NULL || !address_equal(&last->querier, &here->querier)) {
			wanted->queriers[kept++] = *here;
			continue;
		}
		last->originators = here->originators > UINT32_MAX - last->originators ? UINT32_MAX :
		                    last->originators + here->originators;
		last->known = last->known || here->known;
	}
	wanted->count = kept;
}

void wanted_clear(wanted_t *wanted)
{
	free(wanted->queriers);
	*wanted = (wanted_t) { .max = wanted->max };
}
