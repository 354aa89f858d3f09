/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Training of a support vector machine; for classifier/ only.
 */
#pragma once

#include "classifier/learner.h"
#include "classifier/svm_machine.h"

/*! Most rows: each of the machines would take weeks for as many. */
#define SVM_ROWS_MAX 1000000

/*!
 * Refuses rows that a machine cannot learn from.
 *
 * \return STATUS_OK; STATUS_UNSUPPORTED for more than SVM_CLASSES_MAX classes or SVM_ROWS_MAX
 *         rows.
 */
status_t svm_machine_refuse(const dataset_t *dataset, failure_t *failure);

/*!
 * Chooses cost and gamma from a grid by cross-validation, if \a training asks for it.
 *
 * \param training  In and out: its cost and gamma.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t svm_machine_choose(const dataset_t *dataset, training_t *training, failure_t *failure);

/*!
 * Trains a machine; see learner_train().
 *
 * \param machine  Out; free with svm_machine_destroy().
 * \param tallies  Stays as it is: there are no bags.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t svm_machine_train(const dataset_t *dataset, const training_t *training, void **machine,
                           model_tally_t *tallies);
