/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief How much a row of each class counts in training.
 */
#pragma once

#include "classifier/dataset.h"
#include "common/failure.h"

/*! Least and greatest weight that may be given. */
#define CLASS_WEIGHT_LEAST 1e-6
#define CLASS_WEIGHT_MOST 1e6

/*!
 * Reads class weights from a text.
 *
 * \param text     "balanced": rows / (classes x rows of the class), so that every class
 *                 counts the same in sum (G. King, L. Zeng: Logistic Regression in Rare
 *                 Events Data, 2001, section 4); or "NAME=W,..." with decimal numbers, where
 *                 classes that are not named have weight 1; NULL for 1 throughout. At most
 *                 MODEL_NAME_MAX bytes, as the model carries it.
 * \param dataset  Finished; names the classes.
 * \param weights  Out: one for each class; undefined on failure.
 *
 * \return STATUS_OK, or STATUS_BAD_DATA with the part of the text that is wrong.
 */
status_t class_weights_parse(const char *text, const dataset_t *dataset, double *weights,
                             failure_t *failure);
