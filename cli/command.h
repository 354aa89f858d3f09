/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What every subcommand is, and what they share.
 *
 * A subcommand is one file cmd_NAME.c that defines `command_NAME`; main.c has
 * the table. No subcommand includes another.
 */
#pragma once

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/address.h"
#include "common/failure.h"

/*! Exit statuses of the command. */
enum {
	EXIT_GOOD = 0,   /*!< All was done. */
	EXIT_FAILED = 1, /*!< Input, system or memory: one sentence on standard error. */
	EXIT_USAGE = 2,  /*!< The command line is wrong: one sentence and a hint at --help. */
};

/*! A subcommand. */
typedef struct {
	const char *name;
	const char *arguments; /*!< Its line in the usage, behind the name. */
	const char *summary;   /*!< One line for `backscatter --help`. */
	const char *options;   /*!< The lines of `backscatter NAME --help`, each ended by a newline. */
	void (*tables)(FILE *file); /*!< What --help prints behind the options; NULL: nothing. */
	int (*run)(int argc, char **argv); /*!< argv[0] is the name; returns an exit status. */
} command_t;

extern const command_t command_simulate, command_extract, command_train, command_classify,
	command_compare, command_drift, command_evaluate, command_export, command_label, command_model, command_overlap, command_replay, command_resolve,
	command_top, command_show, command_queriers;

/*! Prints "backscatter NAME: <sentence>" on standard error; returns EXIT_FAILED. */
int command_fail(const command_t *command, const failure_t *failure);

/*! Prints a sentence about the command line and a hint at --help; returns EXIT_USAGE. */
int command_usage(const command_t *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*!
 * getopt_long() for a subcommand: handles --help (prints it, exits 0) and options that
 * are unknown, ambiguous, lack their value or take none (one sentence that names the
 * option, exits 2). Options may stand anywhere among the arguments.
 *
 * \param short_options  Letters as for getopt(), without a sign in front; "" if none.
 * \param options        Array of at most 32, ended by a zero entry, without "help".
 *
 * \return As getopt_long(): the option's val, or -1 at the end; then optind is the
 *         first argument that is no option.
 */
int command_option(const command_t *command, int argc, char **argv, const char *short_options,
                   const struct option *options);

/*!
 * Reads a whole number of an option; prints the sentence if it is none or out of range.
 *
 * \return false if the command line is wrong; then return EXIT_USAGE.
 */
bool command_number(const command_t *command, const char *option, const char *text,
                    uint64_t least, uint64_t most, uint64_t *value);

/*! Like command_number() for a decimal number, in range and finite. */
bool command_real(const command_t *command, const char *option, const char *text,
                  double least, double most, double *value);

/*! Like command_number() for a duration ("10m", "1d"), in seconds. */
bool command_duration(const command_t *command, const char *option, const char *text,
                      uint64_t least, uint64_t most, uint64_t *seconds);

/*!
 * Adds the prefixes of an option, apart by commas, to an array.
 *
 * \param most      Most that the array may have.
 * \param prefixes  In and out: grows; to be freed by the caller, also on failure.
 * \param count     In and out.
 *
 * \return Like command_number().
 */
bool command_prefixes(const command_t *command, const char *option, const char *text, size_t most,
                      prefix_t **prefixes, size_t *count);

/*! Like command_number() for a number of bytes with a unit K, M, G or T (of 1024) or none. */
bool command_size(const command_t *command, const char *option, const char *text,
                  uint64_t least, uint64_t most, uint64_t *bytes);
