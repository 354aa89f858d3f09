/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Lists of addresses and networks that are known to be of a class.
 *
 * A list is a text file: an address or prefix in each line; `#` or `;` and what follows is a
 * comment; empty lines are skipped. All lists together give each address at most one
 * class, and say where they disagree:
 *
 *  1. Of the prefixes that hold the address, the longest decides.
 *  2. Of lists with the same prefix, the one that was read first decides.
 *
 * Lists are read, finished once, and from then on only read, by any number of threads.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/failure.h"

/*! Longest name of a class in bytes: what a model can carry. */
#define LABEL_CLASS_MAX 255
/*! Most lists. */
#define LABEL_LISTS_MAX 256
/*! Longest line of a list in bytes. */
#define LABEL_LIST_LINE_MAX 1000

/*! One line of a list. */
typedef struct {
	prefix_t prefix;
	uint32_t list;  /*!< Number of its list, in the order of reading. */
} listing_t;

/*! All lists. */
typedef struct label_lists label_lists_t;

/*! Begins without lists; NULL if memory is short. Free with label_lists_destroy(). */
label_lists_t *label_lists_create(void);

/*! Frees them; NULL is allowed. */
void label_lists_destroy(label_lists_t *lists);

/*!
 * Reads a list.
 *
 * \param text  "CLASS=FILE": the class is 1 to LABEL_CLASS_MAX bytes without control
 *              characters and "=".
 *
 * \return STATUS_OK; STATUS_CALLER if \a text is not of that form or there are too many
 *         lists, with a sentence for the user; STATUS_BAD_DATA with file and line;
 *         STATUS_SYSTEM; STATUS_NO_MEMORY.
 */
status_t label_lists_read(label_lists_t *lists, const char *text, failure_t *failure);

/*! Ends the reading; needed before any of the functions below. */
void label_lists_finish(label_lists_t *lists);

/*! Number of lists. */
size_t label_lists_count(const label_lists_t *lists);

/*! Class of a list; lives as long as the lists. */
const char *label_lists_class(const label_lists_t *lists, uint32_t list);

/*! File of a list, likewise. */
const char *label_lists_path(const label_lists_t *lists, uint32_t list);

/*! Number of lines, in order of their prefixes. */
uint32_t label_lists_lines(const label_lists_t *lists);

/*! One of them. */
listing_t label_lists_line(const label_lists_t *lists, uint32_t line);

/*! Tells whether a line is the first of its prefix: the others say nothing. */
bool label_lists_is_kept(const label_lists_t *lists, uint32_t line);

/*!
 * Tells whether a line disagrees with another one: the first of the same prefix, or else the
 * one that decides in the next wider prefix.
 *
 * \param line     Its number.
 * \param kept     Out, if so: which of the two holds by the rules.
 * \param dropped  Out, if so: the other one. It has the same prefix if rule 2 decided, a wider
 *                 one if rule 1 did.
 */
bool label_lists_conflict(const label_lists_t *lists, uint32_t line, listing_t *kept,
                          listing_t *dropped);

/*!
 * Finds the line that decides for an address.
 *
 * \return Whether there is one.
 */
bool label_lists_find(const label_lists_t *lists, const address_t *address, listing_t *listing);
