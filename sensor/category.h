/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Categories of queriers by their reverse names; the rules are data.
 *
 * The format of the rules, and where they come from, stands at the head of
 * sensor/querier-names.rules, which is also built in as the default.
 */
#pragma once

#include "common/address.h"
#include "common/failure.h"
#include "sensor/feature.h"

/*! Category of a querier: the index of its feature (FEATURE_HOME … FEATURE_NXDOMAIN), or unknown. */
typedef uint8_t category_t;

/*! The name of the querier is not known yet. */
#define CATEGORY_UNKNOWN 0xff

/*! Words that stand in the place of a name in files and in the store. */
#define QUERIER_NXDOMAIN "!nxdomain"
#define QUERIER_UNREACH  "!unreach"

/*! A set of rules; read-only after loading, so shared by threads without more. */
typedef struct category_rules category_rules_t;

/*!
 * Reads rules from a file, or takes the ones built in.
 *
 * \param path   File; NULL for the built-in rules.
 * \param rules  Out; free with category_rules_destroy().
 *
 * \return STATUS_OK; STATUS_BAD_DATA with file and line; STATUS_SYSTEM; STATUS_NO_MEMORY.
 */
status_t category_rules_load(const char *path, category_rules_t **rules, failure_t *failure);

/*! Frees rules; NULL is allowed. */
void category_rules_destroy(category_rules_t *rules);

/*!
 * Finds the category of a querier.
 *
 * \param rules    The rules.
 * \param name     Reverse name in text, with or without the final dot; "" is
 *                 unknown, QUERIER_NXDOMAIN and QUERIER_UNREACH are what they say.
 * \param querier  Its address, for names that spell it out.
 *
 * \return FEATURE_HOME … FEATURE_NXDOMAIN, or CATEGORY_UNKNOWN.
 */
category_t category_of_name(const category_rules_t *rules, const char *name,
                            const address_t *querier);
