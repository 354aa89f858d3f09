/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of addresses and ports. */
#include "darknet/tally.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 16

tally_t *tally_create(void)
{
	return calloc(1, sizeof(tally_t));
}

void tally_destroy(tally_t *tally)
{
	if (tally != NULL) {
		free(tally->slots);
		free(tally);
	}
}

/* Clean slots for as many addresses as there are places. */
static status_t slots_begin(tally_t *tally, size_t places)
{
	size_t used = SLOTS_MIN;
	while (used < 2 * places) {
		used *= 2;
	}
	if (used > tally->room) {
		tally_slot_t *slots = realloc(tally->slots, used * sizeof(*slots));
		if (slots == NULL) {
			return STATUS_NO_MEMORY;
		}
		tally->slots = slots;
		tally->room = used;
	}
	tally->used = used;
	memset(tally->slots, 0, used * sizeof(*tally->slots));
	return STATUS_OK;
}

status_t tally_begin(tally_t *tally, const flow_line_t *lines, size_t line_count)
{
	if (slots_begin(tally, line_count * FLOWS_PER_LINE) != STATUS_OK) {
		return STATUS_NO_MEMORY;
	}
	for (const flow_line_t *line = lines; line < lines + line_count; line++) {
		for (unsigned i = 0; i < line->filled; i++) {
			const flow_t *flow = &line->flows[i];
			if (!(flow->flags & FLOW_PORTLESS)) {
				tally_port(tally, flow->port)->flows++;
				tally_address(tally, flow->address)->flows++;
			}
		}
	}
	return STATUS_OK;
}

void tally_end(tally_t *tally, const flow_line_t *lines, size_t line_count)
{
	for (const flow_line_t *line = lines; line < lines + line_count; line++) {
		for (unsigned i = 0; i < line->filled; i++) {
			tally->ports[line->flows[i].port] = (tally_count_t) { 0 };
		}
	}
}

/* Counts what has not been seen, and the most flows. */
static void extend(tally_count_t *count, uint32_t *distinct, uint32_t *most)
{
	*distinct += !count->seen;
	*most = count->flows > *most ? count->flows : *most;
	count->seen = 1;
}

tally_extent_t tally_extent(tally_t *tally, const flow_line_t *lines, size_t line_count)
{
	tally_extent_t extent = { 0 };
	bool portless = false;
	if (tally_begin(tally, lines, line_count) != STATUS_OK) {
		return extent;
	}
	for (const flow_line_t *line = lines; line < lines + line_count; line++) {
		for (unsigned i = 0; i < line->filled; i++) {
			const flow_t *flow = &line->flows[i];
			extend(tally_address(tally, flow->address), &extent.addresses, &extent.most_ports);
			if (flow->flags & FLOW_PORTLESS) {
				portless = true;
			} else {
				extend(tally_port(tally, flow->port), &extent.ports, &extent.most_addresses);
			}
		}
	}
	extent.ports += portless;
	tally_end(tally, lines, line_count);
	return extent;
}
