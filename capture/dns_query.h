/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The question of a DNS query, straight from its wire form.
 *
 * RFC 1035, section 4.1. Only the header and the question are read: what follows
 * (EDNS, TSIG) may be missing or wrong. No type or name is judged here.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*! Bytes of a message's header. */
#define DNS_HEADER 12

/*! Longest name in wire form, with its root label (RFC 1035, section 2.3.4). */
#define DNS_NAME_MAX 255

/*! Longest label. */
#define DNS_LABEL_MAX 63

/*! What a message is. */
typedef enum {
	DNS_QUERY_GOOD = 0,  /*!< A query (QR 0, OPCODE 0) with one question, which was read. */
	DNS_QUERY_RESPONSE,  /*!< QR 1. */
	DNS_QUERY_OTHER,     /*!< Another OPCODE (NOTIFY, UPDATE, ...), or not one question. */
	DNS_QUERY_SHORT,     /*!< Ends within the header or the question. */
	DNS_QUERY_MALFORMED, /*!< A name with a compression pointer, or that is too long. */
	DNS_QUERY_KINDS
} dns_query_kind_t;

/*! A query. */
typedef struct {
	uint16_t id;
	uint16_t flags;        /*!< The second 16 bits of the header. */
	uint16_t qtype;
	uint16_t qclass;
	const uint8_t *qname;  /*!< Uncompressed, in the message's bytes, case as sent. */
	size_t qname_size;     /*!< With the root label: 1 to DNS_NAME_MAX. */
	size_t question_end;   /*!< Bytes from the front of the message behind the question. */
} dns_query_t;

/*!
 * Reads a message's header and first question.
 *
 * \param message  Any bytes, without the length in front that TCP has.
 * \param size     How many.
 * \param query    Out, set only with DNS_QUERY_GOOD.
 *
 * \return What the message is. Takes no memory; thread-safe.
 */
dns_query_kind_t dns_query_parse(const uint8_t *message, size_t size, dns_query_t *query);

/*! Name of a kind for counters and messages: "good", "response", ... */
const char *dns_query_kind_name(dns_query_kind_t kind);
