/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Path attribution in trees; for classifier/ only. Void pointers: entries of model_kinds.
 */
#pragma once

#include "common/failure.h"

/*!
 * Reckons what each node would answer for a class if it were a leaf.
 *
 * \param forest  A forest_t.
 * \param values  Out: one for each node, in their order; to be freed.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t forest_node_values(const void *forest, size_t class_index, double **values);

/*! Explains a row by such values; see model_explain(). */
double forest_explain(const void *forest, const double *values, const double *row,
                      double *contributions);
