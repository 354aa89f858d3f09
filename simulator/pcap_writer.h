/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Writing of classic pcap files, the same bytes on every machine.
 *
 * Little end first and in microseconds (magic a1b2c3d4), Ethernet frames. Write
 * errors stay in the stream, to be found with ferror() or output_commit().
 * libpcap would write in the byte order of the machine, and only to a file that
 * it opened or owns; two functions do here.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*! Largest moment of a record: its seconds have 32 bits (until the year 2106). */
#define PCAP_SECONDS_MAX UINT32_MAX

/*! Writes the header of the file. */
void pcap_write_header(FILE *file);

/*!
 * Writes one packet whole.
 *
 * \param moment  Microseconds since 1970; seconds up to PCAP_SECONDS_MAX.
 * \param frame   Ethernet frame, without the checksum at its end.
 * \param size    Its bytes, at most 65535.
 */
void pcap_write_packet(FILE *file, uint64_t moment, const uint8_t *frame, size_t size);
