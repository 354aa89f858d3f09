/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Many rows on their way through trees at once; for classifier/ only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifier/forest.h"

/*! Most walks that forest_leaves() makes at once. */
#define WALKS_MAX 256

/*!
 * A node for walking, eight bytes. It stands at the index of its tree_node_t in forest_t, and
 * is all that a walk needs: rows are ranked among the forest's thresholds beforehand.
 */
struct forest_step {
	uint32_t child;  /*!< Left child in all of the forest; a leaf leads to itself. */
	uint16_t rank;   /*!< A greater one goes right. Of a leaf: see forest_compile(). */
	uint16_t slot;   /*!< Where in the row's ranks; 0 for a leaf. */
};

_Static_assert(sizeof(forest_step_t) == 8, "eight nodes to a cache line");

/*! A way to walk. All of them find the same leaves. */
typedef struct {
	const char *name;
	/*! Tells whether this machine can. */
	bool (*is_available)(void);
	/*!
	 * Walks from the steps \a at to leaves.
	 *
	 * \param ranks    Of all rows, and one more that may be read.
	 * \param offsets  Where the ranks of a walk's row begin.
	 * \param at       In: where to start. Out: the leaves' indices.
	 * \param count    At most WALKS_MAX.
	 */
	void (*walk)(const forest_step_t *steps, const uint16_t *ranks, const uint32_t *offsets,
	             uint32_t *at, size_t count);
} walker_t;

/*! All ways, and how many there are; the first is plain C and always available. */
extern const walker_t walkers[];
extern const size_t walker_count;

/*! The way that is the fastest on this machine, as far as is known. */
const walker_t *walker_best(void);

/*!
 * Makes the steps of a finished forest. Forests that they cannot hold (65535 thresholds of
 * one feature or more) stay without; all functions here then take the nodes.
 *
 * \return false if memory is short; the forest is then as before.
 */
bool forest_compile(forest_t *forest);

/*! Ranks of a row: its \ref forest_rank() values in one run. */
static inline size_t forest_slots(const forest_t *forest)
{
	return 2 * forest->features + 1;
}

/*!
 * Ranks rows among the thresholds of the forest; does nothing without steps.
 *
 * \param block  \a rows x features doubles.
 * \param ranks  Out: \a rows x forest_slots(), and one more that may be read.
 */
void forest_rank(const forest_t *forest, const double *block, size_t rows, uint16_t *ranks);

/*!
 * Finds leaves: the row of the table of leaves that each of some walks ends in.
 *
 * \param walker   One that is available.
 * \param block    As given to forest_rank().
 * \param ranks    From forest_rank().
 * \param offsets  Row of each walk times forest_slots().
 * \param count    Number of walks, at most WALKS_MAX.
 * \param places   In: the root of each walk's tree in forest->nodes. Out: its leaf.
 */
void forest_leaves(const forest_t *forest, const walker_t *walker, const double *block,
                   const uint16_t *ranks, const uint32_t *offsets, size_t count,
                   uint32_t *places);

/*! Like forest_predict(), in a given way. */
void forest_predict_with(const forest_t *forest, const walker_t *walker, const double *block,
                         size_t rows, double *probabilities);
