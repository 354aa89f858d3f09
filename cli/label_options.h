/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The command line of `backscatter label`.
 */
#pragma once

#include "cli/command.h"
#include "darknet/labeller.h"
#include "darknet/sweep.h"

/*! Most sweeps in one run. */
#define LABEL_SWEEPS_MAX 16

/*! What was asked for. */
typedef struct {
	telescope_options_t telescope;  /*!< Points into this struct; no sink yet. */
	taxonomy_parameters_t parameters;
	prefix_t *prefixes;             /*!< Of the darknet. */
	label_lists_t *lists;           /*!< Finished; NULL: none. */
	char *const *list_texts;        /*!< Their options as they were given. */
	size_t list_count;
	label_preference_t preference;
	const char *paths[LABEL_OUTPUTS]; /*!< Where to write; NULL: not wanted; "-". */
	const char *state;              /*!< Folder; NULL: none. */
	bool summary, json;
	sweep_plan_t *sweeps;
	size_t sweep_count;
	char **captures;
	size_t capture_count;
} label_options_t;

/*! The part of `backscatter label --help` that is made from the tables of darknet/. */
void label_options_tables(FILE *file);

/*! The lines of the help before that. */
extern const char label_options_help[];

/*!
 * Reads the command line, and the lists that it names. Prints what is wrong.
 *
 * \param options  Out; free with label_options_clear() in every case.
 *
 * \return EXIT_GOOD; EXIT_USAGE; EXIT_FAILED for a list that cannot be read.
 */
int label_options_parse(const command_t *command, int argc, char **argv,
                        label_options_t *options);

/*! Frees what the options hold. */
void label_options_clear(label_options_t *options);
