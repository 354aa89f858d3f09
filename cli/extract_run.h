/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The run of `backscatter extract`, without its command line.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cli/command.h"
#include "sensor/network_map.h"
#include "sensor/sensor.h"

/*! What is to be done. Paths are those of the command line; NULL: not given. */
typedef struct {
	const char *queriers;  /*!< What is known of queriers. */
	const char *rules;     /*!< For the categories of their names. */
	struct { const char *path, *keys; } networks[NETWORK_KINDS];
	const char *output;    /*!< NULL: standard output. */
	const char *prefixes;  /*!< Where to write what partial names ask about; NULL: nowhere. */
	bool summary;          /*!< Print what was seen; without an output, nothing else. */
	bool prefix64;         /*!< IPv6 observations count for the /64, too. */
	uint64_t min_queriers[FAMILIES];
	sensor_options_t sensor;
	char **captures;       /*!< \a capture_count of them, one timeline. */
	int capture_count;
} extract_options_t;

/*!
 * Extracts features. Tells of damaged captures, losses and failures on standard error.
 *
 * \param command  For the front of what is told.
 *
 * \return Exit status: EXIT_GOOD, or EXIT_FAILED also if a capture was damaged; the rows of what
 *         was read are then written nevertheless.
 */
int extract_run(const command_t *command, const extract_options_t *options);
