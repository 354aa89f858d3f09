/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where to draw the line between the positive class and the others.
 *
 * Scanners are few, so "more probable than not" is seldom the best line. The
 * rows with their out-of-bag probabilities are sorted, the highest first; a walk
 * down counts, for a line below each distinct probability, how many rows lie
 * above it and how many of these are positive, which gives precision and F:
 *
 *     probability   .9  .8  .8  .6 | .3  .1        line in the gap .6 .. .3, at .45
 *     positive       1   1   0   1 |  0   1        precision 3/4, recall 3/4, F 3/4
 *
 * The line stands in the middle of the gap. Out-of-bag probabilities are the
 * forest's answers to rows it does not know (L. Breiman: Out-of-bag estimation,
 * 1996), so nothing has to be held back for the choice. One number is fitted to
 * them, so figures at the line are a little too good, as all chosen figures are.
 */
#include "classifier/threshold.h"

#include <math.h>
#include <stdlib.h>

#include "classifier/split.h"

#define CLASS_POSITIVE "scan"

/* A row that was not learnt from. */
typedef struct {
	double probability;  /* of the positive class */
	bool positive;
} scored_t;

/* Where the line may stand, and what that gives. */
typedef struct {
	double value;
	double f;
	double precision;
} line_t;

status_t threshold_find_class(const dataset_t *dataset, const training_t *training,
                              model_threshold_t *threshold, failure_t *failure)
{
	const char *name = training->positive != NULL ? training->positive : CLASS_POSITIVE;
	int index = dataset_class_index(dataset, name);
	bool wanted = training->positive != NULL || training->precision > 0 ||
	              training->threshold > 0;
	if (index < 0 && wanted) {
		return failure_set(failure, STATUS_BAD_DATA, "no row has the class '%s'", name);
	}
	*threshold = (model_threshold_t) {
		.exists = index >= 0, .class_index = index >= 0 ? (uint32_t)index : 0,
	};
	return STATUS_OK;
}

static int compare(const void *a, const void *b)
{
	const scored_t *x = a, *y = b;
	return (x->probability < y->probability) - (x->probability > y->probability);
}

/* The rows that have a probability, the highest first; NULL if memory is short. */
static scored_t *sort_rows(const dataset_t *dataset, const double *probabilities,
                           uint32_t class_index, size_t *count, size_t *positives)
{
	size_t rows = dataset_rows(dataset), classes = dataset_classes(dataset);
	scored_t *scored = calloc(rows, sizeof(*scored));
	*count = *positives = 0;
	for (size_t row = 0; row < rows && scored != NULL; row++) {
		double probability = probabilities[row * classes + class_index];
		if (!isnan(probability)) {
			bool positive = dataset_labels(dataset)[row] == class_index;
			scored[(*count)++] = (scored_t) { probability, positive };
			*positives += positive;
		}
	}
	if (scored != NULL) {
		qsort(scored, *count, sizeof(*scored), compare);
	}
	return scored;
}

/* Of lines with the same F the one nearest to the middle is the least surprising. */
static bool is_better(const line_t *a, const line_t *b)
{
	return a->f > b->f ||
	       (a->f == b->f && fabs(a->value - THRESHOLD_DEFAULT) < fabs(b->value - THRESHOLD_DEFAULT));
}

/* A number about the middle of the gap, above `low` and up to `high`, with few digits to read. */
static double line_between(double low, double high)
{
	/* A split keeps values up to its threshold on one side, a line those from it: hence the signs. */
	double middle = -split_threshold(-high, -low);
	for (double scale = 100; scale <= 1e15; scale *= 10) {
		double rounded = round(middle * scale) / scale;
		if (rounded > low && rounded <= high &&
		    fabs(rounded - middle) <= (high - low) / 4) {
			return rounded;
		}
	}
	return middle;
}

/*
 * Walks down the rows; returns the line of the rule. With `wanted` precision, `best` is the
 * lowest line that has it, else that of the highest F. Also tells the highest precision.
 */
static bool walk_down(const scored_t *scored, size_t count, size_t positives, double wanted,
                      line_t *best, double *highest)
{
	size_t right = 0;
	bool found = false;
	for (size_t i = 0; i < count; i++) {
		right += scored[i].positive;
		double here = scored[i].probability;
		if (i + 1 < count && scored[i + 1].probability == here) {
			continue;
		}
		line_t line = {
			.value = i + 1 < count ? line_between(scored[i + 1].probability, here) : here,
			.f = 2 * (double)right / (double)(i + 1 + positives),
			.precision = (double)right / (double)(i + 1),
		};
		*highest = line.precision > *highest ? line.precision : *highest;
		if (wanted > 0 ? line.precision >= wanted : !found || is_better(&line, best)) {
			*best = line;
			found = true;
		}
	}
	return found;
}

status_t threshold_choose(const dataset_t *dataset, const training_t *training,
                          const double *probabilities, model_threshold_t *threshold,
                          failure_t *failure)
{
	size_t count, positives;
	if (training->threshold > 0) {
		threshold->value = training->threshold;
		return STATUS_OK;
	}
	scored_t *scored = sort_rows(dataset, probabilities, threshold->class_index, &count,
	                             &positives);
	if (scored == NULL) {
		return failure_no_memory(failure, "the choice of a threshold");
	}
	line_t best = { 0 };
	double wanted = training->precision, highest = 0;
	bool found = positives > 0 && walk_down(scored, count, positives, wanted, &best, &highest);
	free(scored);
	threshold->value = found ? best.value : THRESHOLD_DEFAULT;
	threshold->precision = wanted;
	threshold->rule = wanted > 0 ? MODEL_RULE_PRECISION :
	                  found ? MODEL_RULE_F : MODEL_RULE_FIXED;
	if (wanted > 0 && !found) {
		const char *name = dataset_class_name(dataset, threshold->class_index);
		return positives == 0 ?
			failure_set(failure, STATUS_BAD_DATA, "no row of class '%s' has an out-of-bag "
			            "probability to choose a threshold of precision %g by", name, wanted) :
			failure_set(failure, STATUS_BAD_DATA, "no threshold of class '%s' has a precision "
			            "of %g out of bag, the highest is %.4f", name, wanted, highest);
	}
	return STATUS_OK;
}

void threshold_tally(model_t *model, const dataset_t *dataset, const double *probabilities)
{
	size_t classes = model->class_count;
	for (size_t i = 0; i < classes; i++) {
		model->classes[i].tally = (model_tally_t) { 0 };
	}
	for (size_t row = 0; row < dataset_rows(dataset); row++) {
		const double *of_row = probabilities + row * classes;
		if (!isnan(of_row[0])) {
			size_t class_index = dataset_labels(dataset)[row];
			size_t told = model_verdict(model, of_row);
			model->classes[class_index].tally.rows++;
			model->classes[told].tally.predicted++;
			model->classes[class_index].tally.right += told == class_index;
		}
	}
}
