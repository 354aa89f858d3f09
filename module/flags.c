/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flags: merge of two lists by address. */
#include "module/flags.h"

#include <stdlib.h>

status_t flags_update(flags_t *flags, store_row_t *rows, size_t count, uint64_t window,
                      uint64_t now, bool closed, size_t *fresh, size_t *found)
{
	flag_t *merged = malloc((flags->count + count + 1) * sizeof(*merged));
	if (merged == NULL) {
		return STATUS_NO_MEMORY;
	}
	size_t old = 0, size = 0;
	*found = 0;
	for (size_t i = 0; i <= count; i++) {
		/* Old flags before this row, or all that are left. */
		while (old < flags->count &&
		       (i == count || address_compare(&flags->flags[old].originator,
		                                      &rows[i].features.originator) < 0)) {
			if (!closed || flags->flags[old].window >= window) {
				merged[size++] = flags->flags[old];
			}
			old++;
		}
		if (i == count) {
			break;
		}
		const flag_t *known = old < flags->count &&
		                      address_equal(&flags->flags[old].originator,
		                                    &rows[i].features.originator) ?
		                      &flags->flags[old++] : NULL;
		if (store_row_is_scan(&rows[i])) {
			rows[i].flagged = known != NULL ? known->first : now;
			merged[size++] = (flag_t) {
				.originator = rows[i].features.originator,
				.first = rows[i].flagged,
				.window = window,
			};
			if (known == NULL) {
				fresh[(*found)++] = i;
			}
		} else if (known != NULL && (!closed || known->window >= window)) {
			/* Not flagged at this moment; an interim verdict may turn again. */
			merged[size++] = *known;
		}
	}
	free(flags->flags);
	flags->flags = merged;
	flags->count = size;
	return STATUS_OK;
}

void flags_clear(flags_t *flags)
{
	free(flags->flags);
	*flags = (flags_t) { 0 };
}
