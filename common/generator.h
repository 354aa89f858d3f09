/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Seeded generator of random numbers: the same seed gives the same numbers everywhere.
 *
 * xoshiro256** (D. Blackman, S. Vigna: Scrambled linear pseudorandom number
 * generators, ACM TOMS 47(4), 2021), its state filled by SplitMix64 from a seed
 * and a stream number. Work that is split over threads takes one stream per
 * unit (per tree, per originator), never per thread. Not for secrets.
 *
 * generator_normal() and generator_exponential() go through the machine's log(),
 * whose last bit may differ between C libraries; the others are the same everywhere.
 */
#pragma once

#include <stdint.h>

/*! State; copy it to fork a sequence. Not thread-safe: one owner at a time. */
typedef struct {
	uint64_t state[4];
} generator_t;

/*!
 * Makes a generator.
 *
 * \param seed    Seed of the whole run.
 * \param stream  Number of the unit of work; streams of one seed are independent.
 */
generator_t generator_make(uint64_t seed, uint64_t stream);

/*! Next 64 random bits. */
uint64_t generator_next(generator_t *generator);

/*! Uniform integer in [0, bound); \a bound must not be 0. Without bias (Lemire, 2019). */
uint64_t generator_below(generator_t *generator, uint64_t bound);

/*! Uniform in [0, 1) with 53 random bits. */
double generator_uniform(generator_t *generator);

/*! Standard normal (polar method of Marsaglia). */
double generator_normal(generator_t *generator);

/*! Exponential with mean 1. */
double generator_exponential(generator_t *generator);
