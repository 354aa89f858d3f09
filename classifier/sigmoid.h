/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Platt's sigmoid: probabilities from decision values; for classifier/ only.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*!
 * Fits P(positive) = 1 / (1 + exp(slope * decision + offset)) to decision values of rows
 * whose class is known, by regularised maximum likelihood (Lin, Lin, Weng 2007).
 *
 * \param decisions  \a count finite values.
 * \param positive   \a count flags, not 0 for rows of the positive class.
 */
void sigmoid_fit(const double *decisions, const uint8_t *positive, size_t count, double *slope,
                 double *offset);
