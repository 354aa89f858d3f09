/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief How well strategies of training do on the days before and after the labels.
 *
 * The three strategies are those of K. Fukuda's final report and of K. Fukuda, J. Heidemann,
 * IEEE/ACM ToN 25(5), 2017, section on training over time. Labels to learn from are those of
 * the training day, in all of them:
 *
 *  train-once   One model, of the rows of the training day; it is asked about every day.
 *  re-extract   A model for each day, of that day's own rows of the addresses that have a label
 *               on the training day, with the class that they have there.
 *  self-train   As re-extract; besides, what a day's model says of all other addresses of its
 *               day, save those that are tested, counts as their label on the days that
 *               follow (the latest verdict; never instead of a label of the training
 *               day). It goes from the training day on, and once more from it back.
 *
 * What keeps train and test apart: in each trial the originators (not the rows) of all days
 * are dealt into those that may be learnt from and those that are tested. An originator that
 * is tested is learnt from on no day, neither with a label nor with a verdict. Those with
 * labels on the training day are dealt evenly by class, the others by lot. A test row is asked
 * for the label of its own day. Originators without a label on any day are tested on none,
 * and may be learnt from (with verdicts).
 *
 * On the training day the three are the same model.
 */
#pragma once

#include "classifier/days.h"
#include "classifier/evaluation.h"

/*! The strategies. */
typedef enum {
	STRATEGY_TRAIN_ONCE,
	STRATEGY_RE_EXTRACT,
	STRATEGY_SELF_TRAIN,
	STRATEGIES, /*!< Number of strategies. */
} strategy_t;

/*! Name, as in "train-once". */
const char *strategy_name(strategy_t strategy);

/*! What to do. */
typedef struct {
	/*! Learner, trials, threshold, seed, threads; progress counts trials of a strategy. */
	evaluation_plan_t plan;
	bool chosen[STRATEGIES];
	size_t train_on;        /*!< Number of the training day. */
	/*! Class of which figures are kept apart; need not be there. */
	const char *positive;
	bool two;               /*!< Fold to that class and DATASET_REST. */
} strategy_plan_t;

/*! How a strategy did on a day; figures over the trials. */
typedef struct {
	size_t rows;            /*!< Rows of the day with a label. */
	size_t positive_rows;   /*!< Of these, rows of the positive class. */
	double learnt;          /*!< Rows that the day's model learnt from: mean of the trials. */
	size_t trials;          /*!< That had a model, and rows to test; the others count nothing. */
	size_t positive_trials; /*!< Of these, with rows of the positive class to test. */
	evaluation_figure_t f, precision, recall, accuracy; /*!< Macro, see metrics_summary_t. */
	evaluation_figure_t positive_f, positive_precision, positive_recall;
} strategy_figures_t;

/*!
 * Tries strategies.
 *
 * The same days, plan and seed give the same figures for any number of threads.
 *
 * \param figures  Out: STRATEGIES x days->count; those of strategies that are not chosen are
 *                 zero. Undefined on failure.
 *
 * \return STATUS_OK; STATUS_BAD_DATA where the training day's labels are of fewer than two
 *         classes, are too few to be parted, or the positive class is not among them and is
 *         folded to; as evaluation_run() otherwise.
 */
status_t strategy_run(const days_t *days, const strategy_plan_t *plan,
                      strategy_figures_t *figures, failure_t *failure);
