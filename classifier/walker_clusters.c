/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Through clusters of splits (clusters.h): all splits of a cluster are answered at once.
 *
 * A prepared row is one cache line, a word for each feature. AVX-512 picks the words that
 * a cluster's splits ask for out of the row in a register, compares them with the
 * thresholds, and compares the answers with what each exit wants: some ten instructions
 * for the four to seven levels of a tree that a cluster takes a row down.
 *
 * Walks stand in a queue and are independent, so the processor has several under way.
 * Each is written to the queue's next place behind its step, which it takes only if it
 * goes on: no branch depends on the way.
 *
 * Measured on a forest of 100 thousand rows: twice the rows of walker_steps.c in the same
 * time on AMD's Zen 5; `make bench` tells for other machines.
 */
#include <math.h>
#include <string.h>

#include "classifier/clusters.h"
#include "classifier/forest_walk.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define HAVE_AVX512
#include <immintrin.h>
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,bmi,bmi2,popcnt")))
#endif

/* Words of a row: one cache line. */
#define ROW_WORDS CLUSTER_FEATURES_MAX

/* Bytes of a cache line. */
#define LINE 64

static bool create(const forest_t *forest, const forest_cuts_t *cuts, size_t threads, void **form)
{
	clusters_t *clusters;
	bool good = clusters_create(forest, cuts, threads, &clusters);
	*form = clusters;
	return good;
}

static size_t row_words(const forest_t *forest)
{
	(void)forest;
	return ROW_WORDS;
}

static void put(const forest_t *forest, size_t feature, size_t first, size_t count,
                const double *values, const uint32_t *ranks, uint16_t *prepared)
{
	uint16_t *word = prepared + first * ROW_WORDS + feature;
	for (size_t i = 0; i < count; i++, word += ROW_WORDS) {
		*word = isnan(values[i * forest->features]) ? CLUSTER_MISSING : (uint16_t)ranks[i];
	}
}

static void prepare(const forest_t *forest, const double *block, size_t rows, uint16_t *prepared)
{
	/* Words of features that there are not are read, and not used. */
	memset(prepared, 0, rows * ROW_WORDS * sizeof(*prepared));
	forest_rank(forest, block, rows, put, prepared);
}

static void fetch(const forest_t *forest, size_t tree)
{
	const clusters_t *clusters = forest->form;
	const char *from = (const char *)&clusters->clusters[clusters->starts[tree]];
	const char *to = (const char *)&clusters->clusters[clusters->starts[tree + 1]];
	for (; from < to; from += LINE) {
		__builtin_prefetch(from, 0, 2);
	}
}

/* The queue of walks: the cluster that each is at, and its number. */
typedef struct {
	uint32_t cluster[WALKS_MAX];
	uint32_t number[WALKS_MAX];
} queue_t;

static void queue_fill(queue_t *queue, const clusters_t *clusters, const uint32_t *places,
                       size_t count)
{
	for (size_t i = 0; i < count; i++) {
		queue->cluster[i] = (uint32_t)clusters->starts[places[i]];
		queue->number[i] = (uint32_t)i;
	}
}

/*
 * One step of all walks in the queue; returns how many go on. EXIT_OF(cluster, row) is the
 * exit that a row takes. A macro, as the two walkers are compiled for different machines.
 */
#define STEP_ALL(EXIT_OF) \
	size_t left = 0; \
	for (size_t i = 0; i < count; i++) { \
		const cluster_t *cluster = &clusters->clusters[queue->cluster[i]]; \
		uint32_t number = queue->number[i], mask = cluster->to_cluster; \
		unsigned exit = EXIT_OF(cluster, prepared + rows[number] * ROW_WORDS); \
		unsigned before = (unsigned)__builtin_popcount(mask & ((1u << exit) - 1)); \
		places[number] = clusters->leaves[cluster->leaf + exit - before]; \
		queue->cluster[left] = cluster->child + before; \
		queue->number[left] = number; \
		left += mask >> exit & 1; \
	} \
	return left;

static inline unsigned exit_plain(const cluster_t *cluster, const uint16_t *row)
{
	unsigned answers = 0, exit = 0;
	for (unsigned i = 0; i < CLUSTER_SPLITS; i++) {
		uint16_t threshold = cluster->threshold[i];
		uint16_t word = row[cluster->feature[i]] ^ (threshold & CLUSTER_MISSING);
		answers |= (unsigned)(word > threshold) << i;
	}
	while (((answers ^ cluster->want[exit]) & cluster->care[exit]) != 0) {
		exit++;
	}
	return exit;
}

static size_t step_plain(const clusters_t *clusters, queue_t *queue, const uint16_t *prepared,
                         const uint32_t *rows, uint32_t *places, size_t count)
{
	STEP_ALL(exit_plain)
}

static void walk_plain(const forest_t *forest, const uint16_t *prepared, const uint32_t *rows,
                       uint32_t *places, size_t count)
{
	queue_t queue;
	queue_fill(&queue, forest->form, places, count);
	while (count > 0) {
		count = step_plain(forest->form, &queue, prepared, rows, places, count);
	}
}

static bool always(void)
{
	return true;
}

#ifdef HAVE_AVX512
static bool has_avx512(void)
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi") &&
	       __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
}

AVX512 static inline unsigned exit_avx512(const cluster_t *cluster, const uint16_t *row)
{
	__m128i features = _mm_load_si128((const __m128i *)cluster->feature);
	__m256i thresholds = _mm256_load_si256((const __m256i *)cluster->threshold);
	__m512i words = _mm512_permutexvar_epi16(
		_mm512_castsi256_si512(_mm256_cvtepu8_epi16(features)), _mm512_load_si512(row));
	__m256i missing = _mm256_and_si256(thresholds, _mm256_set1_epi16((short)CLUSTER_MISSING));
	__mmask16 answers = _mm256_cmpgt_epu16_mask(
		_mm256_xor_si256(_mm512_castsi512_si256(words), missing), thresholds);
	__m256i wrong = _mm256_xor_si256(_mm256_set1_epi16((short)answers),
	                                 _mm256_load_si256((const __m256i *)cluster->want));
	__mmask16 exits = _mm256_testn_epi16_mask(wrong,
	                                          _mm256_load_si256((const __m256i *)cluster->care));
	return (unsigned)__builtin_ctz(exits);
}

AVX512 static size_t step_avx512(const clusters_t *clusters, queue_t *queue,
                                 const uint16_t *prepared, const uint32_t *rows,
                                 uint32_t *places, size_t count)
{
	STEP_ALL(exit_avx512)
}

static void walk_avx512(const forest_t *forest, const uint16_t *prepared, const uint32_t *rows,
                        uint32_t *places, size_t count)
{
	queue_t queue;
	queue_fill(&queue, forest->form, places, count);
	while (count > 0) {
		count = step_avx512(forest->form, &queue, prepared, rows, places, count);
	}
}
#else
#define has_avx512 never
#define walk_avx512 walk_plain

static bool never(void)
{
	return false;
}
#endif

const walker_t walker_clusters = {
	.name = "clusters, AVX-512",
	.is_available = has_avx512,
	.create = create,
	.destroy = clusters_destroy,
	.row_words = row_words,
	.prepare = prepare,
	.walk = walk_avx512,
	.fetch = fetch,
};

const walker_t walker_clusters_plain = {
	.name = "clusters, plain C",
	.is_available = always,
	.create = create,
	.destroy = clusters_destroy,
	.row_words = row_words,
	.prepare = prepare,
	.walk = walk_plain,
};
