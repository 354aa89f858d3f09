/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random variables from exact arithmetic.
 *
 * log: x = m * 2^e with m in [sqrt(1/2), sqrt(2)), then the series of
 * 2 atanh(z) with z = (m - 1) / (m + 1), |z| < 0.172: 12 terms leave 1e-19.
 * exp: x = k ln 2 + r with |r| < 0.35, then Taylor: 16 terms leave 1e-21.
 * Gamma: G. Marsaglia, W. W. Tsang: A simple method for generating gamma
 * variables, ACM TOMS 26(3), 2000; shapes below 1 by their section 6.
 */
#include "simulator/draw.h"

#include <math.h>

#define LN2 0.693147180559945309
#define SQRT_HALF 0.707106781186547524
#define LOG_TERMS 12
#define EXP_TERMS 16

/* A Poisson number of a larger mean is a sum of such ones of this mean. */
#define POISSON_PART 32.0

/* What the series divide by: constants, so that no division is left to the run. */
static const double log_factors[LOG_TERMS + 1] = {
	1.0, 1.0 / 3, 1.0 / 5, 1.0 / 7, 1.0 / 9, 1.0 / 11, 1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19,
	1.0 / 21, 1.0 / 23, 1.0 / 25,
};
static const double exp_factors[EXP_TERMS + 1] = {
	1.0, 1.0, 1.0 / 2, 1.0 / 3, 1.0 / 4, 1.0 / 5, 1.0 / 6, 1.0 / 7, 1.0 / 8, 1.0 / 9, 1.0 / 10,
	1.0 / 11, 1.0 / 12, 1.0 / 13, 1.0 / 14, 1.0 / 15, 1.0 / 16,
};

double draw_log(double x)
{
	int exponent;
	double m = frexp(x, &exponent);
	if (m < SQRT_HALF) {
		m *= 2;
		exponent--;
	}
	double z = (m - 1) / (m + 1), square = z * z, sum = 0;
	for (int i = LOG_TERMS; i >= 0; i--) {
		sum = sum * square + log_factors[i];
	}
	return exponent * LN2 + 2 * z * sum;
}

double draw_exp(double x)
{
	double k = floor(x / LN2 + 0.5), r = x - k * LN2, sum = 1;
	for (int i = EXP_TERMS; i >= 1; i--) {
		sum = 1 + sum * (r * exp_factors[i]);
	}
	return ldexp(sum, (int)k);
}

double draw_power(double base, double exponent)
{
	return draw_exp(exponent * draw_log(base));
}

double draw_normal(generator_t *generator)
{
	double x, y, square;
	do {
		x = 2 * generator_uniform(generator) - 1;
		y = 2 * generator_uniform(generator) - 1;
		square = x * x + y * y;
	} while (square >= 1 || square == 0);
	return x * sqrt(-2 * draw_log(square) / square);
}

double draw_exponential(generator_t *generator)
{
	/* The uniform number is below 1, so the logarithm is finite. */
	return -draw_log(1 - generator_uniform(generator));
}

double draw_log_normal(generator_t *generator, double median, double sigma)
{
	return median * draw_exp(sigma * draw_normal(generator));
}

double draw_share(generator_t *generator, double mean, double deviation)
{
	double share = mean + deviation * draw_normal(generator);
	return share < 0 ? 0 : share > 1 ? 1 : share;
}

/* Poisson of a mean that e to its negative is far from 0: uniform numbers are multiplied
 * until that is reached (Knuth, TAOCP 2, section 3.4.1). */
static uint64_t draw_poisson_part(generator_t *generator, double mean)
{
	uint64_t count = 0;
	double product = 1 - generator_uniform(generator);
	/* e to the power -m is at least 1 - m: mostly it need not be known. */
	if (product <= 1 - mean) {
		return 0;
	}
	for (double end = draw_exp(-mean); product > end; count++) {
		product *= 1 - generator_uniform(generator);
	}
	return count;
}

uint64_t draw_poisson(generator_t *generator, double mean)
{
	uint64_t count = 0;
	for (; mean > POISSON_PART; mean -= POISSON_PART) {
		count += draw_poisson_part(generator, POISSON_PART);
	}
	return count + draw_poisson_part(generator, mean);
}

uint64_t draw_geometric(generator_t *generator, double mean)
{
	if (mean <= 0) {
		return 0;
	}
	/* The whole part of an exponential is geometric. */
	return (uint64_t)(draw_exponential(generator) / draw_log(1 + 1 / mean));
}

static double draw_gamma(generator_t *generator, double shape)
{
	if (shape < 1) {
		double uniform = 1 - generator_uniform(generator);
		return draw_gamma(generator, shape + 1) * draw_power(uniform, 1 / shape);
	}
	double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
	for (;;) {
		double x = draw_normal(generator), v = 1 + c * x;
		if (v <= 0) {
			continue;
		}
		v = v * v * v;
		if (draw_log(1 - generator_uniform(generator)) < x * x / 2 + d - d * v + d * draw_log(v)) {
			return d * v;
		}
	}
}

void draw_dirichlet(generator_t *generator, const double *profile, size_t count,
                    double concentration, double *shares)
{
	double weight = 0, sum = 0;
	for (size_t i = 0; i < count; i++) {
		weight += profile[i];
	}
	for (size_t i = 0; i < count; i++) {
		double shape = concentration * profile[i] / weight;
		/* Below that, 1/shape would leave the range of draw_exp(). */
		shares[i] = shape > 0.01 ? draw_gamma(generator, shape) : 0;
		sum += shares[i];
	}
	for (size_t i = 0; i < count; i++) {
		shares[i] = sum > 0 ? shares[i] / sum : profile[i] / weight;
	}
}

size_t draw_choice(generator_t *generator, const double *cumulative, size_t count)
{
	double at = generator_uniform(generator) * cumulative[count - 1];
	size_t low = 0, high = count - 1;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (at < cumulative[middle]) {
			high = middle;
		} else {
			low = middle + 1;
		}
	}
	return low;
}
