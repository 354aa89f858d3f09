/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Options of the commands that learn: rows, classes, and how a learner is to learn.
 */
#pragma once

#include <getopt.h>
#include <stdbool.h>

#include "classifier/learner.h"
#include "cli/command.h"

/*! What the options say. */
typedef struct {
	dataset_source_t source;
	const char *positive;    /*!< NULL: not given; see training_options_positive(). */
	bool two, all;           /*!< Of --classes; neither: by the labels. */
	const char *output;      /*!< NULL: not given. */
	training_t training;
	bool trees_given, smote_given, svm_given; /*!< The last: any option of that machine. */
	bool arguments;          /*!< The command takes arguments, from optind on; else they are wrong. */
} training_options_t;

/*! Values of a command's own long options begin here. */
#define TRAINING_OPTION_OWN 1000

/*! What training_options_next() answers to a wrong command line. */
#define TRAINING_OPTION_WRONG (-2)

/*! Lines of --help: the files. */
#define TRAINING_HELP_FILES \
	"  --features CSV     rows, as 'backscatter extract' writes them\n" \
	"  --labels CSV       classes by address and window: columns address and class\n" \
	"  --label COLUMN     the class is this column of the features file\n" \
	"  --label-reach DURATION  a label also holds for windows so far before or after its\n" \
	"                     own (default 0: for windows that overlap with it)\n" \
	"  --group COLUMN     rows alike there stay together when rows are parted\n" \
	"                     (default: originator, if there is that column)\n"

/*! Lines of --help: how to learn. */
#define TRAINING_HELP_LEARNERS \
	"  --trees N          trees of a forest (default 500)\n" \
	"  --mtry N           features tried at each split (default: forest the square\n" \
	"                     root of their number, tree all)\n" \
	"  --class-weights W  how much a row counts by its class: balanced, or\n" \
	"                     NAME=W,... (default 1 for all)\n" \
	"  --splits HOW       binned (default): between at most 256 groups of values of\n" \
	"                     a feature; exact: between any two values, slower\n" \
	"  --min-leaf N       least rows of a leaf (default 1)\n" \
	"  --max-depth N      deepest leaf (default 1024)\n" \
	"  --smote-k K        neighbours of SMOTE (default 5)\n" \
	"  --cost C           of svm: what a row on the wrong side costs (default 1)\n" \
	"  --gamma G          of svm: reach of the kernel (default 1 / features)\n" \
	"  --grid             of svm: choose cost and gamma by cross-validation in the\n" \
	"                     rows that are learnt from\n"

/*! Defaults: nothing given, as many threads as there are processors, within reason. */
training_options_t training_options_default(void);

/*!
 * Like command_option(), but takes the options of this file itself.
 *
 * \param own      The command's own options, as for command_option(); their values are
 *                 TRAINING_OPTION_OWN and above.
 * \param options  In and out.
 *
 * \return The value of one of the command's own options, optarg being its argument; -1 at
 *         the end; TRAINING_OPTION_WRONG if the command line is wrong, the sentence
 *         having been printed: then return EXIT_USAGE.
 */
int training_options_next(const command_t *command, int argc, char **argv,
                          const struct option *own, training_options_t *options);

/*! Tells what is missing or excludes each other: NULL, or the sentence. */
const char *training_options_check(const training_options_t *options);

/*! Reads one word of --classes, two or all; prints the sentence if it is none of them. */
bool training_options_classes(const command_t *command, training_options_t *options,
                              const char *word);

/*! The positive class: the one given, or scan. */
const char *training_options_positive(const training_options_t *options);

/*!
 * Tells whether classes are to be folded to two: because that was asked for, or because it
 * was left open and the rows have the positive class.
 */
bool training_options_fold(const training_options_t *options, const dataset_t *dataset);
