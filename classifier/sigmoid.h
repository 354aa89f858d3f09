/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Platt's sigmoid: probabilities from decision values; for classifier/ only.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*! The slope is at most this: a higher decision value is never less probable. */
#define SIGMOID_SLOPE_MAX (-1e-3)

/*!
 * Fits P(positive) = 1 / (1 + exp(slope * decision)) to decision values of rows whose class
 * is known, by regularised maximum likelihood (see sigmoid.c).
 *
 * \param decisions  \a count finite values.
 * \param positive   \a count flags, not 0 for rows of the positive class.
 *
 * \return The slope.
 */
double sigmoid_fit(const double *decisions, const uint8_t *positive, size_t count);
