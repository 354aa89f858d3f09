/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Random variables whose values are the same bits on every machine.
 *
 * common/generator.h gives the same integers everywhere, but a logarithm of the
 * C library may differ in its last bit from one machine to the next, and one
 * bit in a time stamp is another file. The functions here use only what IEEE
 * 754 defines to the bit: + - * / and the square root. This folder is compiled
 * with -ffp-contract=off so that no compiler fuses two of them into one.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/generator.h"

/*! Natural logarithm of \a x > 0, to about 1e-15 relative. Thread-safe. */
double draw_log(double x);

/*! e to the power \a x, for |x| < 700, to about 1e-14 relative. Thread-safe. */
double draw_exp(double x);

/*! \a base > 0 to the power \a exponent. */
double draw_power(double base, double exponent);

/*! Standard normal (polar method of Marsaglia). */
double draw_normal(generator_t *generator);

/*! Exponential with mean 1. */
double draw_exponential(generator_t *generator);

/*! Log-normal: \a median times e to the power \a sigma times a standard normal. */
double draw_log_normal(generator_t *generator, double median, double sigma);

/*! Normal of that mean and deviation, cut to [0, 1]: a share that varies. */
double draw_share(generator_t *generator, double mean, double deviation);

/*! Poisson of mean \a mean >= 0; takes time in proportion to the mean. */
uint64_t draw_poisson(generator_t *generator, double mean);

/*! Geometric on 0, 1, 2, … with mean \a mean >= 0. */
uint64_t draw_geometric(generator_t *generator, double mean);

/*!
 * Dirichlet: shares around a profile.
 *
 * \param profile        \a count weights >= 0 of any sum > 0.
 * \param concentration  Sum of the parameters: the larger, the nearer to the profile.
 * \param shares         Out: \a count shares of sum 1.
 */
void draw_dirichlet(generator_t *generator, const double *profile, size_t count,
                    double concentration, double *shares);

/*!
 * Picks an index by weight.
 *
 * \param cumulative  Running sums of \a count > 0 weights, the last one > 0.
 */
size_t draw_choice(generator_t *generator, const double *cumulative, size_t count);
