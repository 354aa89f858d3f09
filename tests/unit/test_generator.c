/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The generator: pinned numbers, a second implementation in 128-bit and bit
 * by bit arithmetic, bounds, and moments of the distributions.
 *
 * The margins of the moments are five standard errors or more; the seeds are
 * fixed, so the tests either always pass or always fail.
 */
#include "common/generator.h"
#include "tests/tap.h"

#define DRAWS 200000

typedef unsigned __int128 wide_t;

/* Rotation bit by bit. */
static uint64_t turn(uint64_t x, unsigned bits)
{
	uint64_t result = 0;
	for (unsigned i = 0; i < 64; i++) {
		result |= (x >> i & 1) << ((i + bits) % 64);
	}
	return result;
}

/* The i-th output (from 0) of SplitMix64: its state is a plain multiple, no loop is needed. */
static uint64_t split_mix_at(uint64_t seed, uint64_t i)
{
	uint64_t z = (uint64_t)((wide_t)seed + (wide_t)(i + 1) * 0x9e3779b97f4a7c15);
	z = (uint64_t)((wide_t)(z ^ z / (1u << 30)) * 0xbf58476d1ce4e5b9);
	z = (uint64_t)((wide_t)(z ^ z / (1u << 27)) * 0x94d049bb133111eb);
	return z ^ z / (1u << 31);
}

/* The linear step of xoshiro256, word by word from the old state. */
static void xoshiro_step(uint64_t s[4])
{
	uint64_t new[4] = {
		s[0] ^ s[1] ^ s[3],
		s[0] ^ s[1] ^ s[2],
		s[0] ^ s[2] ^ s[1] * (1u << 17),
		turn(s[1] ^ s[3], 45),
	};
	memcpy(s, new, sizeof(new));
}

static void test_split_mix_known(void)
{
	/* The first numbers of SplittableRandom and of Vigna's splitmix64.c for this seed. */
	ok(split_mix_at(1234567, 0) == UINT64_C(6457827717110365317) &&
	   split_mix_at(1234567, 1) == UINT64_C(3203168211198807973) &&
	   split_mix_at(1234567, 2) == UINT64_C(9817491932198370423),
	   "the test's SplitMix64 gives the known numbers of seed 1234567");
}

static void test_sequence(void)
{
	static const struct { uint64_t seed, stream; } cases[] = {
		{ 0, 0 }, { 1, 0 }, { 0, 1 }, { 1, 2 }, { 2, 1 }, { UINT64_MAX, UINT64_MAX },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t start = cases[i].seed ^ split_mix_at(cases[i].stream, 0), s[4];
		for (unsigned j = 0; j < 4; j++) {
			s[j] = split_mix_at(start, j);
		}
		generator_t generator = generator_make(cases[i].seed, cases[i].stream);
		int wrong = 0;
		for (int j = 0; j < 1000; j++) {
			uint64_t wanted = (uint64_t)((wide_t)turn((uint64_t)((wide_t)s[1] * 5), 7) * 9);
			wrong += generator_next(&generator) != wanted;
			xoshiro_step(s);
		}
		is_int(wrong, 0, "1000 numbers of seed %llu, stream %llu, computed another way",
		       (unsigned long long)cases[i].seed, (unsigned long long)cases[i].stream);
	}
}

/* Files that were made from a seed must be made again by later versions. */
static void test_pinned(void)
{
	static const uint64_t wanted[] = {
		0x5f147c977b052899,
		0x3beb7d2db94e1f5d,
		0x2263ee6c6d422ac7,
		0x27bc9820b49bdb7b,
	};
	generator_t generator = generator_make(1, 2), copy = generator;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		uint64_t got = generator_next(&generator);
		if (!ok(got == wanted[i], "number %zu of seed 1, stream 2", i)) {
			printf("# got 0x%016llx\n", (unsigned long long)got);
		}
	}
	ok(generator_next(&copy) == wanted[0], "a copy repeats the sequence");
}

static void test_streams(void)
{
	int same = 0;
	for (uint64_t stream = 0; stream < 1000; stream++) {
		generator_t a = generator_make(1, stream), b = generator_make(1, stream + 1);
		generator_t c = generator_make(stream, 1), d = generator_make(1, stream);
		same += generator_next(&a) == generator_next(&b);
		same += stream != 1 && generator_next(&c) == generator_next(&d);
	}
	is_int(same, 0, "neighbouring streams, and swapped seed and stream, differ");
}

