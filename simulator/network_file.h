/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The address plan of the world as files: prefix and AS, prefix and country.
 *
 * The form is that of CAIDA's prefix-to-AS lists: address, length of the prefix and AS number,
 * or the two letters of the country, in each line, apart by tabs. `backscatter extract` and the
 * module take both (asn-db, country-db).
 */
#pragma once

#include <stdio.h>

#include "simulator/world.h"

/*!
 * Writes address, length and AS of every prefix of the world, IPv4 first, each sorted.
 *
 * \param file  Write errors stay in the stream, to be found with ferror() or output_commit().
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t network_file_write_ases(const world_t *world, FILE *file, failure_t *failure);

/*! Writes address, length and country likewise. */
status_t network_file_write_countries(const world_t *world, FILE *file, failure_t *failure);
