/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The prefixes of a darknet. */
#include "darknet/prefix_set.h"

#include <string.h>

status_t prefix_set_make(prefix_set_t *set, const prefix_t *prefixes, size_t count)
{
	static const uint8_t ones[16] = { 255, 255, 255, 255, 255, 255, 255, 255,
	                                  255, 255, 255, 255, 255, 255, 255, 255 };
	address_t all = address_from_ipv6(ones);
	*set = (prefix_set_t) {
		.first = prefixes[0], .mask = address_network(&all, prefixes[0].length),
		.any_family = prefixes[0].length < ADDRESS_IPV4_OFFSET,
	};
	if (count == 1) {
		return STATUS_OK;
	}
	set->others = prefix_map_create();
	status_t status = set->others != NULL ? STATUS_OK : STATUS_NO_MEMORY;
	for (size_t i = 1; i < count && status == STATUS_OK; i++) {
		status = prefix_map_add(set->others, &prefixes[i], 0);
	}
	if (status == STATUS_OK) {
		prefix_map_finish(set->others);
	} else {
		prefix_set_clear(set);
	}
	return status;
}

void prefix_set_clear(prefix_set_t *set)
{
	prefix_map_destroy(set->others);
	set->others = NULL;
}
