/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Rules 2 to 4 of the taxonomy for the flows of one unit. Internal to darknet/.
 *
 * Time is linear in the flows. As flows are distinct, the addresses of a port are
 * the flows that have it: a tally of 65536 ports counts them, a small hash table those of
 * addresses. A unit with one port only, the usual scan, needs neither.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "darknet/taxonomy.h"

/*! All packets of a unit to one address and one port. 12 bytes; zero packets: an empty place. */
typedef struct {
	uint32_t address;  /*!< IPv4 in host order, or the window's number of an IPv6 address. */
	uint16_t port;     /*!< 0 for echo requests and what has no port. */
	uint16_t flags;    /*!< FLOW_*. */
	uint32_t packets;  /*!< Stops at the highest number. */
} flow_t;

/*! Flags of a flow. */
enum {
	FLOW_PORTLESS = 1, /*!< No port: a place of its own beside port 0, and in no flow of rule 2. */
	FLOW_MIXED = 2,    /*!< Some packets are no probes. */
};

/*! What a unit's event comes to. */
typedef struct {
	event_kind_t kind;
	uint64_t packets, targets, ports;
} judgement_t;

/*! Most events of one unit: two scans, one flow and what is left. */
#define JUDGEMENTS_MAX 4

/*! What is to be judged. */
typedef struct {
	const flow_t *flows;   /*!< Distinct by address, port and FLOW_PORTLESS; empty ones are skipped. */
	size_t places;         /*!< Of \a flows, the empty ones included. */
	protocol_group_t group;
} judge_unit_t;

/*! Scratch memory for judging; one per thread. */
typedef struct judge judge_t;

/*! Makes scratch memory; NULL if there is none. */
judge_t *judge_create(void);

/*! Frees it; NULL is allowed. */
void judge_destroy(judge_t *judge);

/*!
 * Judges the rest of a unit under several sets of parameters.
 *
 * \param sets         Parameters.
 * \param set_count    How many.
 * \param judgements   Out: JUDGEMENTS_MAX for each set, in the order of event_kind_t.
 * \param counts       Out: how many of them there are, for each set.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t judge_rest(judge_t *judge, const judge_unit_t *unit, const taxonomy_parameters_t *sets,
                    size_t set_count, judgement_t *judgements, size_t *counts);

/*!
 * Sums up a unit that was set aside.
 *
 * \param kind  Its event.
 */
status_t judge_aside(judge_t *judge, const judge_unit_t *unit, event_kind_t kind,
                     judgement_t *judgement);
