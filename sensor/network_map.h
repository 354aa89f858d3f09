/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The AS or the country of networks, from a file.
 *
 * Two kinds of files are told apart by what is in them:
 *
 *  - MaxMind DB (MaxMind DB File Format Specification 2.0), as GeoLite2, DB-IP, IPinfo and
 *    others are given away in. Which value of an entry is taken is said by a path of keys.
 *  - Text as CAIDA's prefix-to-AS lists: address, length of the prefix, AS in each line, apart
 *    by tabs or blanks. Of several ASes ("64500_64501", "64500,64501") the first is taken.
 *
 * A file is read once and as a whole into a prefix map: what is wrong anywhere in it shows
 * then and not when an address is looked up, and it may be overwritten or cut afterwards. It
 * is first copied into memory of our own, as a file that is cut while it is mapped ends the
 * process. Neighbours with the same value become one entry. Memory: 40 bytes an entry, and
 * while it is read the file's size once. Time: a second for a million entries.
 */
#pragma once

#include <stdint.h>

#include "common/failure.h"
#include "common/prefix_map.h"

/*! What is wanted of a network. */
typedef enum {
	NETWORK_AS,      /*!< Number of its AS. */
	NETWORK_COUNTRY, /*!< Two letters, as country_parse() gives them. */
	NETWORK_KINDS    /*!< How many kinds there are. */
} network_kind_t;

/*! Where the value stands in an entry, unless said otherwise: keys, apart by '/'. */
#define NETWORK_AS_PATH      "autonomous_system_number"
#define NETWORK_COUNTRY_PATH "country/iso_code"

/*! Bytes of an entry in memory. */
#define NETWORK_ENTRY_SIZE 40

/*! Largest file in bytes, and longest path of keys. */
#define NETWORK_FILE_MAX ((uint64_t)1 << 30)
#define NETWORK_KEYS_MAX 8
#define NETWORK_PATH_MAX 256

/*!
 * Reads a file.
 *
 * \param path  File.
 * \param kind  What is wanted.
 * \param keys  Path of keys in a MaxMind DB; NULL: the usual one. An AS may stand there as a
 *              number, "64500" or "AS64500"; a number in the path counts in an array.
 * \param most  Most entries.
 * \param map   Out: values by prefix; free with prefix_map_destroy().
 *
 * \return STATUS_OK; STATUS_BAD_DATA (damaged, or no entry has such a value); STATUS_UNSUPPORTED
 *         (more entries); STATUS_SYSTEM; STATUS_NO_MEMORY, each with the file's name.
 */
status_t network_map_load(const char *path, network_kind_t kind, const char *keys,
                          size_t most, prefix_map_t **map, failure_t *failure);

/*! Whether a path of keys can be one: neither empty nor too long, no empty key. */
bool network_keys_fit(const char *keys);

/*! The value of the longest prefix that holds an address; 0: none, or \a map is NULL. */
uint32_t network_map_find(const prefix_map_t *map, const address_t *address);
