/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ways to walk; what a step is, is in forest_walk.c.
 *
 * Walks that have not arrived lie side by side in lanes. All of them take a few
 * steps; then those that are in a leaf are weeded out, without a branch, by writing
 * each walk to the next free lane and taking that lane only if the walk goes on:
 *
 *     lanes    a  b  c  d  e            b and d are in leaves
 *     then     a  c  e
 *
 * Plain C relies on the processor to overlap the loads of neighbouring lanes, of
 * which it has four at hand in registers. AVX-512 gathers sixteen nodes and ranks
 * with one instruction each.
 */
#include "classifier/forest_walk.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define HAVE_GATHER
#include <immintrin.h>
#endif

/* Steps to the first weeding, as leaves near the root are few, and from one to the next. */
#define STRIDE_FIRST 8
#define STRIDE 4

/* How many more walks than there are a way may take. */
#define ABREAST 32

static inline uint32_t step(const forest_step_t *steps, const uint16_t *ranks, uint32_t at)
{
	const forest_step_t *here = &steps[at];
	return here->child + (ranks[here->slot] > here->rank);
}

static bool always(void)
{
	return true;
}

/* Walks that have not arrived, side by side; up to ABREAST more may be walked for nothing. */
typedef struct {
	uint32_t at[WALKS_MAX + ABREAST];
	uint32_t offset[WALKS_MAX + ABREAST];
	uint32_t number[WALKS_MAX + ABREAST];
} lanes_t;

static void lanes_fill(lanes_t *lanes, const uint32_t *offsets, const uint32_t *at, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		lanes->at[i] = at[i];
		lanes->offset[i] = offsets[i];
		lanes->number[i] = (uint32_t)i;
	}
	for (size_t i = count; i < count + ABREAST; i++) {
		lanes->at[i] = at[0];
		lanes->offset[i] = offsets[0];
		lanes->number[i] = 0;
	}
}

/* Notes where the walks are and weeds out those that have arrived; returns how many go on. */
static size_t lanes_weed(lanes_t *lanes, const forest_step_t *steps, uint32_t *at, size_t count)
{
	size_t left = 0;
	for (size_t i = 0; i < count; i++) {
		uint32_t here = lanes->at[i], offset = lanes->offset[i], number = lanes->number[i];
		at[number] = here;
		lanes->at[left] = here;
		lanes->offset[left] = offset;
		lanes->number[left] = number;
		left += steps[here].slot != 0;
	}
	return left;
}

static void walk_plain(const forest_step_t *steps, const uint16_t *ranks,
                       const uint32_t *offsets, uint32_t *at, size_t count)
{
	lanes_t lanes;
	lanes_fill(&lanes, offsets, at, count);
	for (size_t stride = STRIDE_FIRST; count > 0; stride = STRIDE) {
		for (size_t i = 0; i < count; i += 4) {
			uint32_t *here = lanes.at + i;
			const uint32_t *offset = lanes.offset + i;
			uint32_t a = here[0], b = here[1], c = here[2], d = here[3];
			for (size_t j = 0; j < stride; j++) {
				a = step(steps, ranks + offset[0], a);
				b = step(steps, ranks + offset[1], b);
				c = step(steps, ranks + offset[2], c);
				d = step(steps, ranks + offset[3], d);
			}
			here[0] = a;
			here[1] = b;
			here[2] = c;
			here[3] = d;
		}
		count = lanes_weed(&lanes, steps, at, count);
	}
}

#ifdef HAVE_GATHER
static bool has_avx512(void)
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("avx512f");
}

/* Where sixteen walks go: their nodes, their ranks and what follows from them, at once. */
static inline __attribute__((always_inline, target("avx512f")))
__m512i step_sixteen(const forest_step_t *steps, const uint16_t *ranks, __m512i offsets,
                     __m512i at)
{
	const __m512i even = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4,
	                                      2, 0);
	const __m512i low = _mm512_set1_epi32(0xffff), one = _mm512_set1_epi32(1);
	__m512i a = _mm512_i32gather_epi64(_mm512_castsi512_si256(at), steps, 8);
	__m512i b = _mm512_i32gather_epi64(_mm512_extracti64x4_epi64(at, 1), steps, 8);
	__m512i child = _mm512_permutex2var_epi32(a, even, b);
	__m512i rest = _mm512_permutex2var_epi32(a, _mm512_add_epi32(even, one), b);
	__m512i slots = _mm512_add_epi32(offsets, _mm512_srli_epi32(rest, 16));
	__m512i values = _mm512_and_si512(_mm512_i32gather_epi32(slots, ranks, 2), low);
	__mmask16 right = _mm512_cmpgt_epu32_mask(values, _mm512_and_si512(rest, low));
	return _mm512_mask_add_epi32(child, right, child, one);
}

__attribute__((target("avx512f")))
static void walk_avx512(const forest_step_t *steps, const uint16_t *ranks,
                        const uint32_t *offsets, uint32_t *at, size_t count)
{
	lanes_t lanes;
	lanes_fill(&lanes, offsets, at, count);
	for (size_t stride = STRIDE_FIRST; count > 0; stride = STRIDE) {
		size_t left = 0;
		for (size_t i = 0; i < count; i += 32) {
			__m512i here[2], offset[2], number[2];
			for (size_t j = 0; j < 2; j++) {
				here[j] = _mm512_loadu_si512(lanes.at + i + 16 * j);
				offset[j] = _mm512_loadu_si512(lanes.offset + i + 16 * j);
				number[j] = _mm512_loadu_si512(lanes.number + i + 16 * j);
			}
			for (size_t j = 0; j < stride; j++) {
				here[0] = step_sixteen(steps, ranks, offset[0], here[0]);
				here[1] = step_sixteen(steps, ranks, offset[1], here[1]);
			}
			for (size_t j = 0; j < 2 && i + 16 * j < count; j++) {
				size_t more = count - i - 16 * j;
				__mmask16 all = more >= 16 ? 0xffff : (__mmask16)((1u << more) - 1);
				__m512i rest = _mm512_i32gather_epi32(here[j], (const int *)steps + 1, 8);
				__mmask16 go = _mm512_mask_cmpgt_epu32_mask(all, rest, _mm512_set1_epi32(0xffff));
				_mm512_mask_i32scatter_epi32(at, all & ~go, number[j], here[j], 4);
				_mm512_storeu_si512(lanes.at + left, _mm512_maskz_compress_epi32(go, here[j]));
				_mm512_storeu_si512(lanes.offset + left,
				                    _mm512_maskz_compress_epi32(go, offset[j]));
				_mm512_storeu_si512(lanes.number + left,
				                    _mm512_maskz_compress_epi32(go, number[j]));
				left += (size_t)__builtin_popcount(go);
			}
		}
		count = left;
	}
}
#endif

const walker_t walkers[] = {
	{ "plain C", always, walk_plain },
#ifdef HAVE_GATHER
	{ "AVX-512", has_avx512, walk_avx512 },
#endif
};

const size_t walker_count = sizeof(walkers) / sizeof(walkers[0]);

const walker_t *walker_best(void)
{
#ifdef HAVE_GATHER
	/* A prototype gathered 1.6 times as fast as it walked in plain C on a Xeon; on AMD's Zen 4
	 * the way above takes 1.2 times as long as plain C. bench_forest tells. */
	if (has_avx512() && __builtin_cpu_is("intel")) {
		return &walkers[1];
	}
#endif
	return &walkers[0];
}
