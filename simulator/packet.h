/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief DNS queries as Ethernet frames: UDP over IPv4 or IPv6, checksums right.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"

/*! Longest frame written: Ethernet, IPv6, UDP, DNS header, name, type and class, OPT. */
#define PACKET_MAX (14 + 40 + 8 + 12 + 255 + 4 + 11)

/*! Query types that the simulator asks for (IANA, DNS parameters). */
enum { QTYPE_A = 1, QTYPE_NS = 2, QTYPE_PTR = 12, QTYPE_ANY = 255 };

/*! One query. Querier and authority must be of one family. */
typedef struct {
	address_t querier;
	address_t authority;
	const uint8_t *name;     /*!< QNAME, uncompressed wire form with the root label. */
	size_t name_size;        /*!< At most 255. */
	uint16_t qtype;
	uint16_t port;           /*!< Source port. */
	uint16_t id;             /*!< DNS message ID. */
	uint16_t ip_id;          /*!< Of the IPv4 header. */
	uint8_t hops;            /*!< TTL or hop limit on arrival. */
	uint16_t edns_size;      /*!< UDP size in the OPT record (RFC 6891); 0: no OPT record. */
	bool dnssec_ok;          /*!< DO flag of the OPT record. */
} packet_t;

/*!
 * Writes the frame of a query. Thread-safe.
 *
 * Checksums after RFC 1071, RFC 768 and RFC 8200, section 8.1.
 *
 * \return Bytes written, at most PACKET_MAX.
 */
size_t packet_write(const packet_t *packet, uint8_t frame[PACKET_MAX]);
