/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief A trained classifier: load it, map its features, predict with it, save it.
 *
 * This is all that the name server's module needs of the learning side. The
 * library behind it (libmodel) starts no thread and prints nothing. A model
 * never changes after it was loaded, so any number of threads may read it and
 * predict with it at once; only model_destroy() must be alone.
 *
 * The file's layout is in doc/formats/model.md.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/failure.h"

/*! A trained classifier. */
typedef struct model model_t;

/*! How often a class was met and told rightly among rows that the trees had not learnt from. */
typedef struct {
	uint64_t rows;      /*!< Rows of the class that were left out by at least one tree. */
	uint64_t predicted; /*!< Rows of any class that were taken for this class. */
	uint64_t right;     /*!< Rows of the class that were taken for it. */
} model_tally_t;

/*! How the threshold of the positive class was chosen. */
typedef enum {
	MODEL_RULE_FIXED,     /*!< 0.5: nothing was known about rows that were not learnt from. */
	MODEL_RULE_F,         /*!< The highest F out of bag. */
	MODEL_RULE_PRECISION, /*!< The least with a wanted precision out of bag. */
	MODEL_RULES,          /*!< Number of rules. */
} model_rule_t;

/*!
 * Loads a model file. The file is outside data: whatever is wrong with it ends in a
 * failure with one sentence that names it.
 *
 * \param path     Regular file of at most MODEL_SIZE_MAX bytes.
 * \param model    Out; free with model_destroy(). Untouched on failure.
 * \param failure  Out; NULL is allowed.
 *
 * \return STATUS_OK; STATUS_BAD_DATA (cut, altered, absurd, no model file);
 *         STATUS_UNSUPPORTED (other version or kind); STATUS_SYSTEM; STATUS_NO_MEMORY.
 */
status_t model_load(const char *path, model_t **model, failure_t *failure);

/*! Like model_load() from \a size bytes in memory, which are copied; \a name is for sentences. */
status_t model_read(const void *bytes, size_t size, const char *name, model_t **model,
                    failure_t *failure);

/*!
 * Appends the bytes of the model file to an empty buffer. The same model and date
 * give the same bytes.
 *
 * \return STATUS_OK; STATUS_NO_MEMORY; STATUS_UNSUPPORTED above MODEL_SIZE_MAX.
 */
status_t model_write(const model_t *model, buffer_t *buffer, failure_t *failure);

/*! Saves the model; the file appears whole or not at all. "-" is standard output. */
status_t model_save(const model_t *model, const char *path, failure_t *failure);

/*! Frees a model; NULL is allowed. */
void model_destroy(model_t *model);

/*! Number of features, 1 to MODEL_FEATURES_MAX. */
size_t model_feature_count(const model_t *model);

/*! Name of a feature; lives as long as the model. */
const char *model_feature_name(const model_t *model, size_t feature);

/*!
 * Gini importance of a feature: the decrease of impurity by the splits on it, weighted by
 * their rows and summed over all trees (Breiman et al., 1984, section 5.3.4), as a share of
 * all features' (0 to 1). Zero for all where no split decreased it or the kind knows none.
 */
double model_feature_importance(const model_t *model, size_t feature);

/*! Number of classes, 2 to MODEL_CLASSES_MAX. */
size_t model_class_count(const model_t *model);

/*! Name of a class; classes are sorted by their names' bytes. Lives as long as the model. */
const char *model_class_name(const model_t *model, size_t class_index);

/*! Training rows of a class. */
uint64_t model_class_rows(const model_t *model, size_t class_index);

/*! Out-of-bag tally of a class by model_verdict(); all zero where there is none (a single tree). */
model_tally_t model_class_tally(const model_t *model, size_t class_index);

/*!
 * Threshold of the positive class, which model_verdict() keeps.
 *
 * \param class_index  Out: the positive class; untouched if there is none. NULL is allowed.
 *
 * \return 0 to 1; NaN if the model has no positive class.
 */
double model_threshold(const model_t *model, size_t *class_index);

/*!
 * How the threshold was chosen.
 *
 * \param precision  Out: the wanted precision of MODEL_RULE_PRECISION, else 0. NULL is allowed.
 */
model_rule_t model_threshold_rule(const model_t *model, double *precision);

/*!
 * The verdict on a row: the positive class if its probability is at least the threshold,
 * otherwise the most probable other class (the lowest index of equal ones). Of a model
 * without a positive class, the most probable class. Thread-safe.
 *
 * \param probabilities  model_class_count() probabilities, as model_predict() gives them.
 *
 * \return Index of the class.
 */
size_t model_verdict(const model_t *model, const double *probabilities);

/*! Number of training parameters that the file names. */
size_t model_parameter_count(const model_t *model);

/*! Key of a training parameter, as in "trees". */
const char *model_parameter_key(const model_t *model, size_t parameter);

/*! Value of a training parameter as text, as in "500". */
const char *model_parameter_value(const model_t *model, size_t parameter);

/*! Moment of training, in microseconds since 1970. */
uint64_t model_created(const model_t *model);

/*! Checksum of the file the model was loaded from: tells models apart; 0 before it is saved. */
uint64_t model_checksum(const model_t *model);

/*! Kind of the model: "tree", "forest", "svm". */
const char *model_kind_name(const model_t *model);

/*!
 * Finds the model's features among the columns that the caller has.
 *
 * \param names    Column names, all different.
 * \param count    Number of \a names.
 * \param columns  Out: room for model_feature_count() indices; columns[i] is the index
 *                 in \a names of the model's feature i. Undefined on failure.
 *
 * \return STATUS_OK, or STATUS_BAD_DATA with the first feature that is missing.
 */
status_t model_map_features(const model_t *model, const char *const *names, size_t count,
                            size_t *columns, failure_t *failure);

/*!
 * Predicts class probabilities. Thread-safe, allocates nothing, cannot fail; uses
 * some 400 KiB of stack at most. The result for a row does not depend on the other rows.
 *
 * \param matrix         \a rows x \a stride doubles, row after row; NaN is a missing value.
 * \param stride         Doubles from one row to the next.
 * \param columns        As given by model_map_features(): column of each feature; NULL if the
 *                       first columns are the features in the model's order.
 * \param probabilities  Out: \a rows x model_class_count(); each row sums to 1.
 */
void model_predict(const model_t *model, const double *matrix, size_t rows, size_t stride,
                   const size_t *columns, double *probabilities);

/*! Class of the highest of \a classes probabilities; the lowest index of equal ones. */
size_t model_class_argmax(const double *probabilities, size_t classes);
