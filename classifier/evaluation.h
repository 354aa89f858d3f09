/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief How well a learner does on rows that it did not learn from, over repeated trials.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifier/learner.h"
#include "classifier/metrics.h"

/*! Most trials. */
#define EVALUATION_TRIALS_MAX 1000

/*! Trials in which features are permuted: that costs one prediction for each feature. */
#define EVALUATION_PERMUTED_TRIALS 5

/*! What to do. */
typedef struct {
	const char *algorithm;  /*!< As for learner_train(). */
	training_t training;    /*!< Its seed, threads, progress and out_of_bag are not looked at. */
	size_t folds;           /*!< 2 to EVALUATION_TRIALS_MAX: k-fold cross-validation; or 0: */
	size_t repetitions;     /*!< 1 to EVALUATION_TRIALS_MAX splits of */
	double train;           /*!< this share to learn from, between 0 and 1. */
	bool threshold;         /*!< Verdicts by the model's threshold, not the highest probability. */
	uint64_t seed;
	uint32_t threads;       /*!< Trials at once; change the time and nothing else. */
	/*! Told of trials done, from the calling thread; NULL for nobody. */
	void (*progress)(void *context, size_t done, size_t total);
	void *progress_context;
} evaluation_plan_t;

/*! A figure over the trials. */
typedef struct {
	double mean;
	double deviation;  /*!< Standard deviation of the sample. */
} evaluation_figure_t;

/*! How one class was told. */
typedef struct {
	size_t trials;     /*!< In which it had rows to test with; the others count nothing. */
	evaluation_figure_t precision, recall, f;
	size_t drawn;      /*!< Trials with curves: rows of the class and of others in the test. */
	evaluation_figure_t roc_area, average_precision;
	double roc[METRICS_CURVE_POINTS];        /*!< Means of \ref metrics_curves_t. */
	double precisions[METRICS_CURVE_POINTS];
} evaluation_class_t;

/*! What a feature did. */
typedef struct {
	evaluation_figure_t gini;        /*!< Of the models; zero if the kind knows none. */
	evaluation_figure_t permutation; /*!< Loss of macro F when its test values are shuffled. */
} evaluation_feature_t;

/*! The answer. */
typedef struct {
	size_t trials;
	size_t class_count;
	size_t feature_count;
	evaluation_figure_t accuracy, precision, recall, f; /*!< Macro, see metrics_summary_t. */
	uint64_t *confusion;   /*!< Summed over trials; see metrics_class(). */
	evaluation_class_t *classes;
	evaluation_feature_t *features;
} evaluation_t;

/*!
 * Evaluates a learner.
 *
 * Each trial deals the rows into a training and a test part (stratified; groups of the dataset
 * stay whole), trains, with SMOTE if the training says so, on the training part alone and
 * tells the test part. The same dataset, plan and seed give the same answer.
 *
 * \param dataset     Finished.
 * \param evaluation  Out; free with evaluation_destroy(). Untouched on failure.
 *
 * \return STATUS_OK; STATUS_BAD_DATA for a plan out of range, too few groups, or a training
 *         part of one class only; what learner_train() returns; STATUS_NO_MEMORY.
 */
status_t evaluation_run(const dataset_t *dataset, const evaluation_plan_t *plan,
                        evaluation_t **evaluation, failure_t *failure);

/*! Frees; NULL is allowed. */
void evaluation_destroy(evaluation_t *evaluation);
