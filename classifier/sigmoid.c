/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Platt's sigmoid.
 *
 * J. Platt: Probabilistic Outputs for Support Vector Machines and Comparisons to
 * Regularized Likelihood Methods, 1999, in the sound form of H.-T. Lin, C.-J. Lin,
 * R. Weng: A Note on Platt's Probabilistic Outputs for Support Vector Machines,
 * Machine Learning 68(3), 2007: Newton's method with backtracking on the cross
 * entropy, which is convex in slope and offset.
 *
 * The targets are not 1 and 0 but (n+ + 1) / (n+ + 2) and 1 / (n- + 2), so that
 * classes that a machine parts completely do not ask for an infinite slope.
 *
 * Cost: rows x rounds, of which some ten are needed.
 */
#include "classifier/sigmoid.h"

#include <math.h>
#include <stdbool.h>

#define ROUNDS 100
#define STEP_MIN 1e-10    /* shortest step of the line search */
#define RIDGE 1e-12       /* keeps the second derivatives invertible */
#define GRADIENT_MIN 1e-5 /* flat enough to end */
#define ENOUGH 1e-4       /* share of the expected gain that a step must bring */

typedef struct {
	const double *decisions;
	const uint8_t *positive;
	size_t count;
	double high, low;  /* targets of the two classes */
} fit_t;

static double target(const fit_t *fit, size_t row)
{
	return fit->positive[row] ? fit->high : fit->low;
}

/* Cross entropy, in the form that loses no digits. */
static double loss(const fit_t *fit, double slope, double offset)
{
	double sum = 0;
	for (size_t i = 0; i < fit->count; i++) {
		double x = slope * fit->decisions[i] + offset, t = target(fit, i);
		sum += x >= 0 ? t * x + log1p(exp(-x)) : (t - 1) * x + log1p(exp(x));
	}
	return sum;
}

/* Gradient (2) and second derivatives (3: slope^2, offset^2, mixed) of the loss. */
static void derive(const fit_t *fit, double slope, double offset, double gradient[2],
                   double second[3])
{
	gradient[0] = gradient[1] = 0;
	second[0] = second[1] = RIDGE;
	second[2] = 0;
	for (size_t i = 0; i < fit->count; i++) {
		double f = fit->decisions[i], x = slope * f + offset;
		double p = x >= 0 ? exp(-x) / (1 + exp(-x)) : 1 / (1 + exp(x));
		double curve = p * (1 - p), slack = target(fit, i) - p;
		gradient[0] += f * slack;
		gradient[1] += slack;
		second[0] += f * f * curve;
		second[1] += curve;
		second[2] += f * curve;
	}
}

/* Goes along the Newton step as far as the loss falls enough; returns false at the end. */
static bool advance(const fit_t *fit, double *slope, double *offset)
{
	double g[2], h[3];
	derive(fit, *slope, *offset, g, h);
	if (fabs(g[0]) < GRADIENT_MIN && fabs(g[1]) < GRADIENT_MIN) {
		return false;
	}
	double determinant = h[0] * h[1] - h[2] * h[2];
	double to_slope = -(h[1] * g[0] - h[2] * g[1]) / determinant;
	double to_offset = -(h[0] * g[1] - h[2] * g[0]) / determinant;
	double gain = g[0] * to_slope + g[1] * to_offset, now = loss(fit, *slope, *offset);
	for (double step = 1; step >= STEP_MIN; step /= 2) {
		double x = *slope + step * to_slope, y = *offset + step * to_offset;
		if (loss(fit, x, y) < now + ENOUGH * step * gain) {
			*slope = x;
			*offset = y;
			return true;
		}
	}
	return false;
}

void sigmoid_fit(const double *decisions, const uint8_t *positive, size_t count, double *slope,
                 double *offset)
{
	double yes = 0;
	for (size_t i = 0; i < count; i++) {
		yes += positive[i] != 0;
	}
	double no = (double)count - yes;
	const fit_t fit = {
		.decisions = decisions, .positive = positive, .count = count,
		.high = (yes + 1) / (yes + 2), .low = 1 / (no + 2),
	};
	*slope = 0;
	*offset = log((no + 1) / (yes + 1));
	unsigned round = 0;
	while (round < ROUNDS && advance(&fit, slope, offset)) {
		round++;
	}
}
