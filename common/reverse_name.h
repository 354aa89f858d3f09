/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Reverse names (in-addr.arpa, ip6.arpa) to addresses and back, in DNS wire form.
 *
 * RFC 1035, section 3.5 (in-addr.arpa), RFC 3596, section 2.5 (ip6.arpa),
 * RFC 2317 (classless delegation), RFC 6763, section 11 (service names).
 *
 * A wire name is read once from its front, only to find where its labels
 * start, and then judged from the root down, as the tree is delegated.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"

/*! What a name is, seen from the reverse tree. */
typedef enum {
	REVERSE_COMPLETE = 0, /*!< All 4 octets or all 32 nibbles, and nothing else. */
	REVERSE_PARTIAL,      /*!< Fewer, and nothing else: a prefix (also in-addr.arpa itself). */
	REVERSE_CLASSLESS,    /*!< Octets, then a label of RFC 2317 ("0/25", "0-127"). */
	REVERSE_SERVICE,      /*!< Octets or nibbles, then a label with '_' ("_udp"). */
	REVERSE_MALFORMED,    /*!< Under the reverse tree, but none of the above. */
	REVERSE_OUTSIDE,      /*!< Not under in-addr.arpa or ip6.arpa, or no wire name. */
	REVERSE_KINDS         /*!< How many kinds there are. */
} reverse_kind_t;

/*! A judged name. */
typedef struct {
	reverse_kind_t kind;
	bool ipv6;          /*!< Under ip6.arpa; meaningless for REVERSE_OUTSIDE. */
	uint8_t length;     /*!< Bits given by the name: 0 to 32, or 0 to 128. */
	address_t address;  /*!< Those bits, the rest zero; IPv4 in mapped form. */
} reverse_name_t;

/*! Longest wire form of a complete reverse name: 32 nibbles, ip6, arpa, root. */
#define REVERSE_NAME_MAX (32 * 2 + 4 + 5 + 1)

/*!
 * Judges a name.
 *
 * Letters are compared without case (RFC 4343). A name under ip6.arpa that
 * spells an IPv4-mapped address, or one in the place of subnets (address.h), is
 * malformed: no packet carries such a source, and the table must not mistake it.
 *
 * \param wire  Uncompressed name in wire form; need not be valid.
 * \param size  Readable bytes at \a wire; bytes behind the root label are ignored.
 *
 * \return The judgement, by value; never fails. Thread-safe.
 */
reverse_name_t reverse_name_parse(const uint8_t *wire, size_t size);

/*!
 * Writes the complete reverse name of an address.
 *
 * \param address  Any address.
 * \param wire     Room for REVERSE_NAME_MAX bytes.
 *
 * \return Bytes written, with the root label.
 */
size_t reverse_name_write(const address_t *address, uint8_t wire[REVERSE_NAME_MAX]);

/*! Name of a kind for counters and messages: "complete", "partial", … */
const char *reverse_kind_name(reverse_kind_t kind);
