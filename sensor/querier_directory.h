/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What is known about queriers: name category, AS, country.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/failure.h"
#include "common/prefix_map.h"
#include "sensor/category.h"

/*! What is known about one querier. */
typedef struct {
	uint32_t as_number;   /*!< 0: unknown. */
	uint16_t country;     /*!< Two letters (ISO 3166-1), first one high; 0: unknown. */
	category_t category;  /*!< CATEGORY_UNKNOWN if the name is not known. */
} querier_info_t;

/*! Nothing known. */
#define QUERIER_INFO_UNKNOWN ((querier_info_t) { .category = CATEGORY_UNKNOWN })

/*! Map from queriers to what is known. Filled by one thread, then read by any number. */
typedef struct querier_directory querier_directory_t;

/*! Makes an empty directory; NULL if memory is short. */
querier_directory_t *querier_directory_create(void);

/*! Frees a directory; NULL is allowed. */
void querier_directory_destroy(querier_directory_t *directory);

/*! Adds or replaces an entry. \return STATUS_OK or STATUS_NO_MEMORY. */
status_t querier_directory_put(querier_directory_t *directory, const address_t *querier,
                               querier_info_t info);

/*!
 * Looks up a querier in the entries and then in the networks; QUERIER_INFO_UNKNOWN if it is
 * in neither or if \a directory is NULL.
 */
querier_info_t querier_directory_get(const querier_directory_t *directory,
                                     const address_t *querier);

/*! Begins to bring the entry of a querier into the cache. */
void querier_directory_prefetch(const querier_directory_t *directory, const address_t *querier);

/*!
 * Lets querier_directory_get() look up an AS or a country that no entry tells of. What
 * an entry says goes before.
 *
 * \param as_numbers, countries  Of network_map_load(), or NULL; they must outlive their use.
 */
void querier_directory_networks(querier_directory_t *directory, const prefix_map_t *as_numbers,
                                const prefix_map_t *countries);

/*! Number of entries. */
size_t querier_directory_count(const querier_directory_t *directory);

/*! Reads "64500" or "AS64500"; empty is 0, unknown. \return false if it is none of this. */
bool as_number_parse(const char *text, uint32_t *number);

/*! Two letters of a country as a number; 0 if \a text is empty; -1 if it is no two letters. */
int country_parse(const char *text);

/*! Writes the two letters, or "" for 0, with a final zero; returns \a text. */
char *country_format(uint16_t country, char text[3]);

/*!
 * Receives one row of a querier file.
 *
 * \return STATUS_OK to go on; anything else ends the reading and is returned.
 */
typedef status_t (*querier_csv_row_t)(void *context, const address_t *querier, const char *name,
                                      querier_info_t info, failure_t *failure);

/*!
 * Reads a file `querier,name,asn,country` (columns in any order; others are ignored;
 * asn and country may be empty or absent).
 *
 * \param rules    For the categories of names.
 * \param row      Called for each row in order.
 * \param context  Handed to \a row.
 *
 * \return STATUS_OK; STATUS_BAD_DATA with file and line; STATUS_SYSTEM; what \a row returned.
 */
status_t querier_csv_read(const char *path, const category_rules_t *rules, querier_csv_row_t row,
                          void *context, failure_t *failure);

/*! Reads such a file into a new directory. */
status_t querier_directory_load_csv(const char *path, const category_rules_t *rules,
                                    querier_directory_t **directory, failure_t *failure);
