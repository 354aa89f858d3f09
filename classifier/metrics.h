/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief How well rows were told: confusion, precision, recall, F, and curves over thresholds.
 *
 * All functions are pure; shares of nothing are 0 unless said otherwise.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/failure.h"

/*! Points of a curve: one for each hundredth of its first axis. */
#define METRICS_CURVE_POINTS 101

/*! How one class was told. */
typedef struct {
	uint64_t rows;     /*!< Of the class. */
	double precision;  /*!< Rightly told as the class, over all told as the class. */
	double recall;     /*!< Rightly told as the class, over all of the class. */
	double f;          /*!< 2 precision recall / (precision + recall). */
} metrics_class_t;

/*! How all rows were told. */
typedef struct {
	double accuracy;   /*!< Rightly told rows, over all. */
	double precision;  /*!< Means over the classes that have rows. */
	double recall;
	double f;
} metrics_summary_t;

/*! Curves of one class against the rest over all thresholds of its probability. */
typedef struct {
	bool defined;             /*!< There are rows of the class and rows of others. */
	double roc_area;          /*!< Chance that a row of the class scores above one of others. */
	double average_precision; /*!< Mean precision over the steps of recall. */
	/*! True positive rate at false positive rates 0, 0.01, ... 1, linear between points. */
	double roc[METRICS_CURVE_POINTS];
	/*! Highest precision at recalls of at least 0, 0.01, ... 1. */
	double precision[METRICS_CURVE_POINTS];
} metrics_curves_t;

/*!
 * Reckons one class.
 *
 * \param confusion  \a classes x \a classes rows: confusion[t * classes + p] are of class t
 *                   and were told as p.
 */
metrics_class_t metrics_class(const uint64_t *confusion, size_t classes, size_t class_index);

/*! Reckons all classes; \a confusion as in metrics_class(). */
metrics_summary_t metrics_summary(const uint64_t *confusion, size_t classes);

/*!
 * Draws the curves of a class.
 *
 * ROC after T. Fawcett: An introduction to ROC analysis, Pattern Recognition Letters
 * 27(8), 2006 (equal scores are one step; area by trapezoids); average precision
 * without interpolation, as in M. Zhu: Recall, Precision and Average Precision, 2004.
 *
 * \param scores    \a count numbers, higher for the class; no NaN.
 * \param positive  \a count flags: the row is of the class.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t metrics_curves(const double *scores, const uint8_t *positive, size_t count,
                        metrics_curves_t *curves);

/*! Mean of \a count values. */
double metrics_mean(const double *values, size_t count);

/*! Standard deviation of a sample (over count - 1); 0 for fewer than two values. */
double metrics_deviation(const double *values, size_t count);
