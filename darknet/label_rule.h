/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Which label holds when sources of labels disagree.
 *
 * Sources are the darknet, which says of a source in a window that it scanned, and lists.
 * Among lists the longest prefix holds, of equal ones the list that was read first
 * (label_list.h). Between a list and the darknet it depends on what the list names:
 *
 *  - A list that names the very address holds: somebody knows that host, and one window of
 *    packets may be forged.
 *  - A list that names a network does not: a scanner in a cloud is a scanner.
 *
 * LABEL_PREFER_LIST and LABEL_PREFER_DARKNET make one of the two hold in both cases. A list of
 * the class LABEL_CLASS_SCAN agrees with a scan. What a source did besides scanning has no
 * class, so nothing can disagree with it.
 */
#pragma once

#include <stdint.h>

#include "darknet/label_list.h"

/*! The class of scans. */
#define LABEL_CLASS_SCAN "scan"

/*! Who holds between a list and the darknet. */
typedef enum {
	LABEL_PREFER_ADDRESS = 0, /*!< The list if it names the address, else the darknet. */
	LABEL_PREFER_LIST,
	LABEL_PREFER_DARKNET,
	LABEL_PREFERENCES
} label_preference_t;

/*! Its name on the command line: "address", "list", "darknet". */
const char *label_preference_name(label_preference_t preference);

/*! Finds one by its name; LABEL_PREFERENCES if there is none. */
label_preference_t label_preference_find(const char *name);

/*! By what a conflict was decided. */
typedef enum {
	LABEL_RULE_FIRST_LIST = 0, /*!< Lists, the same prefix. */
	LABEL_RULE_LONGEST_PREFIX, /*!< Lists, one prefix within the other. */
	LABEL_RULE_ADDRESS,        /*!< The list holds: it names the address. */
	LABEL_RULE_DARKNET,        /*!< The darknet holds: the list names a network, or by preference. */
	LABEL_RULE_LIST,           /*!< The list holds by preference. */
	LABEL_RULES
} label_rule_t;

/*! Its name in the report: "first-list", "longest-prefix", "listed-address", ... */
const char *label_rule_name(label_rule_t rule);

/*!
 * The class of a source that scanned.
 *
 * \param lists    The lists, or NULL.
 * \param listing  Of label_lists_find() for the source; NULL: it is in none.
 * \param rule     Out: what decided; LABEL_RULES if nothing disagrees.
 *
 * \return Its class; lives as long as the lists.
 */
const char *label_decide(const label_lists_t *lists, const listing_t *listing,
                         label_preference_t preference, label_rule_t *rule);
