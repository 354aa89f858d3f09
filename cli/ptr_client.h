/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Asks one recursive resolver for the names of addresses, many at the same time.
 *
 * c-ares sends, matches answers to questions by ID, question and server, and goes over to TCP
 * where an answer is cut. It asks once: when to ask again is the caller's matter, as all that
 * is sent counts for the caller's rate.
 */
#pragma once

#include <signal.h>

#include "cli/ptr_answer.h"
#include "common/address.h"
#include "common/failure.h"

/*! A client. Not thread-safe. */
typedef struct ptr_client ptr_client_t;

/*!
 * Takes an answer, within ptr_client_ask() or ptr_client_wait().
 *
 * \param context  Of the client.
 * \param tag      Of the question.
 * \param answer   What was told; lives as long as the call.
 */
typedef void (*ptr_client_done_t)(void *context, void *tag, const ptr_answer_t *answer);

/*!
 * Makes a client; nothing is sent yet.
 *
 * \param resolver  Address of the resolver.
 * \param port      In host order.
 * \param patience  Milliseconds after which an answer is waited for no longer.
 * \param done      Called once for each question, unless the client is closed before.
 * \param client    Out; free with ptr_client_close().
 *
 * \return STATUS_OK, STATUS_SYSTEM, STATUS_NO_MEMORY.
 */
status_t ptr_client_open(const address_t *resolver, uint16_t port, unsigned patience,
                         ptr_client_done_t done, void *context, ptr_client_t **client,
                         failure_t *failure);

/*! Asks for the name of an address. */
void ptr_client_ask(ptr_client_t *client, const address_t *querier, void *tag);

/*!
 * Waits for answers and takes them.
 *
 * \param microseconds  At most so long.
 * \param mask          Signals that are blocked meanwhile, as for ppoll(); one that is not
 *                      ends the waiting.
 */
void ptr_client_wait(ptr_client_t *client, uint64_t microseconds, const sigset_t *mask);

/*! Closes the client and forgets its questions; NULL is allowed. */
void ptr_client_close(ptr_client_t *client);
