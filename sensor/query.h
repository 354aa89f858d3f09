/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Which queries are observations, and what the others are.
 *
 * An observation is a query with QTYPE PTR, class IN, whose name is a complete
 * reverse name. All else is counted by kind only: partial names and other types
 * come from QNAME minimisation (RFC 9156) and say how much the sensor cannot see.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"

/*! What a query is to the sensor. */
typedef enum {
	QUERY_OBSERVATION = 0, /*!< PTR, IN, complete reverse name. */
	QUERY_PARTIAL,         /*!< Partial reverse name of any type, or a complete one of another type. */
	QUERY_CLASSLESS,       /*!< Below a classless delegation (RFC 2317). */
	QUERY_SERVICE,         /*!< Service name below a reverse name (RFC 6763). */
	QUERY_MALFORMED,       /*!< Under the reverse tree, but no name that it should have. */
	QUERY_OUTSIDE,         /*!< Not under the reverse tree, or not class IN. */
	QUERY_KINDS            /*!< How many kinds there are. */
} query_kind_t;

/*! A judged query. */
typedef struct {
	query_kind_t kind;
	bool ipv6;            /*!< The name is under ip6.arpa; meaningless for QUERY_OUTSIDE. */
	uint8_t length;       /*!< Bits of the address that the name gives: 0 to 32, or 0 to 128. */
	address_t originator; /*!< Those bits, the rest zero. */
} query_judgement_t;

/*!
 * Judges a query. Thread-safe, never fails, takes no memory.
 *
 * \param qtype   In host order.
 * \param qclass  In host order.
 * \param qname   Uncompressed wire form, any case; need not be valid.
 * \param size    Readable bytes at \a qname.
 */
query_judgement_t query_judge(uint16_t qtype, uint16_t qclass, const uint8_t *qname, size_t size);

/*! Name of a kind for counters: "observation", "partial", … */
const char *query_kind_name(query_kind_t kind);

/*! Depths of partial names: 0, 8, …, 32 bits of IPv4, then 0, 4, …, 128 bits of IPv6. */
#define QUERY_DEPTHS (5 + 33)

/*! Most labels of a reverse name, with none counted: 0 to 32. */
#define QUERY_LABELS 33

/*! Octets or nibbles that a partial name gives, below QUERY_LABELS. */
unsigned query_labels(const query_judgement_t *judgement);

/*! Room for the name of a depth with its final zero. */
#define QUERY_DEPTH_NAME_MAX 16

/*! Number of the depth of a QUERY_PARTIAL, below QUERY_DEPTHS. */
unsigned query_depth(const query_judgement_t *judgement);

/*! Writes the name of a depth for counters, "ipv4/8" or "ipv6/64"; returns \a text. */
char *query_depth_name(unsigned depth, char text[QUERY_DEPTH_NAME_MAX]);
