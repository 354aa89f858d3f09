/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows: what partial names tell. */
#include <math.h>

#include "sensor/window_internal.h"

bool window_observe_partial(window_t *window, unsigned thread, const query_judgement_t *judgement,
                            const address_t *querier)
{
	prefix_t prefix;
	_Atomic uint64_t *count = &window->counts[thread].partial[query_labels(judgement)];
	/* Only this thread writes it. */
	atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1,
	                      memory_order_relaxed);
	return !prefix_of_name(judgement, &prefix) ||
	       prefix_table_observe(window->prefixes, &prefix,
	                            window_querier_hash(&window->options, querier));
}

const prefix_table_t *window_prefixes(const window_t *window)
{
	return window->prefixes;
}

double window_full_share(const window_counts_t *counts)
{
	uint64_t all = counts->full;
	for (unsigned i = 0; i < QUERY_LABELS; i++) {
		all += counts->partial[i];
	}
	return all > 0 ? (double)counts->full / (double)all : NAN;
}
