/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Inside of a model and the table of kinds of models; for classifier/ only.
 *
 * A new kind of model is one entry here (how to predict, write, read, free) and
 * one in the table of learners (learner.c: how to train). The two are apart so
 * that the name server carries no training code.
 */
#pragma once

#include <stdbool.h>

#include "classifier/limits.h"
#include "classifier/model.h"
#include "common/cursor.h"

/*! What a kind of model can do with what was learnt (\a learned is the kind's own type). */
typedef struct {
	const char *name; /*!< As in the model file and on the command line. */

	/*!
	 * Predicts \a rows x features doubles, contiguous, in the model's order, into
	 * \a rows x classes probabilities. Thread-safe, no allocation.
	 */
	void (*predict)(const void *learned, const double *block, size_t rows,
	                double *probabilities);

	/*! Appends the kind's part of the model file. */
	void (*write)(const void *learned, buffer_t *buffer);

	/*!
	 * Reads the kind's part of the model file, which is outside data. On return
	 * STATUS_OK every later predict() is safe. The sentence need not name the file.
	 */
	status_t (*read)(cursor_t *cursor, size_t features, size_t classes, void **learned,
	                 failure_t *failure);

	/*! Frees; NULL is allowed. */
	void (*destroy)(void *learned);

	/*! What each node would answer for a class, to be freed; NULL: the kind gives no reasons. */
	status_t (*node_values)(const void *learned, size_t class_index, double **values);

	/*! Explains a row by such values; see model_explain(). NULL: the kind gives no reasons. */
	double (*explain)(const void *learned, const double *values, const double *row,
	                  double *contributions);
} model_kind_t;

/*! A class of a model. */
typedef struct {
	char *name;
	uint64_t rows;       /*!< In training. */
	model_tally_t tally;
} model_class_t;

/*! A feature of a model. */
typedef struct {
	char *name;
	double importance;   /*!< Share of all; see model_feature_importance(). */
} model_feature_t;

/*! The positive class and its threshold. */
typedef struct {
	bool exists;          /*!< Else the rest is zero. */
	uint32_t class_index;
	model_rule_t rule;
	double value;         /*!< 0 to 1. */
	double precision;     /*!< Wanted, above 0 to 1; 0 with the other rules. */
} model_threshold_t;

/*! A training parameter, as text. */
typedef struct {
	char *key;
	char *value;
} model_parameter_t;

struct model {
	const model_kind_t *kind;
	void *learned;
	model_feature_t *features;
	size_t feature_count;
	model_class_t *classes;
	size_t class_count;
	model_parameter_t *parameters;
	size_t parameter_count;
	model_threshold_t threshold;
	struct portrait *portrait;  /*!< Of the training data; NULL: not kept. See portrait.h. */
	uint64_t created;
	uint64_t checksum;
};

/*! Kinds by their indices. */
enum {
	MODEL_TREE,
	MODEL_FOREST,
	MODEL_SVM,
	MODEL_KINDS, /*!< Number of kinds. */
};

/*! The table. */
extern const model_kind_t model_kinds[MODEL_KINDS];

/*! Where the file's total length stands, and its size up to there. */
#define MODEL_LENGTH_OFFSET 12

/*! Length of the head (magic, version, length) and of the checksum at the end. */
#define MODEL_HEAD_SIZE (MODEL_LENGTH_OFFSET + 8)
#define MODEL_CHECKSUM_SIZE 8

/*!
 * Writes total length and checksum into the bytes of a model file, as the last step of
 * making one. Also lets a test alter a file and get past the checksum.
 *
 * \param size  At least MODEL_HEAD_SIZE + MODEL_CHECKSUM_SIZE.
 */
void model_seal(uint8_t *bytes, size_t size);
