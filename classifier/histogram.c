/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Binned search of the best split by Gini impurity: count, do not sort.
 *
 * Every row adds its weight to the bin that it has in a feature; the sweep of
 * sweep.h then goes over bins instead of rows. Sources in bins.c.
 *
 * Two classes, the usual case, share a number of 64 bits, so that a row is one
 * addition and up to four features are counted in one pass over the rows:
 *
 *     63                 32 31                  0
 *     +--------------------+--------------------+
 *     | weight of all      | weight of class 1  |     256 of these per feature: 2 KiB
 *     +--------------------+--------------------+
 *
 * Most nodes are small, and looking for their few bins among 256 would cost more
 * than all else: a bit per bin tells which are in use. A large node finds the bits
 * when it is counted; a small one sets them row by row.
 *
 * With more classes a large node counts classes per bin in 32 bits; a small one
 * chains its rows from the bins and moves them one by one.
 *
 * Cost: m steps per feature for m rows, and as many cuts as there are bins in use.
 * Memory: 2 KiB per feature and pass, or 1 KiB per class.
 */
#include "classifier/histogram.h"

#include <stdlib.h>
#include <string.h>

#include "classifier/sweep.h"

/* Features that are counted in one pass: their bins fill half of a first cache. */
#define GROUP 4

/* Nodes of fewer rows set bits row by row: about what looking at 256 bins costs. */
#define MARKED_ROWS 128

/* Nodes of fewer rows than bins x this chain their rows: then most counts would be zero. */
#define CHAINED_SHARE 2

/* Rows from one that is counted to one that is asked for: large nodes lie in far memory. */
#define AHEAD 24

#define MAP_WORDS (BINS / 64)
#define CHAIN_END UINT32_MAX

/* One bit per bin. */
typedef struct {
	uint64_t words[MAP_WORDS];
} map_t;

struct histogram {
	const bins_t *bins;
	size_t classes;
	const double *weights;
	int64_t min_leaf;
	uint64_t *pairs;    /* GROUP x BINS, zero between searches; two classes only */
	uint32_t *counts;   /* BINS x classes, zero between searches; more classes only */
	uint32_t *next;     /* per row of a node: the next in the chain of its bin */
	int64_t *sides;     /* of the two sides_t */
};

histogram_t *histogram_create(const bins_t *bins, size_t classes, const double *weights,
                              uint32_t min_leaf)
{
	histogram_t *histogram = calloc(1, sizeof(*histogram));
	if (histogram == NULL) {
		return NULL;
	}
	*histogram = (histogram_t) {
		.bins = bins, .classes = classes, .weights = weights, .min_leaf = min_leaf,
		.pairs = calloc(GROUP * BINS, sizeof(*histogram->pairs)),
		.counts = calloc(BINS * classes, sizeof(*histogram->counts)),
		.next = calloc(BINS * CHAINED_SHARE, sizeof(*histogram->next)),
		.sides = calloc(4 * classes, sizeof(*histogram->sides)),
	};
	if (histogram->pairs == NULL || histogram->counts == NULL || histogram->next == NULL ||
	    histogram->sides == NULL) {
		histogram_destroy(histogram);
		return NULL;
	}
	return histogram;
}

void histogram_destroy(histogram_t *histogram)
{
	if (histogram != NULL) {
		free(histogram->pairs);
		free(histogram->counts);
		free(histogram->next);
		free(histogram->sides);
		free(histogram);
	}
}

static inline void map_set(map_t *map, size_t bin)
{
	map->words[bin / 64] |= UINT64_C(1) << bin % 64;
}

/* Takes a bin out of the map; false if it was not there. */
static bool map_take(map_t *map, size_t bin)
{
	if (bin == BINS || (map->words[bin / 64] >> bin % 64 & 1) == 0) {
		return false;
	}
	map->words[bin / 64] &= ~(UINT64_C(1) << bin % 64);
	return true;
}

static inline uint64_t pair_make(uint32_t class_index, uint32_t weight)
{
	return weight * (UINT64_C(1) << 32 | class_index);
}

static inline int64_t pair_weight(uint64_t pair)
{
	return (int64_t)(pair >> 32);
}

/* A side's share of the score. */
static inline double pair_score(uint64_t pair, const double *weights)
{
	int64_t weight = pair_weight(pair), one = (uint32_t)pair, zero = weight - one;
	if (weights != NULL) {
		return side_weigh((int64_t[]) { zero, one }, weights, 2);
	}
	return (double)(zero * zero + one * one) / (double)weight;
}

