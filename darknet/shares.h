/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Share of sources per event and per tool: what sweeps and time series print.
 *
 * A source counts once for each event and once for each tool that it has in a window, by
 * whatever protocols; so shares may add up to more than 1. Over several windows a source
 * counts in each of them.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "darknet/telescope.h"

/*! Sources counted. Zero it to begin. */
typedef struct {
	uint64_t windows;
	uint64_t packets;
	uint64_t sources;              /*!< Summed over windows. */
	uint64_t events[EVENT_KINDS];  /*!< Sources with that event. */
	uint64_t tools[TOOLS];         /*!< Sources with that tool; TOOL_NONE: with none. */
	uint64_t scanners;             /*!< Sources with an event that is a scan. */
	/*! Of the source whose events come in just now. */
	address_t source;
	uint32_t source_events, source_tools;
} shares_t;

/*! Takes an event; they must come in the order of telescope_sink_t. */
void shares_event(shares_t *shares, const event_t *event);

/*! Takes the end of a window. */
void shares_window(shares_t *shares, const telescope_window_t *window);

/*! Adds what others counted up to the end of a window. */
void shares_add(shares_t *shares, const shares_t *other);

/*! Sources with an event over all sources; 0 if there are none. */
double shares_of_event(const shares_t *shares, event_kind_t kind);

/*! Sources with a tool over all sources; 0 if there are none. */
double shares_of_tool(const shares_t *shares, tool_t tool);
