/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief `backscatter evaluate --strategy`: strategies of training over days.
 */
#pragma once

#include "classifier/strategy.h"
#include "cli/training_options.h"

/*! What the options say of strategies. */
typedef struct {
	bool given;                /*!< Any strategy. */
	bool chosen[STRATEGIES];
	const char **features;     /*!< Files of rows; the caller's array. */
	size_t feature_files;
	uint64_t train_on;         /*!< A moment of the training day, */
	const char *train_on_text; /*!< as it was given; NULL: not given. */
	bool csv;
} strategies_t;

/*! Tells what is missing or excludes each other: NULL, or the sentence. */
const char *evaluate_strategies_check(const strategies_t *strategies,
                                      const training_options_t *options);

/*!
 * Tries the strategies with each learner on each choice of classes, prints the table and
 * writes the report.
 *
 * \param plan      Its algorithm, progress and SMOTE are not looked at.
 * \param learners  \a count names, as for learner_train().
 *
 * \return As days_read() and strategy_run(); STATUS_BAD_DATA if there are no rows of the
 *         training day; STATUS_SYSTEM if the report cannot be written.
 */
status_t evaluate_strategies(const strategies_t *strategies, const training_options_t *options,
                             const evaluation_plan_t *plan, const char *const *learners,
                             size_t count, failure_t *failure);
