/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Resolves the queriers that a store waits for.
 *
 *     store: wanted ─► queue ─► asks, at the rate ─► resolver
 *              ▲                  │  no answer, SERVFAIL: again after a pause, some tries
 *              │                  ▼
 *     store: queriers ◄── results, in one transaction a second
 *
 * Nothing is kept but in the store: who is killed has lost at most the answers of the last
 * second, and their queriers are still wanted.
 *
 * **The resolver or the world?** Silence of the resolver is no news of a querier. A querier
 * counts as unreachable by silence only if the resolver has answered anything else in the
 * meantime, or answers a probe (for the name of 127.0.0.1) then. Else the resolver is down:
 * nothing is written, and it is probed at growing pauses until it answers.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/address.h"
#include "common/failure.h"

/*! Most prefixes that are left out. */
#define RESOLVE_LEAVE_MAX 256

/*! What to do. Times are in microseconds. */
typedef struct {
	const char *folder;         /*!< Of the store. */
	const char *rules;          /*!< For the categories of names; NULL: built in. */
	address_t resolver;
	uint16_t port;
	bool once;                  /*!< End when nothing is wanted any more. */
	uint64_t rate;              /*!< Most queries a second. */
	uint64_t patience;          /*!< An answer is waited for so long. */
	uint64_t tries;             /*!< Queries for a name at a time. */
	uint64_t ttl_min, ttl_max;  /*!< Bounds of how long an answer holds. */
	uint64_t retry;             /*!< An unreachable one is tried again after this, then twice it, ... */
	prefix_t leave[RESOLVE_LEAVE_MAX]; /*!< Queriers that are never asked for. */
	size_t leave_count;
} resolve_options_t;

/*! What was done. */
typedef struct {
	uint64_t queries;      /*!< Sent, with repetitions and probes. */
	uint64_t names;        /*!< Queriers with a name. */
	uint64_t without;      /*!< Queriers without one. */
	uint64_t unreachable;  /*!< Queriers of which nobody told. */
	uint64_t left_out;     /*!< Wanted, but among those to leave out; as of the last look. */
} resolve_counts_t;

/*! Is told what happens, in a sentence. */
typedef void (*resolve_tell_t)(void *context, const char *sentence);

/*!
 * Runs until \a stop is set by a signal or, if asked for, all is done.
 *
 * \param options  What to do.
 * \param stop     Set by a handler of signals that are blocked but for \a mask.
 * \param mask     As for ppoll().
 * \param tell     For a service: trouble that passes, and what was done. NULL: nobody.
 * \param context  Handed to \a tell.
 * \param counts   Out, in every case.
 *
 * \return STATUS_OK; for `once` also STATUS_SYSTEM if the resolver does not answer or the
 *         store cannot be written; what opening the store and the rules may return.
 */
status_t resolve_run(const resolve_options_t *options, const volatile sig_atomic_t *stop,
                     const sigset_t *mask, resolve_tell_t tell, void *context,
                     resolve_counts_t *counts, failure_t *failure);
