/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief One trial of one strategy over all days; for classifier/ only.
 */
#pragma once

#include "classifier/strategy.h"

/*! What all trials share, and none changes. */
typedef struct {
	const days_t *days;
	const strategy_plan_t *plan;
	const char **features;   /*!< Names. */
	const char **classes;    /*!< Names, folded if the plan says so. */
	size_t class_count;
	uint32_t positive;       /*!< DAYS_NONE: the class is not there. */
	uint32_t *labels;        /*!< Of each row: class or DAYS_NONE. */
	/*!
	 * Of each originator: its class on the training day; DAYS_NONE if it has none, or rows of
	 * different classes.
	 */
	uint32_t *known;
} strategy_course_t;

/*! How a day went. */
typedef struct {
	size_t learnt;           /*!< Rows that the day's model learnt from. */
	bool tested;             /*!< There were a model and rows to test; else the rest is zero. */
	metrics_summary_t summary;
	metrics_class_t positive; /*!< Without rows if there were none to test. */
} strategy_score_t;

/*!
 * Runs a trial.
 *
 * \param trial   Its number: seeds of its trainings come from it and the day, so that all
 *                strategies have the same.
 * \param tested  Of each originator: it is tested, and never learnt from.
 * \param scores  Out: one for each day, zero before.
 *
 * \return As strategy_run().
 */
status_t strategy_walk(const strategy_course_t *course, strategy_t strategy, size_t trial,
                       const uint8_t *tested, strategy_score_t *scores, failure_t *failure);