/* Counts rows into the bins of `group` features; inlined, so that the inner loop has no end. */
static inline __attribute__((always_inline))
void count_pairs(histogram_t *histogram, const uint32_t *features, size_t group,
                 const node_row_t *rows, size_t count, map_t *maps, bool mark)
{
	const bins_t *bins = histogram->bins;
	uint64_t *pairs = histogram->pairs;
	for (size_t i = 0; i < count; i++) {
		const uint8_t *row = bins->matrix + rows[i].row * bins->features;
		if (!mark) {
			size_t ahead = i + AHEAD < count ? i + AHEAD : i;
			__builtin_prefetch(bins->matrix + rows[ahead].row * bins->features);
		}
		uint64_t pair = pair_make(item_class(rows[i].item), item_weight(rows[i].item));
		#pragma GCC unroll 4
		for (size_t j = 0; j < group; j++) {
			size_t bin = row[features[j]];
			pairs[j * BINS + bin] += pair;
			if (mark) {
				map_set(&maps[j], bin);
			}
		}
	}
}

/* Offers a cut above `rank` with `left` of `total` on its left side. */
static inline void offer_pair(const histogram_t *histogram, uint64_t left, uint64_t total,
                              uint32_t feature, uint32_t rank, uint32_t next, bool missing_right,
                              split_t *best)
{
	double score = pair_score(left, histogram->weights) +
	               pair_score(total - left, histogram->weights);
	split_offer(best, score, feature, histogram->bins->lows + feature * BINS,
	            histogram->bins->highs + feature * BINS, rank, next, missing_right);
}

static inline bool is_allowed(uint64_t left, uint64_t total, int64_t min_leaf)
{
	return pair_weight(left) >= min_leaf && pair_weight(total - left) >= min_leaf;
}

/* Sweeps the bins of one feature and leaves them zero; the sweep of sweep.h for two classes. */
static bool sweep_pairs(histogram_t *histogram, uint32_t feature, uint64_t *pairs, map_t *map,
                        uint64_t total, split_t *best)
{
	int64_t min_leaf = histogram->min_leaf;
	uint32_t missing_bin = histogram->bins->missing[feature], rank = UINT32_MAX;
	uint64_t missing = 0, left = 0;
	bool found = false;
	if (map_take(map, missing_bin)) {
		missing = pairs[missing_bin];
		pairs[missing_bin] = 0;
	}
	for (size_t word = 0; word < MAP_WORDS; word++) {
		for (uint64_t bits = map->words[word]; bits != 0; bits &= bits - 1) {
			uint32_t bin = (uint32_t)(word * 64 + (size_t)__builtin_ctzll(bits));
			if (missing != 0 && left != 0 && is_allowed(left + missing, total, min_leaf)) {
				offer_pair(histogram, left + missing, total, feature, rank, bin, false, best);
				found = true;
			}
			if (left != 0 && is_allowed(left, total, min_leaf)) {
				bool right = missing != 0 || pair_weight(total - left) > pair_weight(left);
				offer_pair(histogram, left, total, feature, rank, bin, right, best);
				found = true;
			}
			left += pairs[bin];
			pairs[bin] = 0;
			rank = bin;
		}
	}
	if (missing != 0 && left != 0 && is_allowed(left, total, min_leaf)) {
		offer_pair(histogram, left, total, feature, rank, UINT32_MAX, true, best);
		found = true;
	}
	return found;
}

static void map_find(map_t *map, const uint64_t *pairs)
{
	for (size_t bin = 0; bin < BINS; bin++) {
		map->words[bin / 64] |= (uint64_t)(pairs[bin] != 0) << bin % 64;
	}
}

static bool search_pairs(histogram_t *histogram, const uint32_t *features, size_t group,
                         const node_row_t *rows, size_t count, const int64_t *totals,
                         split_t *best)
{
	map_t maps[GROUP] = { { { 0 } } };
	bool mark = count < MARKED_ROWS, found = false;
	if (group == GROUP && mark) {
		count_pairs(histogram, features, GROUP, rows, count, maps, true);
	} else if (group == GROUP) {
		count_pairs(histogram, features, GROUP, rows, count, maps, false);
	} else {
		count_pairs(histogram, features, group, rows, count, maps, mark);
	}
	uint64_t total = (uint64_t)(totals[0] + totals[1]) << 32 | (uint64_t)totals[1];
	for (size_t i = 0; i < group; i++) {
		uint64_t *pairs = histogram->pairs + i * BINS;
		if (!mark) {
			map_find(&maps[i], pairs);
		}
		found |= sweep_pairs(histogram, features[i], pairs, &maps[i], total, best);
	}
	return found;
}

