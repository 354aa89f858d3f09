/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact arithmetic held against the C library, distributions against their moments. */
#include "simulator/draw.h"
#include "tests/tap.h"

#define DRAWS 200000

static void test_functions(void)
{
	double worst_log = 0, worst_exp = 0;
	for (int i = -4000; i <= 4000; i++) {
		double x = i / 10.0 + 0.037;
		worst_exp = fmax(worst_exp, fabs(draw_exp(x) / exp(x) - 1));
		double y = exp(x);
		worst_log = fmax(worst_log, fabs(draw_log(y) - log(y)) / fmax(1, fabs(log(y))));
	}
	ok(worst_log < 1e-15, "logarithm within 1e-15 (%g)", worst_log);
	ok(worst_exp < 1e-13, "exponential within 1e-13 (%g)", worst_exp);
	is_near(draw_log(1), 0, 0, "log 1 is 0 exactly");
	is_near(draw_power(2, 10), 1024, 1e-10, "2 to the power 10");
	ok(draw_exp(-5000) == 0, "a far negative power is zero and no fault");
}

static void test_moments(void)
{
	generator_t generator = generator_make(42, 0);
	double normal = 0, square = 0, exponential = 0, log_normal = 0, poisson = 0, geometric = 0;
	for (int i = 0; i < DRAWS; i++) {
		double x = draw_normal(&generator);
		normal += x / DRAWS;
		square += x * x / DRAWS;
		exponential += draw_exponential(&generator) / DRAWS;
		log_normal += (draw_log_normal(&generator, 30, 1) < 30) / (double)DRAWS;
		poisson += (double)draw_poisson(&generator, 3.5) / DRAWS;
		geometric += (double)draw_geometric(&generator, 1.25) / DRAWS;
	}
	/* Margins are about five standard errors. */
	is_near(normal, 0, 0.012, "normal: mean");
	is_near(square, 1, 0.016, "normal: variance");
	is_near(exponential, 1, 0.012, "exponential: mean");
	is_near(log_normal, 0.5, 0.006, "log-normal: half lies below the median");
	is_near(poisson, 3.5, 0.021, "Poisson: mean");
	is_near(geometric, 1.25, 0.019, "geometric: mean");
	is_int(draw_geometric(&generator, 0), 0, "geometric of mean 0 is 0");
	is_int(draw_poisson(&generator, 0), 0, "Poisson of mean 0 is 0");
}

static void test_dirichlet(void)
{
	static const double profile[] = { 6, 3, 1, 0 };
	generator_t generator = generator_make(43, 0);
	double mean[4] = { 0 }, square = 0, worst = 0;
	for (int i = 0; i < DRAWS / 10; i++) {
		double shares[4], sum = 0;
		draw_dirichlet(&generator, profile, 4, 9, shares);
		for (int j = 0; j < 4; j++) {
			sum += shares[j];
			mean[j] += shares[j] / (DRAWS / 10.0);
		}
		square += (shares[0] - 0.6) * (shares[0] - 0.6) / (DRAWS / 10.0);
		worst = fmax(worst, fabs(sum - 1));
	}
	ok(worst < 1e-12, "Dirichlet: the shares sum to 1");
	is_near(mean[0], 0.6, 0.006, "Dirichlet: mean of the first share");
	is_near(mean[2], 0.1, 0.004, "Dirichlet: mean of the third share");
	ok(mean[3] == 0, "Dirichlet: no weight, no share");
	/* Variance of a share: m (1 - m) / (concentration + 1). */
	is_near(square, 0.024, 0.0015, "Dirichlet: variance of the first share");
}

static void test_choice(void)
{
	static const double cumulative[] = { 0, 2, 2, 5, 10 };
	generator_t generator = generator_make(44, 0);
	double counts[5] = { 0 };
	for (int i = 0; i < DRAWS; i++) {
		counts[draw_choice(&generator, cumulative, 5)] += 1.0 / DRAWS;
	}
	ok(counts[0] == 0 && counts[2] == 0, "choice: what has no weight never comes");
	is_near(counts[1], 0.2, 0.005, "choice: weight 2 of 10");
	is_near(counts[4], 0.5, 0.006, "choice: weight 5 of 10");
	double low = 1, high = 0;
	for (int i = 0; i < DRAWS; i++) {
		double share = draw_share(&generator, 0.5, 1);
		low = fmin(low, share);
		high = fmax(high, share);
	}
	ok(low == 0 && high == 1, "a share is cut to [0, 1]");
}

int main(void)
{
	test_functions();
	test_moments();
	test_dirichlet();
	test_choice();
	return tap_done();
}
