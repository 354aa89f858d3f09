/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Estimates; names as in Ertl's paper. */
#include "sensor/distinct.h"

#include <math.h>

/* Sum over k of x^(2^k) * 2^(k-1): what registers of zero stand for. */
static double sigma(double x)
{
	double y = 1, sum = x, before;
	do {
		x *= x;
		before = sum;
		sum += x * y;
		y += y;
	} while (sum != before);
	return sum;
}

/* The same for registers at the highest rank. */
static double tau(double x)
{
	double y = 1, sum = 1 - x, before;
	do {
		x = sqrt(x);
		before = sum;
		y *= 0.5;
		sum -= (1 - x) * (1 - x) * y;
	} while (sum != before);
	return sum / 3;
}

uint64_t distinct_estimate(const uint64_t words[DISTINCT_WORDS])
{
	const double m = DISTINCT_REGISTERS;
	unsigned counts[DISTINCT_RANK_MAX + 1] = { 0 };
	for (unsigned i = 0; i < DISTINCT_REGISTERS; i++) {
		unsigned shift = i % DISTINCT_PER_WORD * DISTINCT_BITS;
		counts[words[i / DISTINCT_PER_WORD] >> shift & DISTINCT_RANK_MAX]++;
	}
	if (counts[0] == DISTINCT_REGISTERS) {
		return 0;
	}
	unsigned top = counts[DISTINCT_RANK_MAX];
	/* At 0 and 1 tau is 0. */
	double z = top == 0 || top == DISTINCT_REGISTERS ? 0 : m * tau(1 - top / m);
	for (unsigned k = DISTINCT_RANK_MAX - 1; k >= 1; k--) {
		z = 0.5 * (z + counts[k]);
	}
	z += m * sigma(counts[0] / m);
	/* All registers at the highest rank: there is no more to tell. */
	double most = ldexp(m, DISTINCT_RANK_MAX);
	double estimate = z > 0 ? m * m / (2 * log(2) * z) : most;
	return (uint64_t)(fmin(estimate, most) + 0.5);
}
