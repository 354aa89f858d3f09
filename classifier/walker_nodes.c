/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plain way: nodes and doubles as they are, one walk after another. For forests that
 * fit no other form, and as the reference of the others.
 */
#include "classifier/forest_walk.h"

#include <string.h>

/* Words of a double. */
#define DOUBLE_WORDS (sizeof(double) / sizeof(uint16_t))

static bool is_available(void)
{
	return true;
}

/* The nodes are the form. */
static bool create(const forest_t *forest, const forest_cuts_t *cuts, size_t threads, void **form)
{
	(void)threads;
	(void)cuts;
	*form = forest->nodes;
	return true;
}

static void destroy(void *form)
{
	(void)form;
}

static size_t row_words(const forest_t *forest)
{
	return forest->features * DOUBLE_WORDS;
}

static void prepare(const forest_t *forest, const double *block, size_t rows, uint16_t *prepared)
{
	memcpy(prepared, block, rows * forest->features * sizeof(*block));
}

static void walk(const forest_t *forest, const uint16_t *prepared, const uint32_t *rows,
                 uint32_t *places, size_t count)
{
	/* Prepared rows are aligned, and hold doubles by the above. */
	const double *block = (const double *)(const void *)prepared;
	for (size_t i = 0; i < count; i++) {
		places[i] = tree_walk(forest->nodes + forest->starts[places[i]],
		                      block + rows[i] * forest->features);
	}
}

const walker_t walker_nodes = {
	.name = "nodes",
	.is_available = is_available,
	.create = create,
	.destroy = destroy,
	.row_words = row_words,
	.prepare = prepare,
	.walk = walk,
};
