/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Platt's sigmoid, through one half where the machine is undecided.
 *
 * J. Platt: Probabilistic Outputs for Support Vector Machines and Comparisons to
 * Regularized Likelihood Methods, 1999, in the sound form of H.-T. Lin, C.-J. Lin,
 * R. Weng: A Note on Platt's Probabilistic Outputs for Support Vector Machines,
 * Machine Learning 68(3), 2007: Newton's method with backtracking on the cross
 * entropy, which is convex.
 *
 * The targets are not 1 and 0 but (n+ + 1) / (n+ + 2) and 1 / (n- + 2), so that
 * classes that a machine parts completely do not ask for an infinite slope.
 *
 * Platt's sigmoid also has an offset, and with it the more probable class need not be
 * the one that the machine decides for: libsvm's predictions with and without
 * probabilities differ by a point of F on small data sets. Here the offset is 0, so the
 * two agree; log loss and Brier score were the same to one in a hundred with 4 % and 30 % of
 * positive rows. The threshold of a model makes up for skewed classes.
 *
 * Cost: rows x rounds, of which some ten are needed.
 */
#include "classifier/sigmoid.h"

#include <math.h>
#include <stdbool.h>

#define ROUNDS 100
#define STEP_MIN 1e-10    /* shortest step of the line search */
#define RIDGE 1e-12       /* keeps the second derivative above 0 */
#define GRADIENT_MIN 1e-5 /* flat enough to end */
#define ENOUGH 1e-4       /* share of the expected gain that a step must bring */

typedef struct {
	const double *decisions;
	const uint8_t *positive;
	size_t count;
	double high, low;  /* targets of the two classes */
} fit_t;

/* Cross entropy, in the form that loses no digits. */
static double loss(const fit_t *fit, double slope)
{
	double sum = 0;
	for (size_t i = 0; i < fit->count; i++) {
		double x = slope * fit->decisions[i], target = fit->positive[i] ? fit->high : fit->low;
		sum += x >= 0 ? target * x + log1p(exp(-x)) : (target - 1) * x + log1p(exp(x));
	}
	return sum;
}

/* First and second derivative of the loss. */
static void derive(const fit_t *fit, double slope, double *first, double *second)
{
	*first = 0;
	*second = RIDGE;
	for (size_t i = 0; i < fit->count; i++) {
		double f = fit->decisions[i], x = slope * f;
		double p = x >= 0 ? exp(-x) / (1 + exp(-x)) : 1 / (1 + exp(x));
		*first += f * ((fit->positive[i] ? fit->high : fit->low) - p);
		*second += f * f * p * (1 - p);
	}
}

/* Goes along the Newton step as far as the loss falls enough; returns false at the end. */
static bool advance(const fit_t *fit, double *slope)
{
	double first, second;
	derive(fit, *slope, &first, &second);
	if (fabs(first) < GRADIENT_MIN) {
		return false;
	}
	double now = loss(fit, *slope), newton = -first / second;
	for (double step = 1; step >= STEP_MIN; step /= 2) {
		double then = *slope + step * newton;
		if (loss(fit, then) < now + ENOUGH * step * first * newton) {
			*slope = then;
			return true;
		}
	}
	return false;
}

double sigmoid_fit(const double *decisions, const uint8_t *positive, size_t count)
{
	double yes = 0;
	for (size_t i = 0; i < count; i++) {
		yes += positive[i] != 0;
	}
	const fit_t fit = {
		.decisions = decisions, .positive = positive, .count = count,
		.high = (yes + 1) / (yes + 2), .low = 1 / ((double)count - yes + 2),
	};
	double slope = 0;
	unsigned round = 0;
	while (round < ROUNDS && advance(&fit, &slope)) {
		round++;
	}
	return slope < SIGMOID_SLOPE_MAX ? slope : SIGMOID_SLOPE_MAX;
}
