/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Sends queries to a server on loopback in the name of other addresses.
 *
 * The true querier stands in a PROXY protocol header, version 2, in front of the DNS
 * message in each datagram (W. Tarreau: The PROXY protocol, section 2.2), which the
 * server believes if it is told to (Knot DNS: server.proxy-allowlist):
 *
 *     0                     12    13     14       16                              size
 *     | 0D 0A 0D 0A 00 0D 0A | 21  | 12    | length | source, destination address | DNS
 *     |  51 55 49 54 0A      |     | or 22 |        | source, destination port    |
 *
 * 21 is version 2, command PROXY; 12 is UDP over IPv4 (12 bytes follow), 22 UDP over
 * IPv6 (36 bytes). The destination is the server that the capture had.
 */
#pragma once

#include <stdint.h>

#include "capture/query_stream.h"
#include "common/address.h"
#include "common/failure.h"

/*!
 * Most unanswered queries. So small that they all fit into the receive buffer that a
 * socket has by default (about 270 small datagrams): the server cannot be outrun.
 */
#define REPLAY_WINDOW 128

/*! How long an answer is waited for, in nanoseconds. */
#define REPLAY_PATIENCE (2 * UINT64_C(1000000000))

/*! Larger messages, and those not captured whole, are sent as header and question only. */
#define REPLAY_MESSAGE_MAX 4096

/*! Response codes that fit into a DNS header. */
#define REPLAY_RCODES 16

/*! What was done. Times are nanoseconds of replay_clock(). */
typedef struct {
	uint64_t sent;
	uint64_t answered;
	uint64_t unanswered;   /*!< Given up after REPLAY_PATIENCE. */
	uint64_t strays;       /*!< Answers to nothing, or to what was given up. */
	uint64_t send_errors;  /*!< Queries that the system refused to send. */
	uint64_t reduced;      /*!< Sent as header and question only. */
	uint64_t rcodes[REPLAY_RCODES];
	uint64_t first_due;    /*!< When the first query that was sent should have been. */
	uint64_t last_sent;
	uint64_t worst_late;   /*!< Most that a query was sent behind its time. */
} replay_counts_t;

/*! A socket, a batch that waits to be sent, and the queries that wait for answers. */
typedef struct replay_sender replay_sender_t;

/*!
 * Opens the socket.
 *
 * \param address  Of the server; must be in 127.0.0.0/8 or ::1.
 * \param port     In host order.
 * \param sender   Out; free with replay_sender_close().
 *
 * \return STATUS_OK; STATUS_UNSUPPORTED for an address beyond loopback; STATUS_SYSTEM;
 *         STATUS_NO_MEMORY.
 */
status_t replay_sender_open(const address_t *address, uint16_t port, replay_sender_t **sender,
                            failure_t *failure);

/*!
 * Puts a query, under a new ID, into the batch; sends the batch when it is full.
 *
 * \param due  When it was to be sent, to tell how late it is.
 *
 * \return As replay_sender_flush().
 */
status_t replay_sender_add(replay_sender_t *sender, const query_t *query, uint64_t due,
                           failure_t *failure);

/*!
 * Sends the batch and takes the answers that are there. Waits as long as there are
 * REPLAY_WINDOW unanswered queries.
 *
 * \return STATUS_OK; STATUS_SYSTEM if nobody listens there and no answer ever came.
 */
status_t replay_sender_flush(replay_sender_t *sender, failure_t *failure);

/*! Waits until each query is answered or given up. Returns as replay_sender_flush(). */
status_t replay_sender_finish(replay_sender_t *sender, failure_t *failure);

/*! What was done up to now. */
const replay_counts_t *replay_sender_counts(const replay_sender_t *sender);

/*! Closes the socket; NULL is allowed. */
void replay_sender_close(replay_sender_t *sender);
