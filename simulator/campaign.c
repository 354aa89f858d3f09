/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tools and ports of the campaigns.
 *
 * Mirai's ports are those of its source (23, and 2323 once in ten probes;
 * Antonakakis et al., USENIX Security 2017), Conficker's is 445. Which ports others
 * look for, and how often, is ours: about what telescopes report.
 */
#include "simulator/campaign.h"

#include <string.h>

#include "simulator/draw.h"
#include "simulator/stream.h"

#define ICMP 1
#define TCP 6
#define UDP 17

/* What a network scan looks for. */
static const struct { uint8_t protocol; uint16_t port; double weight; } services[] = {
	{ TCP, 22, 14 }, { TCP, 23, 8 }, { TCP, 80, 12 }, { TCP, 443, 11 }, { TCP, 3389, 9 },
	{ TCP, 445, 4 }, { TCP, 5900, 3 }, { TCP, 8080, 8 }, { TCP, 1433, 4 }, { TCP, 3306, 4 },
	{ TCP, 6379, 5 }, { TCP, 21, 3 }, { TCP, 25, 2 }, { TCP, 8443, 3 }, { TCP, 5555, 3 },
	{ UDP, 53, 3 }, { UDP, 123, 2 }, { UDP, 161, 3 }, { UDP, 1900, 2 }, { UDP, 5060, 4 },
	{ ICMP, 0, 3 },
};
#define SERVICES (sizeof(services) / sizeof(services[0]))

static scan_tool_t draw_tool(const population_t *population, const originator_t *originator,
                             generator_t *generator)
{
	if (originator->species >= SPECIES) {
		return TOOL_NONE;
	}
	const species_t *species = &population_parameters(population)->species[originator->species];
	double cumulative[TOOLS], sum = 0;
	for (int i = 0; i < TOOLS; i++) {
		cumulative[i] = sum += species->tools[i];
	}
	return (scan_tool_t)draw_choice(generator, cumulative, TOOLS);
}

static generator_t campaign_stream(const population_t *population, const originator_t *originator)
{
	return stream_make(population_seed(population), STREAM_CAMPAIGN, 0, originator->campaign);
}

scan_tool_t campaign_tool(const population_t *population, const originator_t *originator)
{
	generator_t generator = campaign_stream(population, originator);
	return draw_tool(population, originator, &generator);
}

/* One service, sometimes two or three of one protocol. */
static void draw_services(generator_t *generator, campaign_day_t *out)
{
	double cumulative[SERVICES], sum = 0;
	for (size_t i = 0; i < SERVICES; i++) {
		cumulative[i] = sum += services[i].weight;
	}
	size_t first = draw_choice(generator, cumulative, SERVICES);
	out->protocol = services[first].protocol;
	if (out->protocol == ICMP) {
		return;
	}
	out->ports[out->port_count++] = services[first].port;
	for (uint64_t more = draw_geometric(generator, 0.3); more > 0 && out->port_count < 4; more--) {
		size_t other = draw_choice(generator, cumulative, SERVICES);
		if (services[other].protocol == out->protocol && other != first) {
			out->ports[out->port_count++] = services[other].port;
		}
	}
}

/* The lowest ports and some that are drawn: no two the same. */
static void draw_many_ports(generator_t *generator, campaign_day_t *out)
{
	unsigned count = 16 + (unsigned)generator_below(generator, CAMPAIGN_PORTS_MAX - 16 + 1);
	out->protocol = TCP;
	for (unsigned i = 0; i < count; i++) {
		out->ports[i] = (uint16_t)(1 + i * 1000 + generator_below(generator, 1000));
	}
	out->port_count = count;
}

static void choose_ports(const population_t *population, const originator_t *originator,
                         generator_t *generator, campaign_day_t *out)
{
	if (originator->class_id == CLASS_P2P) {
		out->touch = TOUCH_STRAY;
		out->protocol = UDP;
		out->port_count = 1;
		out->ports[0] = (uint16_t)(6881 + generator_below(generator, 40000));
		return;
	}
	if (out->tool == TOOL_NONE) {
		return;
	}
	double port_scan = population_parameters(population)->species[originator->species].port_scan;
	bool many = generator_uniform(generator) < port_scan;
	out->touch = many ? TOUCH_PORT_SCAN : TOUCH_NETWORK_SCAN;
	out->protocol = TCP;
	if (out->tool == TOOL_MIRAI) {
		out->ports[0] = 23;
		out->ports[1] = 2323;
		out->port_count = 2;
	} else if (out->tool == TOOL_CONFICKER) {
		out->ports[0] = 445;
		out->port_count = 1;
	} else if (many) {
		draw_many_ports(generator, out);
	} else {
		draw_services(generator, out);
	}
}

bool campaign_day(const population_t *population, size_t index, unsigned day,
                  campaign_day_t *out)
{
	const originator_t *originator = population_look(population, index);
	profile_t profile;
	memset(out, 0, sizeof(*out));
	profile_make(population, originator, &profile);
	if (!activity_make(population, originator, &profile, day, &out->activity)) {
		return false;
	}
	generator_t generator = campaign_stream(population, originator);
	out->campaign = originator->campaign;
	out->species = originator->species;
	out->tool = draw_tool(population, originator, &generator);
	choose_ports(population, originator, &generator, out);
	if (out->touch == TOUCH_NONE || !address_is_ipv4(&originator->address)) {
		return true;
	}
	const originator_parameters_t *assumed = &population_parameters(population)->originators;
	/* Of the campaign, not of the day: so many probes it takes to be noticed by one more. */
	double effort = draw_log_normal(&generator, 1, assumed->probes_sigma);
	double reached = out->activity.queriers / assumed->probes_whole;
	out->probes = CAMPAIGN_SPACE * draw_power(reached, 1 / assumed->probes_exponent) * effort;
	/* What goes astray is little beside what is meant. */
	out->probes *= out->touch == TOUCH_STRAY ? 0.01 : 1;
	return true;
}
