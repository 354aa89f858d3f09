/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Figures of how well rows were told.
 *
 * Curves: the rows are sorted by falling score; walking down, each distinct score is
 * a threshold that takes in all rows above it. tp and fp count what is taken in, so
 * (fp / negatives, tp / positives) is a point of the ROC and (tp / positives,
 * tp / (tp + fp)) one of the precision-recall curve. One sort; linear otherwise.
 */
#include "classifier/metrics.h"

#include <math.h>
#include <stdlib.h>

#define LAST (METRICS_CURVE_POINTS - 1)

metrics_class_t metrics_class(const uint64_t *confusion, size_t classes, size_t class_index)
{
	uint64_t rows = 0, told = 0, right = confusion[class_index * classes + class_index];
	for (size_t i = 0; i < classes; i++) {
		rows += confusion[class_index * classes + i];
		told += confusion[i * classes + class_index];
	}
	return (metrics_class_t) {
		.rows = rows,
		.precision = told > 0 ? (double)right / (double)told : 0,
		.recall = rows > 0 ? (double)right / (double)rows : 0,
		.f = told + rows > 0 ? 2 * (double)right / (double)(told + rows) : 0,
	};
}

metrics_summary_t metrics_summary(const uint64_t *confusion, size_t classes)
{
	metrics_summary_t summary = { 0 };
	uint64_t rows = 0, right = 0;
	double present = 0;
	for (size_t i = 0; i < classes; i++) {
		metrics_class_t of_class = metrics_class(confusion, classes, i);
		rows += of_class.rows;
		right += confusion[i * classes + i];
		if (of_class.rows > 0) {
			present++;
			summary.precision += of_class.precision;
			summary.recall += of_class.recall;
			summary.f += of_class.f;
		}
	}
	if (rows > 0) {
		summary.accuracy = (double)right / (double)rows;
		summary.precision /= present;
		summary.recall /= present;
		summary.f /= present;
	}
	return summary;
}

/* A row with its score. */
typedef struct {
	double score;
	bool positive;
} scored_t;

/* Thresholds from the highest down: what each takes in. */
typedef struct {
	size_t tp, fp;
} step_t;

static int compare(const void *a, const void *b)
{
	double x = ((const scored_t *)a)->score, y = ((const scored_t *)b)->score;
	return (x < y) - (x > y);
}

/* Makes the steps, the first of which takes in nothing; returns their number. */
static size_t make_steps(scored_t *rows, size_t count, step_t *steps)
{
	size_t size = 1;
	steps[0] = (step_t) { 0 };
	qsort(rows, count, sizeof(*rows), compare);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || rows[i].score != rows[i - 1].score) {
			steps[size] = steps[size - 1];
			size++;
		}
		if (rows[i].positive) {
			steps[size - 1].tp++;
		} else {
			steps[size - 1].fp++;
		}
	}
	return size;
}

static void draw_roc(const step_t *steps, size_t size, metrics_curves_t *curves)
{
	double positives = (double)steps[size - 1].tp, negatives = (double)steps[size - 1].fp;
	size_t point = 0;
	for (size_t i = 1; i < size; i++) {
		double x0 = (double)steps[i - 1].fp / negatives, x1 = (double)steps[i].fp / negatives;
		double y0 = (double)steps[i - 1].tp / positives, y1 = (double)steps[i].tp / positives;
		curves->roc_area += (x1 - x0) * (y0 + y1) / 2;
		/* Of a rate that several thresholds have, the last one (and highest) counts. */
		for (; point <= LAST && (double)point / LAST < x1; point++) {
			double x = (double)point / LAST;
			curves->roc[point] = y0 + (y1 - y0) * (x - x0) / (x1 - x0);
		}
	}
	for (; point <= LAST; point++) {
		curves->roc[point] = 1;
	}
}

static void draw_precision(const step_t *steps, size_t size, metrics_curves_t *curves)
{
	double positives = (double)steps[size - 1].tp, best = 0;
	size_t point = METRICS_CURVE_POINTS;
	/* From the lowest threshold up, so that `best` is over all recalls from here on. */
	for (size_t i = size - 1; i > 0; i--) {
		double told = (double)(steps[i].tp + steps[i].fp), recall = (double)steps[i].tp / positives;
		double precision = (double)steps[i].tp / told;
		curves->average_precision += precision * (double)(steps[i].tp - steps[i - 1].tp) / positives;
		for (; point > 0 && (double)(point - 1) / LAST > recall; point--) {
			curves->precision[point - 1] = best;
		}
		best = fmax(best, precision);
	}
	for (; point > 0; point--) {
		curves->precision[point - 1] = best;
	}
}

status_t metrics_curves(const double *scores, const uint8_t *positive, size_t count,
                        metrics_curves_t *curves)
{
	*curves = (metrics_curves_t) { .defined = false };
	scored_t *rows = calloc(count + 1, sizeof(*rows));
	step_t *steps = calloc(count + 1, sizeof(*steps));
	if (rows == NULL || steps == NULL) {
		free(rows);
		free(steps);
		return STATUS_NO_MEMORY;
	}
	for (size_t i = 0; i < count; i++) {
		rows[i] = (scored_t) { .score = scores[i], .positive = positive[i] != 0 };
	}
	size_t size = make_steps(rows, count, steps);
	curves->defined = steps[size - 1].tp > 0 && steps[size - 1].fp > 0;
	if (curves->defined) {
		draw_roc(steps, size, curves);
		draw_precision(steps, size, curves);
	}
	free(rows);
	free(steps);
	return STATUS_OK;
}

double metrics_mean(const double *values, size_t count)
{
	double sum = 0;
	for (size_t i = 0; i < count; i++) {
		sum += values[i];
	}
	return count > 0 ? sum / (double)count : 0;
}

double metrics_deviation(const double *values, size_t count)
{
	double mean = metrics_mean(values, count), squares = 0;
	for (size_t i = 0; i < count; i++) {
		squares += (values[i] - mean) * (values[i] - mean);
	}
	return count > 1 ? sqrt(squares / (double)(count - 1)) : 0;
}
