/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Several packet files and query logs as one stream of the DNS queries in them.
 *
 * A query is a DNS message to port 53 with QR 0, OPCODE 0 and one question, over UDP or
 * TCP, IPv4 or IPv6. All types and names are given: what they mean is the caller's matter.
 *
 * In dnstap files it is such a message in a frame that tells of a query which the server was
 * asked (dnstap_message.h), to whatever port. Files of packets and of dnstap may be mixed.
 *
 * Of packets nothing is put together again, neither fragments nor TCP streams:
 *  - A fragmented datagram counts if its first fragment holds the whole question.
 *  - A TCP segment to port 53 gives the messages that lie in it whole, one behind the
 *    other, each behind its two bytes of length. A message that is spread over segments,
 *    as by clients that send the two bytes alone, is lost and counted in \a tcp_skipped;
 *    a segment that was sent twice is given twice.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/dns_query.h"
#include "common/address.h"
#include "common/failure.h"

/*! A query as it was captured. Its pointers are valid until the next call. */
typedef struct {
	uint64_t moment;        /*!< Microseconds since 1970; may run backwards. */
	address_t querier;      /*!< Source address. */
	address_t server;       /*!< Destination address, of the same family; 0.0.0.0 or :: if
	                             dnstap does not tell it. */
	uint16_t querier_port;  /*!< In host order; of packets, the server's is 53. */
	bool tcp;               /*!< Of dnstap: over any protocol with a handshake. */
	bool cut;               /*!< The message has bytes that were not captured. */
	uint16_t qtype;
	uint16_t qclass;
	const uint8_t *qname;   /*!< Uncompressed wire form in the message, case as sent. */
	size_t qname_size;      /*!< With the root label: 1 to DNS_NAME_MAX. */
	size_t question_end;    /*!< Bytes of the message up to the end of its question. */
	const uint8_t *message; /*!< The whole message, without TCP's length. */
	size_t message_size;
} query_t;

/*!
 * What was seen. Each packet is in exactly one of the six kinds of packets, and each
 * packet of \a dns in one or, with TCP, more of the kinds of messages. Each frame of dnstap
 * is in exactly one of its four kinds, and each of \a dnstap_dns in one of the kinds of
 * messages.
 */
typedef struct {
	uint64_t packets;       /*!< All, without the frames of dnstap. */
	uint64_t not_ip;        /*!< Not IPv4 or IPv6. */
	uint64_t fragments;     /*!< Later fragments, and first ones without a whole header. */
	uint64_t truncated;     /*!< Cut by the capture within their headers. */
	uint64_t malformed;     /*!< Their headers contradict themselves. */
	uint64_t other;         /*!< Carry no DNS message that is looked at. */
	uint64_t dns;           /*!< UDP and TCP with payload to port 53; UDP responses from it. */

	uint64_t dnstap_frames;    /*!< All. */
	uint64_t dnstap_other;     /*!< Tell of no query to this server. */
	uint64_t dnstap_without;   /*!< Tell of one, but not its message, sender or time. */
	uint64_t dnstap_malformed; /*!< Are no dnstap, or have a value that cannot be. */
	uint64_t dnstap_dns;       /*!< Have a message of a query, or what should be one. */

	/* Messages of UDP packets and of dnstap; of TCP packets only those that are queries. */
	uint64_t udp_queries;   /*!< Given. */
	uint64_t tcp_queries;   /*!< Given. */
	uint64_t responses;     /*!< With QR 1; of packets, to port 53 or from it. */
	uint64_t dns_other;     /*!< With another OPCODE or without one question. */
	uint64_t dns_short;     /*!< End within header or question. */
	uint64_t dns_malformed; /*!< With a bad name. */
	uint64_t tcp_skipped;   /*!< TCP segments of which a part was no whole query. */

	uint64_t first_moment;  /*!< Of the first packet or frame of \a dnstap_dns, in order of the
	                             files; 0 if there is none. */
	uint64_t last_moment;   /*!< Of the last one. */
} query_stream_counts_t;

/*! An open stream. Not thread-safe; different ones are independent. */
typedef struct query_stream query_stream_t;

/*!
 * Opens a stream.
 *
 * Regular files are tried at once, so that a wrong name or format among many is told
 * before hours of work; anything else (a pipe, "-") is opened when its turn comes.
 *
 * \param paths    Files in the order in which they are read, one after another; "-" is
 *                 standard input. The time order between files is the caller's business.
 * \param count    How many; 0 gives an empty stream.
 * \param stream   Out; free with query_stream_close(). NULL on failure.
 * \param failure  Out, a sentence with the path.
 *
 * \return STATUS_OK; the failures of capture_open(); STATUS_NO_MEMORY.
 */
status_t query_stream_open(const char *const *paths, size_t count, query_stream_t **stream,
                           failure_t *failure);

/*!
 * Reads the next query.
 *
 * Of a file that is cut or damaged, all queries before that place are given first, then
 * the failure once. Whoever calls again after it goes on with the next file.
 *
 * \param query  Out; its bytes belong to \a stream.
 *
 * \return STATUS_OK; STATUS_END behind the last file; the failures of capture_open() and
 *         capture_next().
 */
status_t query_stream_next(query_stream_t *stream, query_t *query, failure_t *failure);

/*! What was seen up to now; lives as long as the stream. */
const query_stream_counts_t *query_stream_counts(const query_stream_t *stream);

/*! Bytes of the files read so far, compressed as they are. */
uint64_t query_stream_position(const query_stream_t *stream);

/*! Bytes of all files, or 0 if one of them is a pipe. */
uint64_t query_stream_size(const query_stream_t *stream);

/*! Closes the files; NULL is allowed. */
void query_stream_close(query_stream_t *stream);
