/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief A small Internet from a seed, seen by the authority of its reverse zones.
 *
 * The model is described in doc/simulation.md. Files in the folder:
 * authority-DAY.pcap or authority-DAY.dnstap (queries, one packet or message each, in the
 * order of time), queriers.csv (querier,name,asn,country), pfx2as.txt and countries.txt
 * (network_file.h), on wish darknet-DAY.pcap and darknet-DAY.csv (darknet_output.h) and truth.csv (address,class,first_seen,last_seen). The same options give the same bytes on
 * every machine whose doubles are those of IEEE 754 (x86-64, arm64, …).
 *
 * Memory: the world (about 8 MB), every originator that ever lived (about 100
 * bytes each, with its address in the set of those taken) and the queries of one
 * day (24 bytes each, up to twice that while the list grows).
 */
#pragma once

#include <stdint.h>

#include "common/address.h"
#include "common/failure.h"
#include "simulator/traffic.h"
#include "simulator/query_output.h"

/*! Bounds and defaults of the options. */
#define SIMULATOR_DAYS_DEFAULT 2
#define SIMULATOR_DAYS_MAX 366
#define SIMULATOR_SEED_DEFAULT 1
#define SIMULATOR_ORIGINATORS_MIN 12
#define SIMULATOR_ORIGINATORS_MAX 200000
#define SIMULATOR_FORGED_MAX 1000000
#define SIMULATOR_SCALE_MIN 0.001
#define SIMULATOR_SCALE_MAX 1000.0
/*! 2024-01-01T00:00:00Z: a constant, so that a run does not hang on the day it is made. */
#define SIMULATOR_START_DEFAULT (UINT64_C(1704067200) * 1000000)

/*! What to simulate. */
typedef struct {
	const char *folder;    /*!< Made if missing (its parent must exist); files are replaced. */
	uint64_t seed;
	unsigned days;         /*!< 1 to SIMULATOR_DAYS_MAX. */
	unsigned originators;  /*!< Alive on a day at scale 1; 0: what the parameters say. */
	double scale;          /*!< Factor on them; SIMULATOR_SCALE_MIN to _MAX. */
	authority_t authority; /*!< Who hears the queries. */
	char country[3];       /*!< Only for originators in ASes of this country; "": of all. */
	unsigned forged;       /*!< Forged queriers a day, at most SIMULATOR_FORGED_MAX. */
	const char *parameters; /*!< File over the built-in parameters; NULL for none. */
	const prefix_t *darknet;  /*!< Prefixes of a telescope; NULL: none. */
	size_t darknet_count;
	unsigned formats;      /*!< Of the queries: QUERY_FORMAT_* bits. */
	uint64_t start;        /*!< First moment: a midnight (UTC) before 2105, microseconds. */
} simulator_options_t;

/*! The options with their defaults. */
#define SIMULATOR_OPTIONS_DEFAULT ((simulator_options_t) { \
	.seed = SIMULATOR_SEED_DEFAULT, .days = SIMULATOR_DAYS_DEFAULT, \
	.scale = 1, .start = SIMULATOR_START_DEFAULT, \
	.formats = QUERY_FORMAT_PCAP })

/*! What a day came to. */
typedef struct {
	uint64_t queries;      /*!< Packets in its file. */
	uint64_t originators;  /*!< Addresses asked for. */
	uint64_t queriers;     /*!< Addresses that asked. */
	uint64_t darknet;      /*!< Packets to the darknet. */
} simulator_day_t;

/*! Told of the packets of the day written so far; called every few thousand. */
typedef void (*simulator_progress_t)(void *context, uint64_t packets);

/*! A simulation. Not thread-safe. */
typedef struct simulator simulator_t;

/*!
 * Checks the options, makes the folder and the world.
 *
 * \param options    Copied; the folder's name and the prefixes must live on.
 * \param simulator  Out; free with simulator_destroy().
 *
 * \return STATUS_OK; STATUS_CALLER for options out of bounds; STATUS_SYSTEM for
 *         the folder; STATUS_NO_MEMORY.
 */
status_t simulator_create(const simulator_options_t *options, simulator_t **simulator,
                          failure_t *failure);

/*! Frees a simulation; NULL is allowed. */
void simulator_destroy(simulator_t *simulator);

/*!
 * Writes the files of the next day; to be called options.days times.
 *
 * \param progress  NULL, or called with \a context.
 * \param day       Out.
 *
 * \return STATUS_OK; STATUS_SYSTEM, and then the day's file is not there;
 *         STATUS_NO_MEMORY; STATUS_CALLER behind the last day.
 */
status_t simulator_next_day(simulator_t *simulator, simulator_progress_t progress, void *context,
                            simulator_day_t *day, failure_t *failure);

/*! What became of the lookups so far, and who heard of them at each height. */
const attenuation_t *simulator_attenuation(const simulator_t *simulator);

/*!
 * Writes the tables for the days made so far, truth.csv last, and removes the
 * authority-DAY and darknet-DAY files of later days that an earlier, longer run left in the folder.
 *
 * \param total  Out: the sum over the days, each address counted once; NULL is allowed.
 *
 * \return STATUS_OK, STATUS_SYSTEM or STATUS_NO_MEMORY.
 */
status_t simulator_finish(simulator_t *simulator, simulator_day_t *total, failure_t *failure);
