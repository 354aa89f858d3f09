/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plainest census: all packets of the window are kept, and grouped by sorting at its end. */
#include "darknet/census.h"

#include <stdlib.h>
#include <string.h>

#include "darknet/bogon.h"

struct census {
	const telescope_options_t *options;
	telescope_window_t window;
	observation_t *packets;
	size_t room;
};

/* A unit on its way to the sink. */
typedef struct {
	event_t events[JUDGEMENTS_MAX + ASIDES];
	size_t count;
} row_t;

census_t *census_create(uint64_t start, const telescope_options_t *options)
{
	census_t *census = calloc(1, sizeof(*census));
	if (census != NULL) {
		census->options = options;
		census->window.start = start;
		census->window.length = options->window;
	}
	return census;
}

void census_destroy(census_t *census)
{
	if (census != NULL) {
		free(census->packets);
		free(census);
	}
}

bool census_take(census_t *census, const observation_t *observation)
{
	if (census->window.packets == census->room) {
		size_t room = census->room > 0 ? 2 * census->room : 1024;
		observation_t *packets = NULL;
		if (room * sizeof(*packets) <= census->options->memory) {
			packets = realloc(census->packets, room * sizeof(*packets));
		}
		if (packets == NULL) {
			census->window.refused_packets++;
			return false;
		}
		census->packets = packets;
		census->room = room;
	}
	census->packets[census->window.packets++] = *observation;
	return true;
}

static int compare_numbers(unsigned a, unsigned b)
{
	return (a > b) - (a < b);
}

static int compare(const void *left, const void *right)
{
	const observation_t *a = left, *b = right;
	int order = address_compare(&a->source, &b->source);
	order = order != 0 ? order : compare_numbers(a->group, b->group);
	order = order != 0 ? order : compare_numbers(a->aside, b->aside);
	order = order != 0 ? order : address_compare(&a->destination, &b->destination);
	order = order != 0 ? order : compare_numbers(a->has_port, b->has_port);
	return order != 0 ? order : compare_numbers(a->port, b->port);
}

static bool same_unit(const observation_t *a, const observation_t *b)
{
	return address_equal(&a->source, &b->source) && a->group == b->group && a->aside == b->aside;
}

/* Makes flows of the sorted packets of one unit; addresses get numbers in their order. */
static size_t flows_make(const observation_t *packets, size_t count, flow_t *flows)
{
	size_t made = 0;
	uint32_t number = 0;
	for (size_t i = 0; i < count; i++) {
		const observation_t *packet = &packets[i];
		bool same = i > 0 && address_equal(&packet->destination, &packets[i - 1].destination);
		number += i > 0 && !same;
		if (!same || packet->has_port != packets[i - 1].has_port ||
		    packet->port != packets[i - 1].port) {
			flows[made++] = (flow_t) {
				.address = number, .port = packet->port,
				.flags = packet->has_port ? 0 : FLOW_PORTLESS,
			};
		}
		flows[made - 1].packets++;
		flows[made - 1].flags |= packet->probe ? 0 : FLOW_MIXED;
	}
	return made;
}

static bool is_inside(const telescope_options_t *options, const address_t *address)
{
	for (size_t i = 0; i < options->prefix_count; i++) {
		if (prefix_contains(&options->prefixes[i], address)) {
			return true;
		}
	}
	return false;
}

