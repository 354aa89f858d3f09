/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Metrics against figures computed by hand, and curves against a naive count. */
#include "classifier/metrics.h"
#include "common/generator.h"
#include "tests/tap.h"

static void test_confusion(void)
{
	/* Rows of class, columns told: a 5 1 0, b 2 3 1, c 0 0 0. */
	static const uint64_t confusion[] = { 5, 1, 0, 2, 3, 1, 0, 0, 0 };
	metrics_class_t a = metrics_class(confusion, 3, 0), b = metrics_class(confusion, 3, 1);
	metrics_class_t c = metrics_class(confusion, 3, 2);
	is_int(a.rows, 6, "rows of a");
	is_near(a.precision, 5.0 / 7, 1e-15, "precision of a");
	is_near(a.recall, 5.0 / 6, 1e-15, "recall of a");
	is_near(a.f, 10.0 / 13, 1e-15, "F of a");
	is_near(b.precision, 0.75, 1e-15, "precision of b");
	is_near(b.recall, 0.5, 1e-15, "recall of b");
	is_near(b.f, 0.6, 1e-15, "F of b");
	ok(c.rows == 0 && c.precision == 0 && c.recall == 0 && c.f == 0, "a class without rows");
	metrics_summary_t summary = metrics_summary(confusion, 3);
	is_near(summary.accuracy, 8.0 / 12, 1e-15, "accuracy");
	is_near(summary.precision, (5.0 / 7 + 0.75) / 2, 1e-15, "precision over classes with rows");
	is_near(summary.recall, (5.0 / 6 + 0.5) / 2, 1e-15, "recall likewise");
	is_near(summary.f, (10.0 / 13 + 0.6) / 2, 1e-15, "F likewise");
	static const uint64_t nothing[4];
	ok(metrics_summary(nothing, 2).accuracy == 0, "no rows at all");
}

static void test_curves(void)
{
	/* Scores fall; classes + - + + - : by hand. */
	static const double scores[] = { 0.9, 0.8, 0.7, 0.6, 0.1 };
	static const uint8_t positive[] = { 1, 0, 1, 1, 0 };
	metrics_curves_t curves;
	tap_require(metrics_curves(scores, positive, 5, &curves) == STATUS_OK, "curves");
	ok(curves.defined, "are defined");
	is_near(curves.roc_area, 4.0 / 6, 1e-15, "4 of 6 pairs stand in the right order");
	is_near(curves.average_precision, (1 + 2.0 / 3 + 3.0 / 4) / 3, 1e-15, "average precision");
	is_near(curves.roc[0], 1.0 / 3, 1e-15, "the first positive comes before any negative");
	is_near(curves.roc[49], 1.0 / 3, 1e-15, "one of three up to the first negative");
	is_near(curves.roc[50], 1, 1e-15, "all before the second");
	is_near(curves.roc[100], 1, 0, "the end");
	is_near(curves.precision[33], 1, 1e-15, "precision at recall 0.33");
	is_near(curves.precision[34], 0.75, 1e-15, "at 0.34: the best of higher recalls");
	is_near(curves.precision[100], 0.75, 1e-15, "at 1");
	static const double equal[] = { 0.5, 0.5, 0.5, 0.5, 0.5 };
	metrics_curves(equal, positive, 5, &curves);
	is_near(curves.roc_area, 0.5, 1e-15, "equal scores tell nothing");
	is_near(curves.roc[25], 0.25, 1e-15, "and make the diagonal");
	is_near(curves.average_precision, 0.6, 1e-15, "precision is the share of the class");
	static const uint8_t all[] = { 1, 1, 1, 1, 1 };
	ok(metrics_curves(scores, all, 5, &curves) == STATUS_OK && !curves.defined,
	   "without other rows there is no curve");
	ok(metrics_curves(scores, all, 0, &curves) == STATUS_OK && !curves.defined, "nor without rows");
}

/* The area is the share of pairs in the right order, ties half: count them. */
static void test_naive(void)
{
	generator_t generator = generator_make(1, 0);
	double scores[200], pairs = 0, right = 0;
	uint8_t positive[200];
	for (size_t i = 0; i < 200; i++) {
		positive[i] = generator_below(&generator, 4) == 0;
		scores[i] = (double)(generator_below(&generator, 20) + 5 * positive[i]) / 25;
	}
	for (size_t i = 0; i < 200; i++) {
		for (size_t j = 0; j < 200; j++) {
			if (positive[i] && !positive[j]) {
				pairs++;
				right += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
			}
		}
	}
	metrics_curves_t curves;
	metrics_curves(scores, positive, 200, &curves);
	is_near(curves.roc_area, right / pairs, 1e-12, "the area counts pairs");
	bool falls = true, rises = true;
	for (size_t i = 1; i < METRICS_CURVE_POINTS; i++) {
		falls = falls && curves.precision[i] <= curves.precision[i - 1];
		rises = rises && curves.roc[i] >= curves.roc[i - 1];
	}
	ok(falls && rises, "the curves are monotonic");
}

int main(void)
{
	test_confusion();
	test_curves();
	test_naive();
	is_near(metrics_mean((double[]) { 1, 2, 6 }, 3), 3, 1e-15, "mean");
	is_near(metrics_deviation((double[]) { 1, 2, 6 }, 3), sqrt(7), 1e-15, "deviation");
	ok(metrics_deviation((double[]) { 4 }, 1) == 0 && metrics_mean(NULL, 0) == 0, "of too few");
	return tap_done();
}
