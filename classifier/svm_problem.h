/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Scaled rows as libsvm takes them, and training on some of them; for classifier/ only.
 */
#pragma once

#include <stdint.h>

#include "classifier/learner.h"
#include "classifier/svm_machine.h"

/*! Folds of a cross-validation. */
#define SVM_FOLDS 5

struct svm_model;
struct svm_node;

/*! All rows of a dataset, scaled. Read-only once made, so any threads may share it. */
typedef struct {
	const dataset_t *dataset;
	svm_scale_t *scales;
	struct svm_node *nodes;  /*!< rows x (features + 1), each row ended by index -1. */
	size_t *by_class;        /*!< Row numbers in order of classes: libsvm's order is then ours. */
} svm_problem_t;

/*!
 * Learns the scales from the dataset's rows (median of the values that are there; mean and
 * standard deviation once the missing ones are the median) and scales the rows.
 *
 * \return NULL if memory is short. Free with svm_problem_destroy().
 */
svm_problem_t *svm_problem_create(const dataset_t *dataset);

/*! Frees; NULL is allowed. */
void svm_problem_destroy(svm_problem_t *problem);

/*! A scaled row. */
const struct svm_node *svm_problem_row(const svm_problem_t *problem, size_t row);

/*!
 * Trains libsvm's C-SVC with the RBF kernel. Draws no random numbers, prints nothing.
 *
 * \param kept      One flag per row: learn from the row. NULL: from all.
 * \param training  Its cost, gamma and weights of classes.
 * \param model     Out: free with svm_free_and_destroy_model() before the problem.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t svm_problem_train(const svm_problem_t *problem, const uint8_t *kept,
                           const training_t *training, struct svm_model **model);

/*!
 * Deals rows into SVM_FOLDS folds, groups whole and classes evenly.
 *
 * \param stream   Of the seed.
 * \param fold_of  Out: a fold for each row.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t svm_problem_deal(const svm_problem_t *problem, uint64_t seed, uint64_t stream,
                          uint16_t *fold_of);

/*!
 * Takes a machine out of libsvm's model, whose labels must be 0, 1, 2, ... in that order.
 * Its sigmoids are the model's, or zero if it has none.
 *
 * \return NULL if memory is short.
 */
svm_machine_t *svm_machine_take(const struct svm_model *model, const svm_scale_t *scales,
                                size_t features);
