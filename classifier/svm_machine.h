/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief A support vector machine ready to predict; for classifier/ only.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/cursor.h"
#include "common/failure.h"

/*! Most classes: bounds the rooms of a prediction, which are on the stack. */
#define SVM_CLASSES_MAX 32

/*! Pairs of classes. */
#define SVM_PAIRS(classes) ((classes) * ((classes) - 1) / 2)

/*! Largest magnitude of any number in a machine: products of what is bounded stay finite. */
#define SVM_NUMBER_MAX 1e100

/*! How a feature is brought to the machine's scale. */
typedef struct {
	double median;  /*!< Takes the place of a missing value. */
	double centre;
	double factor;  /*!< Scaled value: (value - centre) * factor; 0 for a constant feature. */
} svm_scale_t;

/*! Two classes against each other. */
typedef struct {
	double rho;     /*!< Taken from the sum of kernels: the decision value. */
	double slope;   /*!< P(first of the pair) = 1 / (1 + exp(slope * decision + offset)). */
	double offset;  /*!< 0 in machines that are trained here, see sigmoid.c. */
} svm_pair_t;

/*! One machine for each pair of classes, over one set of support vectors. Read-only once built. */
typedef struct {
	size_t features;
	size_t classes;
	size_t vectors;
	double gamma;         /*!< Kernel: exp(-gamma * squared distance). */
	svm_scale_t *scales;  /*!< One for each feature. */
	uint32_t *counts;     /*!< Support vectors of each class; they stand in order of classes. */
	svm_pair_t *pairs;    /*!< (0,1), (0,2), ... (1,2), ... */
	double *points;       /*!< vectors x features, scaled. */
	/*! vectors x (classes - 1): weight against each other class, in order of classes. */
	double *weights;
} svm_machine_t;

/*!
 * Makes a machine with room for its parts, all zero.
 *
 * \return NULL if memory is short. Free with svm_machine_destroy().
 */
svm_machine_t *svm_machine_create(size_t features, size_t classes, size_t vectors);

/*! Frees; NULL is allowed. (void pointers: these four are entries of model_kinds.) */
void svm_machine_destroy(void *machine);

/*! Brings a row to the machine's scale. Whatever the row holds, the result is finite. */
void svm_machine_scale(const svm_scale_t *scales, size_t features, const double *row,
                       double *scaled);

/*! Class probabilities of rows; see model_kind_t. Uses some 55 KiB of stack. */
void svm_machine_predict(const void *machine, const double *block, size_t rows,
                         double *probabilities);

/*! Appends the machine's part of the model file. */
void svm_machine_write(const void *machine, buffer_t *buffer);

/*! Reads the machine's part of the model file; see model_kind_t. */
status_t svm_machine_read(cursor_t *cursor, size_t features, size_t classes, void **machine,
                          failure_t *failure);
