/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Rules 2 to 4 of the taxonomy for the flows of one unit. Internal to darknet/.
 *
 * The flows are sorted into parts (port scan, network scan, one flow, left), and the parts
 * summed up. Linear in the flows for each set of parameters. A unit with one port only,
 * as most scans have it, needs no tallies.
 *
 * The flows of a thinned unit are a sample: see telescope.h for what becomes of the sums.
 */
#pragma once

#include "common/failure.h"
#include "darknet/flow.h"
#include "darknet/tally.h"
#include "darknet/taxonomy.h"

/*! What a unit's event comes to. */
typedef struct {
	event_kind_t kind;
	uint64_t packets, targets, ports;
} judgement_t;

/*! Most events of one unit. */
#define JUDGEMENTS_MAX 4

/*! What is to be judged. */
typedef struct {
	const flow_line_t *lines;
	size_t line_count;
	protocol_group_t group;
	uint64_t packets;          /*!< Of the unit, also those of flows that were left out. */
	unsigned address_level;    /*!< Both 0: no flow was left out. */
	unsigned port_level;
	uint32_t most_ports;       /*!< Of one address, and addresses of one port, seen before */
	uint32_t most_addresses;   /*!< flows were left out. */
} judge_unit_t;

/*!
 * Judges the rest of a unit under several sets of parameters.
 *
 * \param tally        Scratch.
 * \param sets         Parameters, \a set_count of them.
 * \param judgements   Out: JUDGEMENTS_MAX for each set, in the order of event_kind_t.
 * \param counts       Out: how many of them there are, for each set.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t judge_rest(tally_t *tally, const judge_unit_t *unit, const taxonomy_parameters_t *sets,
                    size_t set_count, judgement_t *judgements, size_t *counts);

/*!
 * Sums up a unit that was set aside.
 *
 * \param kind  Its event.
 */
status_t judge_aside(tally_t *tally, const judge_unit_t *unit, event_kind_t kind,
                     judgement_t *judgement);