/* Bins in use, from which the rows are reached. */
typedef struct {
	map_t map;
	uint32_t heads[BINS];  /* undefined where the map has no bit */
} chains_t;

/* Chains the rows of each bin. */
static void chain_rows(histogram_t *histogram, uint32_t feature, const node_row_t *rows,
                       size_t count, chains_t *chains)
{
	const bins_t *bins = histogram->bins;
	for (size_t i = 0; i < count; i++) {
		size_t bin = bins->matrix[rows[i].row * bins->features + feature];
		bool used = (chains->map.words[bin / 64] >> bin % 64 & 1) != 0;
		histogram->next[i] = used ? chains->heads[bin] : CHAIN_END;
		chains->heads[bin] = (uint32_t)i;
		map_set(&chains->map, bin);
	}
}

static void count_rows(histogram_t *histogram, uint32_t feature, const node_row_t *rows,
                       size_t count, map_t *map)
{
	const bins_t *bins = histogram->bins;
	size_t classes = histogram->classes;
	for (size_t i = 0; i < count; i++) {
		size_t bin = bins->matrix[rows[i].row * bins->features + feature];
		histogram->counts[bin * classes + item_class(rows[i].item)] += item_weight(rows[i].item);
		map_set(map, bin);
	}
}

/* Moves the rows of a bin, chained or counted, to the left or to the missing ones. */
static void move_bin(histogram_t *histogram, const chains_t *chains, const node_row_t *rows,
                     size_t bin, sweep_t *sweep, void (*move)(sweep_t *, uint32_t, int64_t))
{
	if (rows != NULL) {
		for (uint32_t at = chains->heads[bin]; at != CHAIN_END; at = histogram->next[at]) {
			move(sweep, item_class(rows[at].item), item_weight(rows[at].item));
		}
		return;
	}
	uint32_t *counts = histogram->counts + bin * histogram->classes;
	for (size_t i = 0; i < histogram->classes; i++) {
		if (counts[i] != 0) {
			move(sweep, (uint32_t)i, counts[i]);
			counts[i] = 0;
		}
	}
}

static bool search_classes(histogram_t *histogram, uint32_t feature, const node_row_t *rows,
                           size_t count, const int64_t *totals, split_t *best)
{
	sweep_t sweep = {
		.feature = feature, .best = best, .weights = histogram->weights,
		.lows = histogram->bins->lows + feature * BINS,
		.highs = histogram->bins->highs + feature * BINS,
		.classes = histogram->classes, .min_leaf = histogram->min_leaf,
	};
	chains_t chains;
	memset(&chains.map, 0, sizeof(chains.map));
	if (count < BINS * CHAINED_SHARE) {
		chain_rows(histogram, feature, rows, count, &chains);
	} else {
		count_rows(histogram, feature, rows, count, &chains.map);
		rows = NULL;
	}
	sweep_begin(&sweep, histogram->sides, totals);
	uint32_t missing = histogram->bins->missing[feature], rank = UINT32_MAX;
	if (map_take(&chains.map, missing)) {
		move_bin(histogram, &chains, rows, missing, &sweep, sweep_miss);
	}
	for (size_t word = 0; word < MAP_WORDS; word++) {
		for (uint64_t bits = chains.map.words[word]; bits != 0; bits &= bits - 1) {
			uint32_t bin = (uint32_t)(word * 64 + (size_t)__builtin_ctzll(bits));
			if (rank != UINT32_MAX) {
				sweep_cut(&sweep, rank, bin);
			}
			move_bin(histogram, &chains, rows, bin, &sweep, sweep_move);
			rank = bin;
		}
	}
	if (rank != UINT32_MAX) {
		sweep_end(&sweep, rank);
	}
	return sweep.found;
}

bool histogram_search(histogram_t *histogram, const uint32_t *features, size_t feature_count,
                      const node_row_t *rows, size_t count, const int64_t *totals, split_t *best)
{
	bool found = false;
	if (histogram->classes == 2) {
		for (size_t i = 0; i < feature_count; i += GROUP) {
			size_t group = feature_count - i < GROUP ? feature_count - i : GROUP;
			found |= search_pairs(histogram, features + i, group, rows, count, totals, best);
		}
		return found;
	}
	for (size_t i = 0; i < feature_count; i++) {
		found |= search_classes(histogram, features[i], rows, count, totals, best);
	}
	return found;
}
