/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xoshiro256** seeded by SplitMix64, and the distributions on top of it. */
#include "common/generator.h"

#include <math.h>

static uint64_t split_mix(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static inline uint64_t rotate(uint64_t x, int bits)
{
	return (x << bits) | (x >> (64 - bits));
}

generator_t generator_make(uint64_t seed, uint64_t stream)
{
	/* The stream is scrambled before it meets the seed, so (1, 2) and (2, 1) differ. */
	uint64_t state = seed ^ split_mix(&stream);
	generator_t generator;
	for (int i = 0; i < 4; i++) {
		generator.state[i] = split_mix(&state);
	}
	return generator;
}

uint64_t generator_next(generator_t *generator)
{
	uint64_t *s = generator->state;
	uint64_t result = rotate(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

uint64_t generator_below(generator_t *generator, uint64_t bound)
{
	unsigned __int128 product = (unsigned __int128)generator_next(generator) * bound;
	if ((uint64_t)product < bound) {
		uint64_t threshold = -bound % bound;
		while ((uint64_t)product < threshold) {
			product = (unsigned __int128)generator_next(generator) * bound;
		}
	}
	return (uint64_t)(product >> 64);
}

double generator_uniform(generator_t *generator)
{
	return (double)(generator_next(generator) >> 11) * 0x1p-53;
}

double generator_normal(generator_t *generator)
{
	double x, y, square;
	do {
		x = 2 * generator_uniform(generator) - 1;
		y = 2 * generator_uniform(generator) - 1;
		square = x * x + y * y;
	} while (square >= 1 || square == 0);
	return x * sqrt(-2 * log(square) / square);
}

double generator_exponential(generator_t *generator)
{
	return -log1p(-generator_uniform(generator));
}
