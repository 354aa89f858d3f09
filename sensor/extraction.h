/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief From a window to the feature vectors of its analyzable originators.
 *
 * The definitions, over the n distinct sampled queriers of an originator (Fukuda
 * and Heidemann, IEEE/ACM ToN 25(5), 2017, section III-C):
 *
 *  - a static feature: the share of queriers whose name is of the category;
 *  - queries_per_querier: counted queries over n;
 *  - persistence: the share of the window's periods in which the originator appears;
 *  - local_entropy: Shannon entropy of the queriers' /24 (IPv6: /48), over log2(n);
 *  - global_entropy: likewise of their /8 (IPv6: /16); both are 0 for n = 1;
 *  - unique_as, unique_country: distinct ones of these queriers over the number
 *    among all queriers of the window;
 *  - queriers_per_country, queriers_per_as: queriers over distinct ones.
 *
 * A querier whose name, AS or country is not known is left out of that feature's
 * numerator and denominator; a feature with nothing known is missing (NaN).
 */
#pragma once

#include "sensor/feature.h"
#include "sensor/querier_directory.h"
#include "sensor/sensor.h"
#include "sensor/wanted.h"

/*! An analyzable originator. */
typedef struct {
	address_t originator;
	uint64_t queriers;          /*!< Distinct; an estimate if above the sample size. */
	uint64_t queries;           /*!< Counted; likewise. */
	uint64_t verified;          /*!< Those of the queriers that are verified; likewise. */
	uint32_t sampled;           /*!< n. */
	float known_names;          /*!< Share of n whose name category is known. */
	float known_as;             /*!< Share of n whose AS is known. */
	float known_countries;      /*!< Share of n whose country is known. */
	double features[FEATURES];  /*!< NaN: missing. */
} originator_features_t;

/*! All of a window. Start with `extraction_t extraction = { 0 };`. */
typedef struct {
	uint64_t start;             /*!< Moment. */
	uint64_t since;             /*!< Moment from which on the window was filled. */
	uint64_t length;            /*!< Microseconds. */
	family_t family;
	window_counts_t counts;
	uint64_t originators;       /*!< All, analyzable or not. */
	uint64_t queriers;          /*!< Distinct queriers of the window. */
	uint64_t verified;          /*!< Those of them that are verified. */
	uint64_t as_numbers;        /*!< Distinct known ASes of these. */
	uint64_t countries;         /*!< Distinct known countries of these. */
	uint64_t left_out;          /*!< Analyzable originators beyond the limit of rows. */
	size_t count;               /*!< Rows. */
	originator_features_t *rows; /*!< By address. */
	wanted_t wanted;            /*!< The queriers in their samples, at most WANTED_MAX. */
} extraction_t;

/*!
 * Extracts the features. May run while others observe: then each originator is
 * seen as of some moment during the call.
 *
 * \param window        The window.
 * \param family        Which family it is of.
 * \param directory     What is known of queriers; NULL: nothing.
 * \param min_queriers  Least distinct queriers of an analyzable originator; at least 1.
 * \param until         Moment up to which the window has been filled: the periods
 *                      of persistence end there. The window's end or later for a
 *                      whole window.
 * \param rows_max      Most rows; which are left out beyond is left to chance.
 * \param extraction    Out; free with extraction_clear().
 *
 * \return STATUS_OK or STATUS_NO_MEMORY (then nothing is to be freed).
 */
status_t extraction_make(const window_t *window, family_t family,
                         const querier_directory_t *directory, uint32_t min_queriers,
                         uint64_t until, size_t rows_max, extraction_t *extraction);

/*!
 * Extracts the features of a window that has ended, and makes no list of who is wanted: for
 * whoever asks nobody. Otherwise as extraction_make() without a limit of rows.
 */
status_t extraction_make_rows(const window_t *window, family_t family,
                              const querier_directory_t *directory, uint32_t min_queriers,
                              extraction_t *extraction);

/*! Frees the rows. */
void extraction_clear(extraction_t *extraction);
