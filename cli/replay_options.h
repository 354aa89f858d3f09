/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The command line of `backscatter replay`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"

/*! What was asked for. Moments are microseconds since 1970. */
typedef struct {
	const char *const *paths; /*!< Captures; point into argv. */
	size_t count;
	address_t address;        /*!< Of the server; not yet checked to be on loopback. */
	uint16_t port;
	bool has_target;
	bool all_queries;
	bool has_base;
	bool has_start;
	double speed;             /*!< Times true speed; 0 if not given. */
	uint64_t qps;             /*!< Queries per second; 0 if not given. */
	uint64_t base;            /*!< Of the capture. */
	uint64_t start_at;        /*!< Of the wall clock; not in the past. */
} replay_options_t;

/*!
 * Reads the command line; prints the sentence if it is wrong, exits on --help.
 *
 * \param options  In: zero. Out.
 *
 * \return EXIT_GOOD or EXIT_USAGE.
 */
int replay_options_read(int argc, char **argv, replay_options_t *options);
