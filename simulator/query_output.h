/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The queries of a day as files: authority-DAY.pcap, authority-DAY.dnstap, or both.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/failure.h"
#include "simulator/packet.h"

/*! Forms of the file; bits. */
enum {
	QUERY_FORMAT_PCAP = 1,
	QUERY_FORMAT_DNSTAP = 2,
	QUERY_FORMATS_ALL = QUERY_FORMAT_PCAP | QUERY_FORMAT_DNSTAP,
};

/*! The files of a day, being written. Not thread-safe. */
typedef struct query_output query_output_t;

/*!
 * Begins the files of a day; nothing appears before query_output_commit().
 *
 * \param folder   Exists.
 * \param formats  QUERY_FORMAT_* bits, one at least.
 * \param output   Out; end with query_output_commit() or query_output_abandon().
 *
 * \return STATUS_OK, STATUS_SYSTEM or STATUS_NO_MEMORY.
 */
status_t query_output_open(const char *folder, unsigned day, unsigned formats,
                           query_output_t **output, failure_t *failure);

/*!
 * Adds a query; moments do not go back.
 *
 * \param moment  Microseconds since 1970.
 *
 * \return false if a write failed: query_output_commit() tells why.
 */
bool query_output_put(query_output_t *output, uint64_t moment, const packet_t *packet);

/*!
 * Makes the files appear, and removes the file of that day in a form that is not written: an
 * earlier run may have left it. Frees \a output in every case.
 *
 * \return STATUS_OK or STATUS_SYSTEM.
 */
status_t query_output_commit(query_output_t *output, failure_t *failure);

/*! Drops what was written; NULL is allowed. */
void query_output_abandon(query_output_t *output);

/*!
 * Removes the files of a day in the forms given; that there are none is no failure.
 *
 * \return STATUS_OK or STATUS_SYSTEM.
 */
status_t query_output_remove(const char *folder, unsigned day, unsigned formats,
                             failure_t *failure);
