/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SMOTE: how many rows, where they lie, from whom, and the same ones for the same seed. */
#include "classifier/smote.h"
#include "tests/unit/test_model_fixture.h"

/* a: 100 rows around 0; b: 10 rows; c: 30 rows. Features differ a thousandfold in size. */
static dataset_t *make_skewed(void)
{
	dataset_t *dataset = fixture_begin(3);
	generator_t generator = generator_make(9, 0);
	for (size_t row = 0; row < 140; row++) {
		size_t class = row < 100 ? 0 : row < 110 ? 1 : 2;
		double values[3];
		for (size_t i = 0; i < 3; i++) {
			values[i] = ((double)class + generator_normal(&generator)) * (i == 2 ? 1000 : 1);
		}
		fixture_add(dataset, values, (const char *[]) { "a", "b", "c" }[class]);
	}
	if (dataset_finish(dataset, NULL) != STATUS_OK) {
		abort();
	}
	return dataset;
}

static dataset_t *apply(const dataset_t *dataset, double ratio, uint32_t neighbours, uint64_t seed)
{
	const smote_t smote = { .ratio = ratio, .neighbours = neighbours, .seed = seed };
	dataset_t *grown;
	failure_t failure;
	if (smote_apply(dataset, &smote, &grown, &failure) != STATUS_OK) {
		printf("Bail out! %s\n", failure.sentence);
		exit(1);
	}
	return grown;
}

