/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of a dataset: groups stay whole, classes are spread, the seed decides. */
#include "classifier/partition.h"
#include "tests/unit/test_model_fixture.h"

#define ROWS 600

/* Rows of a : b : c as 20 : 8 : 2; with groups of 1 to `most` rows if that is not 0. */
static dataset_t *make_rows(size_t most)
{
	dataset_t *dataset = fixture_begin(1);
	generator_t generator = generator_make(4, 0);
	size_t group = 0, left = 0;
	for (size_t row = 0; row < ROWS; row++) {
		size_t turn = row * 30 / ROWS;
		fixture_add(dataset, (double[]) { (double)row }, turn < 20 ? "a" : turn < 28 ? "b" : "c");
		if (most > 0) {
			char name[24];
			left = left > 0 ? left - 1 : generator_below(&generator, most);
			group += left == 0;
			snprintf(name, sizeof(name), "group %zu", group);
			dataset_set_group(dataset, name, NULL);
		}
	}
	if (dataset_finish(dataset, NULL) != STATUS_OK) {
		abort();
	}
	return dataset;
}

static void check_shares(const char *what, const dataset_t *dataset, const double *shares,
                         size_t parts, double margin)
{
	static uint16_t part_of[ROWS];
	partition_t *partition = partition_create(dataset);
	const uint64_t *groups = dataset_groups(dataset);
	double worst = 0;
	bool whole = true;
	for (uint64_t stream = 0; stream < 20; stream++) {
		partition_deal(partition, 1, stream, shares, parts, part_of);
		double counts[8][3] = { { 0 } };
		for (size_t row = 0; row < ROWS; row++) {
			counts[part_of[row]][dataset_labels(dataset)[row]]++;
			for (size_t other = 0; other < row && groups != NULL; other++) {
				whole = whole && (groups[other] != groups[row] || part_of[other] == part_of[row]);
			}
		}
		for (size_t part = 0; part < parts; part++) {
			for (size_t class = 0; class < 3; class++) {
				double wanted = shares[part] * (double)dataset_class_rows(dataset, class);
				worst = fmax(worst, fabs(counts[part][class] - wanted));
			}
		}
	}
	ok(whole, "%s: no group stands on two sides", what);
	ok(worst < margin, "%s: every class is spread to %g rows (worst %g)", what, margin, worst);
	partition_destroy(partition);
}

static void test_deal(void)
{
	static const double split[] = { 0.4, 0.6 }, fifths[] = { 0.2, 0.2, 0.2, 0.2, 0.2 };
	static const double thirds[] = { 1.0 / 3, 1.0 / 3, 1.0 / 3 }, odd[] = { 0.37, 0.63 };
	dataset_t *rows = make_rows(0), *groups = make_rows(6);
	check_shares("rows 0.4 : 0.6", rows, split, 2, 1e-9);
	check_shares("rows 0.37 : 0.63", rows, odd, 2, 1);
	check_shares("rows in fifths", rows, fifths, 5, 1e-9);
	check_shares("rows in thirds", rows, thirds, 3, 1);
	check_shares("groups 0.4 : 0.6", groups, split, 2, 6);
	check_shares("groups in fifths", groups, fifths, 5, 7);
	dataset_destroy(rows);
	dataset_destroy(groups);
}

static void test_random(void)
{
	static uint16_t one[ROWS], same[ROWS], other[ROWS];
	static const double split[] = { 0.4, 0.6 };
	dataset_t *dataset = make_rows(4);
	partition_t *partition = partition_create(dataset);
	partition_deal(partition, 1, 0, split, 2, one);
	partition_deal(partition, 1, 0, split, 2, same);
	ok(memcmp(one, same, sizeof(one)) == 0, "the same seed and stream, the same parts");
	partition_deal(partition, 1, 1, split, 2, other);
	ok(memcmp(one, other, sizeof(one)) != 0, "another stream, others");
	partition_deal(partition, 2, 0, split, 2, other);
	ok(memcmp(one, other, sizeof(one)) != 0, "another seed, others");
	/* No row is always on one side, not even the first or one of a large group. */
	size_t tested[ROWS] = { 0 }, never = 0, always = 0;
	for (uint64_t stream = 0; stream < 60; stream++) {
		partition_deal(partition, 3, stream, split, 2, one);
		for (size_t row = 0; row < ROWS; row++) {
			tested[row] += one[row] == 0;
		}
	}
	for (size_t row = 0; row < ROWS; row++) {
		never += tested[row] == 0;
		always += tested[row] == 60;
	}
	is_int(never + always, 0, "every row is tested sometimes and learnt from sometimes");
	partition_destroy(partition);
	dataset_destroy(dataset);
}

static void test_counts(void)
{
	dataset_t *dataset = fixture_begin(1);
	static const char *const groups[] = { "x", "x", "y", "", "", "z", "y" };
	for (size_t i = 0; i < 7; i++) {
		fixture_add(dataset, (double[]) { 0 }, i < 4 ? "a" : "b");
		if (groups[i][0] != '\0') {
			dataset_set_group(dataset, groups[i], NULL);
		}
	}
	tap_require(dataset_finish(dataset, NULL) == STATUS_OK, "seven rows");
	partition_t *partition = partition_create(dataset);
	is_int(partition_groups(partition), 5, "x, y, z and two rows that are alone");
	is_int(partition_class_groups(partition, 0), 3, "groups with rows of a");
	is_int(partition_class_groups(partition, 1), 3, "groups with rows of b");
	partition_destroy(partition);
	partition_destroy(NULL);
	dataset_destroy(dataset);
}

int main(void)
{
	test_deal();
	test_random();
	test_counts();
	return tap_done();
}
