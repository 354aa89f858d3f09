/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief One frame of dnstap: the query that a name server says it was asked.
 *
 * dnstap.info, dnstap.proto; Protocol Buffers encoding, protobuf.dev. Nothing is known
 * here of the file that the frame came from, nor of DNS.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"

/*! Largest query_time_sec that is believed: the last second of the year 9999. */
#define DNSTAP_SECONDS_MAX UINT64_C(253402300799)

/*! What a frame is. */
typedef enum {
	DNSTAP_QUERY = 0, /*!< A query that the server was asked, with all that is needed of it. */
	DNSTAP_OTHER,     /*!< Of another type: a response, a query of the server's own, an update, ... */
	DNSTAP_WITHOUT,   /*!< Such a query without its message, its sender's address or its time. */
	DNSTAP_MALFORMED, /*!< Wrongly encoded, without a type, or with a value that cannot be. */
	DNSTAP_KINDS
} dnstap_kind_t;

/*! A query as the server told of it. */
typedef struct {
	uint64_t moment;        /*!< query_time, microseconds since 1970, rounded down. */
	address_t querier;      /*!< query_address; a mapped IPv4 address is IPv4. */
	address_t server;       /*!< response_address; 0.0.0.0 or :: if there is none of the family. */
	uint16_t querier_port;  /*!< query_port, in host order; 0 if it is not given. */
	bool stream;            /*!< Over TCP, TLS, HTTPS or QUIC: the address is no forged one. */
	const uint8_t *message; /*!< query_message, any bytes, in the frame. */
	size_t message_size;
} dnstap_query_t;

/*! A frame that was read. */
typedef struct {
	dnstap_kind_t kind;
	dnstap_query_t query;   /*!< With DNSTAP_QUERY. */
} dnstap_frame_t;

/*!
 * Reads a frame.
 *
 * Queries "asked of this server" are those of the types AUTH_QUERY (Knot DNS, NSD, and BIND
 * for queries without RD) and CLIENT_QUERY (Unbound, dnsdist, and BIND for those with RD).
 * Responses tell of the same queries a second time; all other types are queries that the
 * server asked itself, or updates.
 *
 * Of a field that comes twice the last one counts. Unknown fields are stepped over.
 *
 * \param frame  Any bytes.
 * \param size   How many.
 * \param query  Out, points into \a frame. With other kinds only its moment is set: to the
 *               time of the query, else of the response, else to 0.
 *
 * \return What the frame is. Takes no memory; thread-safe.
 */
dnstap_kind_t dnstap_message_parse(const uint8_t *frame, size_t size, dnstap_query_t *query);

/*!
 * Tells whether bytes are the front of a dnstap message that stands in no frame: fields of
 * its outermost level, from the first on, up to the end or up to a field that is cut.
 *
 * \param size  Bytes at \a data; with less than two the answer is no.
 */
bool dnstap_message_bare(const uint8_t *data, size_t size);

/*! Name of a kind for counters and messages: "query", "other", ... */
const char *dnstap_kind_name(dnstap_kind_t kind);
