/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Training: a dataset and parameters in, a model out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifier/dataset.h"
#include "classifier/model.h"
#include "common/failure.h"

/*! Most threads of a training. */
#define TRAINING_THREADS_MAX 1024

/*! How a tree searches its splits. */
typedef enum {
	SPLITS_BINNED, /*!< Among at most 256 groups of neighbouring values per feature: fast. */
	SPLITS_EXACT,  /*!< Between any two values. */
} splits_t;

/*! Parameters of a training. Start with training_default(). */
typedef struct {
	uint32_t trees;      /*!< Of a forest; a tree ignores it. */
	uint32_t mtry;       /*!< Features tried per split; 0: see \ref learner_train. */
	uint32_t min_leaf;   /*!< Least rows of a leaf, each counted as often as it was drawn. */
	uint32_t max_depth;  /*!< Deepest leaf, up to TREE_DEPTH_MAX. */
	/*!
	 * How much rows count by their class, in splits and leaves; text as for
	 * class_weights_parse(). The least rows of a leaf are counted without it.
	 */
	const char *class_weights;
	const double *weights; /*!< Of each class; filled in by learner_train(). NULL: all 1. */
	double cost;         /*!< Of a support vector machine: C, 1e-9 to 1e9. */
	double gamma;        /*!< Of its kernel exp(-gamma |x - v|^2); 0: 1 / features. */
	bool grid;           /*!< Choose cost and gamma by cross-validation instead. */
	double smote;        /*!< Ratio of SMOTE (see smote.h) before training; 0: none. */
	uint32_t smote_neighbours; /*!< Of SMOTE. */
	splits_t splits;     /*!< The same trees if no feature has more than 256 values, missing
	                          ones being one of them. */
	uint32_t threads;    /*!< At least 1; changes the time and nothing else. */
	uint64_t seed;
	uint64_t created;    /*!< Moment that the model is to carry. */
	/*!
	 * The positive class of the model's threshold; NULL: "scan" if there is such a class, else
	 * the model has no threshold.
	 */
	const char *positive;
	double threshold;    /*!< Above 0 to 1: is the threshold; 0: it is chosen. */
	double precision;    /*!< Above 0 to 1: choose the least threshold with it; 0: by F. */
	/*! Told of trees done, from the calling thread; NULL for nobody. */
	void (*progress)(void *context, size_t done, size_t total);
	void *progress_context;
	/*!
	 * NULL, or room for rows x classes: the probabilities of each row by the trees that
	 * did not learn from it, NaN where there is none (and everywhere for a single tree).
	 * Of a machine for two classes, those by cross-validation.
	 */
	double *out_of_bag;
} training_t;

/*! 500 trees, default mtry, leaves of one row, full depth, binned splits, one thread, seed 1. */
training_t training_default(void);

/*!
 * Trains a model.
 *
 * "forest" is Breiman's random forest: each tree learns from as many rows as there are,
 * drawn with replacement, and tries floor(sqrt(features)) features at each split if mtry
 * is 0. "tree" is one tree on all rows that tries all features if mtry is 0. "svm" is a
 * support vector machine with an RBF kernel for each pair of classes (see svm_train.c).
 *
 * The threshold of the positive class is chosen on the out-of-bag probabilities; without
 * any it is 0.5. The tallies of the classes count verdicts with that threshold.
 *
 * With SMOTE the model learns from the rows given and from new ones; threshold, tallies
 * and out-of-bag probabilities are those of the rows given. They are a little too good all
 * the same, for the new rows lie near the old ones.
 *
 * The same data, parameters and seed give the same model whatever the number of threads.
 *
 * \param kind      Name of a kind of model, as in model_kind_name().
 * \param dataset   Finished.
 * \param training  Parameters; values that do not fit the dataset are refused.
 * \param model     Out; free with model_destroy(). Untouched on failure.
 *
 * \return STATUS_OK; STATUS_UNSUPPORTED for a kind that is not known, more classes or rows
 *         than it can tell apart, or a model above MODEL_SIZE_MAX; STATUS_BAD_DATA for
 *         a parameter out of range, with its name, a positive class that is none or a
 *         precision that cannot be had; STATUS_NO_MEMORY.
 */
status_t learner_train(const char *kind, const dataset_t *dataset, const training_t *training,
                       model_t **model, failure_t *failure);

/*!
 * Tells what learner_train() would refuse before it learns: parameters out of range, and rows
 * that are too many for the kind.
 *
 * \return As learner_train().
 */
status_t learner_check(const char *kind, const dataset_t *dataset, const training_t *training,
                       failure_t *failure);