static void test_counts(const dataset_t *dataset)
{
	static const struct { double ratio; int b, c; } cases[] = {
		{ 0.05, 10, 30 }, { 0.1, 10, 30 }, { 0.101, 11, 30 }, { 0.3, 30, 30 }, { 0.07, 10, 30 },
		{ 0.5, 50, 50 }, { 1, 100, 100 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		dataset_t *grown = apply(dataset, cases[i].ratio, 5, 1);
		ok(dataset_class_rows(grown, 0) == 100 &&
		   dataset_class_rows(grown, 1) == (uint64_t)cases[i].b &&
		   dataset_class_rows(grown, 2) == (uint64_t)cases[i].c,
		   "ratio %g: rows of each class", cases[i].ratio);
		ok(memcmp(dataset_matrix(grown), dataset_matrix(dataset), 140 * 3 * sizeof(double)) == 0 &&
		   memcmp(dataset_labels(grown), dataset_labels(dataset), 140 * sizeof(uint32_t)) == 0,
		   "ratio %g: the old rows stand first, as they were", cases[i].ratio);
		dataset_destroy(grown);
	}
}

/* Naive rank of `to` among the neighbours of `from` in its class, 0 the nearest. */
static size_t rank_of(const dataset_t *dataset, const double *deviations, size_t from, size_t to)
{
	const double *matrix = dataset_matrix(dataset);
	double limit = 0;
	size_t rank = 0;
	for (size_t i = 0; i < 3; i++) {
		limit += pow((matrix[from * 3 + i] - matrix[to * 3 + i]) / deviations[i], 2);
	}
	for (size_t row = 0; row < dataset_rows(dataset); row++) {
		double distance = 0;
		for (size_t i = 0; i < 3; i++) {
			distance += pow((matrix[from * 3 + i] - matrix[row * 3 + i]) / deviations[i], 2);
		}
		rank += row != from && distance < limit &&
		        dataset_labels(dataset)[row] == dataset_labels(dataset)[from];
	}
	return rank;
}

/* Tells whether a new row lies between two rows, and how far along. */
static bool lies_between(const double *row, const double *from, const double *to)
{
	double gap = (row[0] - from[0]) / (to[0] - from[0]);
	bool good = gap >= 0 && gap < 1;
	for (size_t i = 0; i < 3; i++) {
		good = good && fabs(from[i] + gap * (to[i] - from[i]) - row[i]) <
		       1e-9 * (fabs(from[i]) + fabs(to[i]));
	}
	return good;
}

static void test_places(const dataset_t *dataset)
{
	const double *matrix = dataset_matrix(dataset);
	double deviations[3];
	for (size_t i = 0; i < 3; i++) {
		double sum = 0, squares = 0;
		for (size_t row = 0; row < 140; row++) {
			sum += matrix[row * 3 + i] / 140;
		}
		for (size_t row = 0; row < 140; row++) {
			squares += pow(matrix[row * 3 + i] - sum, 2) / 140;
		}
		deviations[i] = sqrt(squares);
	}
	dataset_t *grown = apply(dataset, 0.5, 3, 1);
	size_t placed = 0;
	for (size_t row = 140; row < dataset_rows(grown); row++) {
		uint32_t class = dataset_labels(grown)[row];
		bool found = false;
		for (size_t from = 0; from < 140 && !found; from++) {
			for (size_t to = 0; to < 140 && !found; to++) {
				found = from != to && dataset_labels(dataset)[from] == class &&
				        dataset_labels(dataset)[to] == class &&
				        lies_between(dataset_matrix(grown) + row * 3, matrix + from * 3,
				                     matrix + to * 3) &&
				        rank_of(dataset, deviations, from, to) < 3;
			}
		}
		placed += found;
	}
	is_int(placed, dataset_rows(grown) - 140,
	       "every new row lies between a row and one of its 3 nearest in its class");
	dataset_destroy(grown);
}

/* The nearest of 0, 1, 10, 100 are 1, 0, 1, 10: the gap that a new row lies in tells its row. */
static void test_turns(void)
{
	dataset_t *dataset = fixture_begin(1);
	for (size_t i = 0; i < 24; i++) {
		static const double few[] = { 0, 1, 10, 100 };
		fixture_add(dataset, i < 20 ? (double[]) { (double)i } : &few[i - 20], i < 20 ? "a" : "b");
	}
	tap_require(dataset_finish(dataset, NULL) == STATUS_OK, "four rows of twenty-four");
	dataset_t *grown = apply(dataset, 1, 1, 1);
	size_t counts[3] = { 0 };
	for (size_t row = 24; row < dataset_rows(grown); row++) {
		double x = dataset_matrix(grown)[row];
		counts[x <= 1 ? 0 : x <= 10 ? 1 : 2]++;
	}
	ok(counts[0] == 8 && counts[1] == 4 && counts[2] == 4,
	   "sixteen new rows of four: each row serves four times");
	dataset_destroy(grown);
	dataset_destroy(dataset);
}

static void test_seed(const dataset_t *dataset)
{
	dataset_t *one = apply(dataset, 0.5, 5, 1), *same = apply(dataset, 0.5, 5, 1);
	dataset_t *other = apply(dataset, 0.5, 5, 2);
	size_t size = dataset_rows(one) * 3 * sizeof(double);
	ok(memcmp(dataset_matrix(one), dataset_matrix(same), size) == 0, "one seed, the same rows");
	ok(memcmp(dataset_matrix(one), dataset_matrix(other), size) != 0, "another, others");
	dataset_destroy(one);
	dataset_destroy(same);
	dataset_destroy(other);
}

static void test_missing(void)
{
	/* b: 1 and 3 in f0; f1 missing in the first row, f2 in the second, f3 everywhere. */
	static const double matrix[] = {
		0, 0, 0, NAN, 0, 1, 1, NAN, 0, 2, 2, NAN, 0, 3, 3, NAN, 0, 4, 4, NAN, 0, 5, 5, NAN,
		1, NAN, 7, NAN, 3, 9, NAN, NAN,
	};
	dataset_t *dataset = fixture_make(4, matrix, "aaaaaabb"), *grown = apply(dataset, 1, 5, 1);
	bool first = false, second = false, good = true;
	is_int(dataset_rows(grown), 12, "four new rows");
	for (size_t row = 8; row < 12; row++) {
		const double *x = dataset_matrix(grown) + row * 4;
		first = first || (isnan(x[1]) && x[2] == 7);
		second = second || (x[1] == 9 && isnan(x[2]));
		good = good && x[0] >= 1 && x[0] <= 3 && isnan(x[1]) != isnan(x[2]) && isnan(x[3]);
	}
	ok(good && first && second, "missing is what the row lacks, and only that");
	dataset_destroy(grown);
	dataset_destroy(dataset);
}

static void test_edges(void)
{
	dataset_t *dataset = fixture_make(1, (double[]) { 1, 2, 3, 4, 9 }, "aaaab"), *grown;
	grown = apply(dataset, 1, 5, 1);
	ok(dataset_rows(grown) == 8 && dataset_matrix(grown)[5] == 9 && dataset_matrix(grown)[7] == 9,
	   "a class of one row is copied");
	dataset_destroy(grown);
	dataset_destroy(dataset);
	dataset = fixture_make(2, (double[]) { 1, 5, 2, 5, 3, 5, 4, 5, -1e308, 5, 1e308, 5 }, "aaaabb");
	grown = apply(dataset, 1, 5, 1);
	bool finite = true;
	for (size_t i = 0; i < dataset_rows(grown) * 2; i++) {
		finite = finite && isfinite(dataset_matrix(grown)[i]);
	}
	ok(finite && dataset_matrix(grown)[13] == 5, "huge values and constant features give no NaN");
	dataset_destroy(grown);
	failure_t failure;
	static const smote_t wrong[] = {
		{ 0, 5, 1 }, { 1.5, 5, 1 }, { NAN, 5, 1 }, { 0.5, 0, 1 }, { 0.5, 1001, 1 },
	};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		is_int(smote_apply(dataset, &wrong[i], &grown, &failure), STATUS_BAD_DATA, "refused: %s",
		       failure.sentence);
	}
	dataset_destroy(dataset);
}

int main(void)
{
	dataset_t *dataset = make_skewed();
	test_counts(dataset);
	test_places(dataset);
	test_turns();
	test_seed(dataset);
	test_missing();
	test_edges();
	dataset_destroy(dataset);
	return tap_done();
}
