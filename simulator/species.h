/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The species of scanners: who scans, with which tool, and how their number goes.
 *
 * All are of class scan; what tells them apart is how long they live, whether they
 * move from address to address, and whether their number rises and falls:
 *
 *   campaign    ..ooo...   somebody's scan: an address for a day or two, then another
 *   research    oooooooo   the same address for months, at the same hours
 *   mirai       ..oOOoo.   a worm that breaks out and is cleaned up
 *   conficker   OOOooooo   an old worm whose hosts are replaced over the years
 */
#pragma once

#include "simulator/querier_kind.h"

/*! Species of scanners. */
typedef enum {
	SPECIES_CAMPAIGN = 0,
	SPECIES_RESEARCH,
	SPECIES_MIRAI,
	SPECIES_CONFICKER,
	SPECIES,
} species_id_t;

/*! Tools that leave a mark in the packets of a scan (darknet/fingerprint.h reads them). */
typedef enum {
	TOOL_NONE = 0,   /*!< Sends no probes. */
	TOOL_ZMAP,
	TOOL_MASSCAN,
	TOOL_MIRAI,
	TOOL_CONFICKER,
	TOOL_OTHER,      /*!< Leaves no mark. */
	TOOLS,
} scan_tool_t;

/*! A section [scan NAME] of the parameters. */
typedef struct {
	double share;                /*!< Of the scanners alive when its wave is at its height. */
	double life_days;            /*!< Life of an address: mean (exponential). */
	double campaign_days;        /*!< Life of a campaign over all its addresses: mean; 0: one. */
	double gap_hours;            /*!< From one address of a campaign to the next: mean. */
	double wave_day;             /*!< Day (1: the first) of the wave's height. */
	double rise_days;            /*!< The number doubles in so many days before it; 0: no wave. */
	double fall_days;            /*!< And halves in so many days behind it; 0: no wave. */
	double base;                 /*!< Share of the height below which it never falls. */
	double tools[TOOLS];         /*!< Weights. */
	double port_scan;            /*!< Share that tries many ports of few hosts. */
	double regular_hours;        /*!< Works so many hours at the same time each day; 0: irregular. */
	double queriers;             /*!< Factor on the class's queriers. */
	double bursty;               /*!< As in the class. */
	double bursts;
	double burst_minutes;
	double networks[NETWORKS];   /*!< Types of AS that it lives in, relative. */
} species_t;

/*! Names of the species and of the tools, as in the parameters and in truth.csv. */
extern const char *const species_names[SPECIES];
extern const char *const tool_names[TOOLS];
