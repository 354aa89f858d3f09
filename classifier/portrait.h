/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What the training data looked like: a coarse histogram of each feature and of the
 * verdicts' probability, kept in the model file, so that later rows can be held against it.
 *
 * Two samples are kept: the rows that were learnt from, and all rows of the features file, for
 * rows with labels are not like rows without.
 *
 * The measure is the population stability index
 *
 *     PSI = sum over bins of (q - p) ln(q / p)
 *
 * of the shares p then and q now. Bins are tenths of the training rows, missing values are one
 * more; of the probability of a positive class they are the two sides of its threshold. Half a row is added to each bin, so that none is empty. By custom a PSI below 0.1 is
 * no change, from 0.25 on a large one (N. Siddiqi: Credit Risk Scorecards, 2006; E. Lewis: An
 * Introduction to Credit Scoring, 1994). Where nothing has changed it is about
 * (1/n + 1/m) chi-squared with bins - 1 degrees of freedom, for n and m rows (B. Yurdakul:
 * Statistical Properties of Population Stability Index, 2018): with few rows it is large by
 * chance, so that has to be asked too.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifier/model.h"
#include "common/buffer.h"
#include "common/cursor.h"
#include "common/failure.h"
#include "common/moment.h"

/*! Most edges between bins. */
#define PORTRAIT_EDGES 9

/*! Customary bounds of the index: a small change begins, a large one begins. */
#define PORTRAIT_SHIFTED 0.1
#define PORTRAIT_MOVED   0.25

/*! Of a feature, or of the probability. A value is in the first bin whose edge is not below it. */
typedef struct {
	uint64_t missing;                    /*!< Rows without a value. */
	uint32_t edges;                      /*!< 0 to PORTRAIT_EDGES; one bin more. */
	double edge[PORTRAIT_EDGES];          /*!< Strictly ascending. */
	uint64_t counts[PORTRAIT_EDGES + 1];  /*!< Rows of each bin. */
} portrait_column_t;

/*! Which rows. */
typedef enum {
	PORTRAIT_LEARNT,  /*!< Those that were learnt from. */
	PORTRAIT_ALL,     /*!< Those, and the others of the features file: a uniform sample of them. */
	PORTRAIT_SAMPLES, /*!< Number of samples. */
} portrait_sample_id_t;

/*! A sample of rows. */
typedef struct {
	uint64_t rows;              /*!< 0: it is not kept. */
	portrait_column_t *columns;  /*!< Of each feature, then of the probability. */
} portrait_sample_t;

/*! Most lengths of windows that are told apart; rows of IPv4 and of IPv6 have two. */
#define PORTRAIT_SPANS 4

/*! Rows with windows of one length, as those of a family are. */
typedef struct {
	uint64_t length;            /*!< Microseconds; 0: of any length, where there were more. */
	time_window_t time;         /*!< From the first begin to the last end. */
} portrait_span_t;

/*! All that is kept. */
typedef struct portrait {
	/*! Times of the rows learnt from; none: they had no windows. */
	portrait_span_t spans[PORTRAIT_SPANS];
	uint32_t span_count;
	size_t columns;             /*!< Features + 1. */
	portrait_sample_t samples[PORTRAIT_SAMPLES];
} portrait_t;

/*! Makes a portrait without samples for so many features; NULL if memory is short. */
portrait_t *portrait_create(size_t features);

/*! Frees; NULL is allowed. */
void portrait_destroy(portrait_t *portrait);

/*! Adds the window of a row that is learnt from, if it is not TIME_WINDOW_ALWAYS. */
void portrait_extend(portrait_span_t spans[PORTRAIT_SPANS], uint32_t *count,
                     const time_window_t *window);

/*!
 * Tells whether a row of such a window may be one of those learnt from, or overlap with one: its
 * window overlaps with the time of windows of its length.
 */
bool portrait_knows(const portrait_t *portrait, const time_window_t *window);

/*! From the first to the last moment of all rows learnt from; false: it is not known. */
bool portrait_time(const portrait_t *portrait, time_window_t *time);

/*! Makes room for a sample, all zero; false if memory is short. */
bool portrait_begin(portrait_t *portrait, portrait_sample_id_t id);

/*! Chooses the edges of a column from \a count values, which are sorted; NaN is missing. */
void portrait_cut(portrait_column_t *column, double *values, size_t count);

/*! Counts a value, NaN being a missing one. */
void portrait_count(portrait_column_t *column, double value);

/*! Copies the edges of a column, without the counts. */
portrait_column_t portrait_empty(const portrait_column_t *column);

/*! The population stability index of two columns with the same edges. */
double portrait_psi(const portrait_column_t *then, const portrait_column_t *now);

/*!
 * What the index of such columns exceeds once in a thousand times if nothing has changed: the
 * 0.999 quantile of the law above, after Wilson and Hilferty (1931).
 */
double portrait_chance(const portrait_column_t *then, const portrait_column_t *now);

/*! The probability that is kept of a row: of the positive class, or the highest. */
double portrait_probability(const model_t *model, const double *probabilities);

/*! Profile of a model; NULL if it has none, as those of older builds. Lives as long as it. */
const portrait_t *model_portrait(const model_t *model);

/*! Gives a model its portrait, which it owns from then on; the old one is freed. */
void model_set_portrait(model_t *model, portrait_t *portrait);

/*! Appends the portrait's part of a model file. */
void portrait_write(const portrait_t *portrait, buffer_t *buffer);

/*!
 * Reads the portrait's part of a model file, which is outside data.
 *
 * \return STATUS_OK; STATUS_BAD_DATA; STATUS_NO_MEMORY. The sentence need not name the file.
 */
status_t portrait_read(cursor_t *cursor, size_t features, portrait_t **portrait,
                      failure_t *failure);
