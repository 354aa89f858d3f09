/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Reasons: which features moved a model's answer for one row, and by how much.
 */
#pragma once

#include "classifier/model.h"

/*! A model made ready to give reasons for one class. Read-only once made. */
typedef struct explainer explainer_t;

/*!
 * Makes a model ready to explain the probability of a class. Cost: one pass over the
 * nodes, and 8 bytes for each while it lives.
 *
 * \param model      Must outlive the explainer.
 * \param explainer  Out; free with explainer_destroy(). Untouched on failure.
 *
 * \return STATUS_OK; STATUS_UNSUPPORTED for a kind that can give no reasons (only trees
 *         and forests can); STATUS_NO_MEMORY.
 */
status_t explainer_create(const model_t *model, size_t class_index, explainer_t **explainer,
                          failure_t *failure);

/*! Frees an explainer; NULL is allowed. */
void explainer_destroy(explainer_t *explainer);

/*!
 * Explains one row. Thread-safe, allocates nothing, cannot fail.
 *
 * \param row            As many doubles as the model has features, in its order; NaN is missing.
 * \param contributions  Out: one for each feature, from -1 to 1: by how much the feature moved
 *                       the probability of the class.
 *
 * \return What the model would answer for any row if it knew nothing about it. With all
 *         contributions added it is the probability that model_predict() gives, but for
 *         rounding (below 1e-9).
 */
double model_explain(const explainer_t *explainer, const double *row, double *contributions);