static void test_below(void)
{
	static const uint64_t bounds[] = {
		1, 2, 3, 7, 10, 256, 1000003, UINT64_C(1) << 32, (UINT64_C(1) << 63) + 1, UINT64_MAX,
	};
	generator_t generator = generator_make(8, 0);
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		uint64_t bound = bounds[i], least = UINT64_MAX, most = 0;
		double sum = 0;
		for (int j = 0; j < DRAWS / 10; j++) {
			uint64_t draw = generator_below(&generator, bound);
			least = draw < least ? draw : least;
			most = draw > most ? draw : most;
			sum += (double)draw / (double)bound;
		}
		double mean = sum / (DRAWS / 10), wanted = 0.5 * (double)(bound - 1) / (double)bound;
		ok(most < bound, "below %llu: never reached", (unsigned long long)bound);
		ok((double)least <= 0.001 * (double)bound && (double)most >= 0.999 * (double)(bound - 1),
		   "below %llu: both ends are met", (unsigned long long)bound);
		is_near(mean, wanted, 0.011, "below %llu: the mean", (unsigned long long)bound);
	}

	/* Chi-square with 9 degrees of freedom: above 33.7 once in 10000. */
	int count[10] = { 0 };
	for (int j = 0; j < DRAWS; j++) {
		count[generator_below(&generator, 10)]++;
	}
	double chi = 0;
	for (int i = 0; i < 10; i++) {
		chi += (count[i] - DRAWS / 10.0) * (count[i] - DRAWS / 10.0) / (DRAWS / 10.0);
	}
	ok(chi < 33.7, "below 10: all values are equally frequent (chi-square %.1f)", chi);
}

typedef struct {
	double least, most, mean, variance, skew;
} moments_t;

static moments_t moments(double (*draw)(generator_t *), uint64_t seed)
{
	generator_t generator = generator_make(seed, 0);
	moments_t m = { .least = HUGE_VAL, .most = -HUGE_VAL };
	double sum[3] = { 0 };
	for (int i = 0; i < DRAWS; i++) {
		double x = draw(&generator);
		m.least = fmin(m.least, x);
		m.most = fmax(m.most, x);
		sum[0] += x;
		sum[1] += x * x;
		sum[2] += x * x * x;
	}
	m.mean = sum[0] / DRAWS;
	m.variance = sum[1] / DRAWS - m.mean * m.mean;
	double third = sum[2] / DRAWS - 3 * m.mean * m.variance - m.mean * m.mean * m.mean;
	m.skew = third / (m.variance * sqrt(m.variance));
	return m;
}

static void test_distributions(void)
{
	moments_t uniform = moments(generator_uniform, 9);
	ok(uniform.least >= 0 && uniform.least < 0.001, "uniform: from 0");
	ok(uniform.most < 1 && uniform.most > 0.999, "uniform: below 1");
	is_near(uniform.mean, 0.5, 0.004, "uniform: mean 1/2");
	is_near(uniform.variance, 1.0 / 12, 0.001, "uniform: variance 1/12");

	moments_t normal = moments(generator_normal, 10);
	is_near(normal.mean, 0, 0.012, "normal: mean 0");
	is_near(normal.variance, 1, 0.017, "normal: variance 1");
	is_near(normal.skew, 0, 0.03, "normal: symmetric");
	ok(normal.least < -3.5 && normal.most > 3.5 && normal.most < 7, "normal: tails");

	moments_t exponential = moments(generator_exponential, 11);
	ok(exponential.least >= 0 && exponential.least < 0.001, "exponential: from 0");
	ok(exponential.most > 9 && exponential.most < 37, "exponential: tail, finite");
	is_near(exponential.mean, 1, 0.012, "exponential: mean 1");
	is_near(exponential.variance, 1, 0.032, "exponential: variance 1");
	is_near(exponential.skew, 2, 0.12, "exponential: skewness 2");
}

int main(void)
{
	test_split_mix_known();
	test_sequence();
	test_pinned();
	test_streams();
	test_below();
	test_distributions();
	return tap_done();
}
