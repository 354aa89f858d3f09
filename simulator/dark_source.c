/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Originators as sources of a darknet's packets. */
#include "simulator/dark_source.h"

#include <stdlib.h>
#include <string.h>

#include "simulator/dark_packet.h"
#include "simulator/stream.h"

/* Packets of a probe that is repeated as the TCP of a system repeats a SYN (RFC 9293, section
 * 3.8.1, and what systems do): 4 to 7 with the first. */
#define TRIES_MIN 4
#define TRIES_MAX 7

const char *const dark_activity_names[DARK_ACTIVITIES] = {
	[DARK_NETWORK_SCAN] = "network-scan", [DARK_PORT_SCAN] = "port-scan",
	[DARK_STRAY] = "stray", [DARK_VICTIM] = "victim", [DARK_ONE_FLOW] = "one-flow",
	[DARK_FRAGMENT] = "fragment", [DARK_SMALL_SYN] = "small-syn",
	[DARK_SMALL_UDP] = "small-udp", [DARK_SMALL_PING] = "small-ping", [DARK_OTHER] = "other",
};

static int compare_moments(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
	return (a > b) - (a < b);
}

unsigned dark_segments_make(const activity_t *activity, dark_segment_t *segments)
{
	uint64_t edges[DARK_SEGMENTS_MAX];
	unsigned edge_count = 0, count = 0;
	double sum = 0;
	for (unsigned i = 0; i < activity->interval_count; i++) {
		edges[edge_count++] = activity->intervals[i].begin;
		edges[edge_count++] = activity->intervals[i].end;
	}
	qsort(edges, edge_count, sizeof(edges[0]), compare_moments);
	for (unsigned i = 0; i + 1 < edge_count; i++) {
		dark_segment_t segment = { .begin = edges[i], .end = edges[i + 1] };
		for (unsigned j = 0; j < activity->interval_count; j++) {
			const interval_t *interval = &activity->intervals[j];
			if (interval->begin <= segment.begin && interval->end >= segment.end &&
			    interval->end > interval->begin) {
				segment.share += interval->share * (double)(segment.end - segment.begin) /
				                 (double)(interval->end - interval->begin);
			}
		}
		if (segment.share > 0) {
			segment.before = sum;
			sum += segment.share;
			segments[count++] = segment;
		}
	}
	return count;
}

/* Ports and manner of a scan, and how many packets a visit has. */
static double describe_scan(const campaign_day_t *campaign, const darknet_parameters_t *assumed,
                            generator_t *generator, dark_source_t *source)
{
	source->activity = campaign->touch == TOUCH_PORT_SCAN ? DARK_PORT_SCAN :
	                   campaign->touch == TOUCH_STRAY ? DARK_STRAY : DARK_NETWORK_SCAN;
	source->all_ports = campaign->touch == TOUCH_PORT_SCAN;
	/* ZMap goes through a cyclic group, masscan through a cipher; worms roll dice. */
	source->in_turn = campaign->tool == TOOL_ZMAP || campaign->tool == TOOL_MASSCAN;
	bool repeats = campaign->tool == TOOL_OTHER &&
	               generator_uniform(generator) < assumed->repeats;
	unsigned tries = TRIES_MIN + (unsigned)generator_below(generator, TRIES_MAX - TRIES_MIN + 1);
	source->tries = repeats ? tries : 1;
	unsigned ports = source->all_ports ? campaign->port_count : 1;
	return (double)source->tries * (double)(ports > 0 ? ports : 1);
}

bool dark_source_originator(const population_t *population, size_t index, unsigned day,
                            const darknet_t *darknet, const darknet_parameters_t *assumed,
                            dark_source_t *source)
{
	static const uint8_t first_hops[] = { 64, 64, 128, 255 };
	campaign_day_t campaign;
	if (!campaign_day(population, index, day, &campaign) || campaign.touch == TOUCH_NONE) {
		return false;
	}
	const originator_t *originator = population_look(population, index);
	generator_t generator = stream_make(population_seed(population), STREAM_DARK_SOURCE, 0,
	                                    originator->campaign);
	*source = (dark_source_t) {
		.address = originator->address, .stream = originator->serial, .act = ACT_PROBE,
		.tool = campaign.tool, .protocol = campaign.protocol, .port_count = campaign.port_count,
	};
	memcpy(source->ports, campaign.ports, sizeof(source->ports));
	double packets = describe_scan(&campaign, assumed, &generator, source);
	unsigned hops = first_hops[generator_below(&generator, 4)];
	source->hops = (uint8_t)(hops - 6 - generator_below(&generator, 20));
	if (address_is_ipv4(&source->address)) {
		double share = (double)darknet_size(darknet) / CAMPAIGN_SPACE;
		source->visits = campaign.probes * share / packets;
	} else {
		/* Nobody's peer was ever there. */
		source->visits = source->activity == DARK_STRAY ? 0 :
		                 assumed->ipv6_visits * (double)darknet_ipv6_count(darknet);
		source->protocol = source->protocol == DARK_ICMP ? DARK_ICMPV6 : source->protocol;
	}
	source->segment_count = dark_segments_make(&campaign.activity, source->segments);
	return source->visits > 0 && source->segment_count > 0;
}
