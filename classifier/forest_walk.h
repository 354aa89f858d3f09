/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Many rows on their way through trees at once; for classifier/ only.
 *
 * A forest's nodes are what a model file has. To predict, a walker makes a form of the
 * trees that suits its way to walk, and prepares rows to go with that form: mostly a
 * row's ranks among the thresholds (cuts.h) in its place, since whole numbers of 16 bits
 * are what is quickly compared. All walkers find the same leaves, to the last bit.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifier/cuts.h"
#include "classifier/forest.h"

/*! Most walks that a walker takes at once. */
#define WALKS_MAX 256

/*! A way to walk. Its functions take no memory but for \a create, and are thread-safe. */
typedef struct walker {
	const char *name;
	/*! Tells whether this machine can. */
	bool (*is_available)(void);
	/*!
	 * Makes the form of a forest's trees.
	 *
	 * \param cuts     Of the forest; it is kept as long as the form.
	 * \param threads  At most so many do it, the calling one among them.
	 * \param form     Out: the form, to be freed by \a destroy; NULL if the forest has more
	 *                 thresholds or features than the form can name.
	 *
	 * \return false if memory is short.
	 */
	bool (*create)(const forest_t *forest, const forest_cuts_t *cuts, size_t threads,
	               void **form);
	void (*destroy)(void *form);
	/*! 16-bit words of a prepared row; a multiple of four. */
	size_t (*row_words)(const forest_t *forest);
	/*!
	 * Prepares rows.
	 *
	 * \param block     \a rows x features doubles.
	 * \param prepared  Out: \a rows x row_words, aligned to 64 bytes.
	 */
	void (*prepare)(const forest_t *forest, const double *block, size_t rows, uint16_t *prepared);
	/*!
	 * Walks from roots to leaves.
	 *
	 * \param rows    Which prepared row each walk is of.
	 * \param places  In: the walks' trees. Out: their leaves, rows of the table of leaves.
	 * \param count   At most WALKS_MAX.
	 */
	void (*walk)(const forest_t *forest, const uint16_t *prepared, const uint32_t *rows,
	             uint32_t *places, size_t count);
	/*! Asks for a tree's bytes ahead of walking; may be NULL. */
	void (*fetch)(const forest_t *forest, size_t tree);
} walker_t;

/*! All ways, the fastest first. walker_nodes is always available and takes all forests, so what
 * stands behind it is taken only if it is asked for. */
extern const walker_t *const walkers[];
extern const size_t walker_count;

/*! Two cache lines of up to 15 splits; AVX-512. See walker_clusters.c. */
extern const walker_t walker_clusters;
/*! The same form without AVX-512: slow, for the tests. */
extern const walker_t walker_clusters_plain;
/*! Eight bytes per node, plain C. See walker_steps.c. */
extern const walker_t walker_steps;
/*! The nodes themselves, one walk after another. See walker_nodes.c. */
extern const walker_t walker_nodes;

/*!
 * Makes a finished forest ready to predict. A form that it had is freed.
 *
 * \param walker   The way that is to be taken, available on this machine; NULL: the first
 *                 of \a walkers that is. If the forest does not fit, a later one is taken.
 * \param threads  At most so many do it, the calling one among them; the form is the same.
 *
 * \return false if memory is short; the forest is then without a form.
 */
bool forest_compile(forest_t *forest, const walker_t *walker, size_t threads);

/*! Frees what forest_compile() made, if anything. */
void forest_decompile(forest_t *forest);

/*! Rows whose ranks are put at once. */
#define RANKED_ROWS 64

/*!
 * Puts ranks into prepared rows.
 *
 * \param first   The first row they are of.
 * \param count   How many rows, at most RANKED_ROWS.
 * \param values  Of these rows, forest->features doubles apart.
 * \param ranks   Of these values.
 */
typedef void (*put_ranks_t)(const forest_t *forest, size_t feature, size_t first, size_t count,
                            const double *values, const uint32_t *ranks, uint16_t *prepared);

/*! Ranks a block of rows, feature by feature, for a walker's \a prepare. */
void forest_rank(const forest_t *forest, const double *block, size_t rows, put_ranks_t put,
                 uint16_t *prepared);
