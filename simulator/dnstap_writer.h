/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Writing of queries as dnstap in Frame Streams, as an authoritative server logs them.
 *
 * dnstap.info, dnstap.proto (message AUTH_QUERY); farsightsec/fstrm, fstrm/control.h. Written
 * with no library, so that the same bytes come everywhere. Write errors stay in the stream, to
 * be found with ferror() or output_commit().
 */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "simulator/packet.h"

/*! Writes the control frame START with dnstap's content type. */
void dnstap_write_start(FILE *file);

/*!
 * Writes one query.
 *
 * \param moment   Microseconds since 1970.
 * \param packet   Gives addresses, family and port.
 * \param message  The DNS message.
 * \param size     Its bytes, below PACKET_MAX.
 */
void dnstap_write_query(FILE *file, uint64_t moment, const packet_t *packet,
                        const uint8_t *message, size_t size);

/*! Writes the control frame STOP. */
void dnstap_write_stop(FILE *file);
