/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The classes of originators: what is assumed about each.
 */
#pragma once

#include "simulator/querier_kind.h"

/*! Classes, in the order of the alphabet. */
typedef enum {
	CLASS_AD_TRACKER = 0,
	CLASS_CDN,
	CLASS_CLOUD,
	CLASS_CRAWLER,
	CLASS_DNS,
	CLASS_MAIL,
	CLASS_NTP,
	CLASS_P2P,
	CLASS_PUSH,
	CLASS_SCAN,
	CLASS_SPAM,
	CLASS_UPDATE,
	CLASSES,
} class_id_t;

/*!
 * A section [class NAME] of the parameters. Single originators vary around it, see profile.c.
 * All are doubles, so that one table reads them.
 */
typedef struct {
	double share;                /*!< Of the originators alive; the sum is 1. */
	double kinds[KINDS];         /*!< Mixture of querier kinds, relative. */
	double concentration;        /*!< How near an originator keeps to the mixture (Dirichlet). */
	double queriers;             /*!< Distinct queriers on a full day: median, */
	double queriers_sigma;       /*!< and sigma of the logarithm (log-normal). */
	double queries;              /*!< Queries per querier and day: mean. */
	double bursty;               /*!< Share of the queries that come in bursts. */
	double bursts;               /*!< Bursts on a full day: mean. */
	double burst_minutes;        /*!< Length of a burst: mean. */
	double diurnal;              /*!< 0: same all day, 1: nothing at the deepest of the night. */
	double even;                 /*!< Share of the queriers drawn evenly over ASes, not by size. */
	double near;                 /*!< Share of the queriers out of its own countries and ASes. */
	double near_countries;       /*!< How many countries are its own: mean. */
	double near_networks;        /*!< How many ASes are its own: mean; 0: all of the countries. */
	double returning;            /*!< Share of the queriers that come back the next day. */
	double life_days;            /*!< Life time: mean (exponential). */
	double ipv6_share;           /*!< Share of the originators that are IPv6. */
	double drift;                /*!< Share of the drift of [originators] that it takes part in. */
	double named;                /*!< Share of the originators that have a reverse name. */
	double networks[NETWORKS];   /*!< Types of AS that it lives in, relative. */
} class_info_t;

/*! Names of the classes as truth.csv has them. */
extern const char *const class_names[CLASSES];