/* Adds the events of one unit for one set of parameters. */
static status_t unit_judge(const census_t *census, judge_t *judge, size_t set,
                           const observation_t *packets, size_t count, row_t *row)
{
	flow_t *flows = malloc(count * sizeof(*flows));
	if (flows == NULL) {
		return STATUS_NO_MEMORY;
	}
	judge_unit_t unit = {
		.flows = flows, .places = flows_make(packets, count, flows), .group = packets->group,
	};
	judgement_t judgements[JUDGEMENTS_MAX];
	size_t made = 1;
	status_t status;
	if (packets->aside == ASIDE_NOT) {
		status = judge_rest(judge, &unit, &census->options->sets[set], 1, judgements, &made);
	} else {
		status = judge_aside(judge, &unit, packets->aside == ASIDE_FRAGMENT ? EVENT_IP_FRAGMENT
		                                                                    : EVENT_BACKSCATTER,
		                     judgements);
	}
	free(flows);
	unsigned flags = 0, probes = 0;
	tool_set_t tools = TOOL_SET_ALL;
	for (size_t i = 0; i < count && packets->aside == ASIDE_NOT; i++) {
		flags |= packets[i].has_port && packets[i].port == 0 && packets[i].group != GROUP_ICMP
		         ? EVENT_FLAG_PORT_0 : 0;
		tools &= packets[i].probe ? packets[i].tools : TOOL_SET_ALL;
		probes += packets[i].probe && probes < 255;
	}
	if (bogon_source(&packets->source) || is_inside(census->options, &packets->source)) {
		flags |= EVENT_FLAG_BOGON;
	}
	for (size_t i = 0; i < made && status == STATUS_OK; i++) {
		row->events[row->count++] = (event_t) {
			.window_start = census->window.start, .window_length = census->window.length,
			.source = packets->source, .kind = judgements[i].kind, .protocol = packets->group,
			.packets = judgements[i].packets, .targets = judgements[i].targets,
			.ports = judgements[i].ports, .flags = flags, .exact = true,
			.tool = packets->aside == ASIDE_NOT
			        ? fingerprint_tool(tools, probes, judgements[i].kind) : TOOL_NONE,
		};
	}
	return status;
}

static int compare_events(const void *left, const void *right)
{
	const event_t *a = left, *b = right;
	return compare_numbers(a->kind, b->kind);
}

static status_t row_tell(const census_t *census, size_t set, row_t *row, failure_t *failure)
{
	const telescope_sink_t *sink = &census->options->sink;
	qsort(row->events, row->count, sizeof(row->events[0]), compare_events);
	status_t status = STATUS_OK;
	for (size_t i = 0; i < row->count && status == STATUS_OK; i++) {
		status = sink->event(sink->context, set, &row->events[i], failure);
	}
	row->count = 0;
	return status;
}

static status_t set_judge(census_t *census, judge_t *judge, size_t set, failure_t *failure)
{
	const observation_t *packets = census->packets;
	row_t row = { .count = 0 };
	census->window.sources = 0;
	for (size_t i = 0, next; i < census->window.packets; i = next) {
		for (next = i + 1; next < census->window.packets &&
		     same_unit(&packets[i], &packets[next]); next++) { }
		if (unit_judge(census, judge, set, packets + i, next - i, &row) != STATUS_OK) {
			return failure_no_memory(failure, "the events of a window");
		}
		bool last = next == census->window.packets;
		bool source_ends = last || !address_equal(&packets[i].source, &packets[next].source);
		census->window.sources += source_ends;
		if (source_ends || packets[i].group != packets[next].group) {
			status_t status = row_tell(census, set, &row, failure);
			if (status != STATUS_OK) {
				return status;
			}
		}
	}
	return STATUS_OK;
}

status_t census_close(census_t *census, judge_t *judge, failure_t *failure)
{
	const telescope_sink_t *sink = &census->options->sink;
	status_t status = STATUS_OK;
	if (census->window.packets > 0) {
		qsort(census->packets, census->window.packets, sizeof(*census->packets), compare);
	}
	for (size_t set = 0; set < census->options->set_count && status == STATUS_OK; set++) {
		status = set_judge(census, judge, set, failure);
	}
	if (status == STATUS_OK && sink->window != NULL && census->window.packets > 0) {
		status = sink->window(sink->context, &census->window, failure);
	}
	return status;
}

uint64_t census_start(const census_t *census)
{
	return census->window.start;
}

uint64_t census_memory(const census_t *census)
{
	return sizeof(*census) + census->room * sizeof(*census->packets);
}
