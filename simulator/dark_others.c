/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What comes to every telescope and is no scan.
 *
 * Attacked hosts answer packets whose forged sources are spread evenly over the Internet (D.
 * Moore et al.: Inferring Internet denial-of-service activity, ACM TOCS 24(2), 2006): how many
 * of them a darknet sees, and how often each, depends on its size. The others send to single
 * addresses: of those, a darknet sees in proportion to its size. The numbers are ours.
 */
#include "simulator/dark_source.h"

#include <string.h>

#include "common/moment.h"
#include "simulator/dark_packet.h"
#include "simulator/draw.h"
#include "simulator/stream.h"

#define DAY (86400 * MICROSECONDS)
#define MINUTE (60 * MICROSECONDS)
#define ADDRESSES_16 65536.0
/* Largest attack, and longest flow. */
#define VICTIM_PACKETS_MAX 1e11
#define FLOW_PACKETS_MIN 20.0
#define FLOW_PACKETS_MAX 20000.0
/* Most packets of a source that sends few. */
#define SMALL_TRIES 3

#define GRE 47
#define IP_IN_IP 4
#define SCTP 132

/* Ports of the services that answer: attacked web and game servers, abused UDP services. */
static const struct { dark_act_t act; uint8_t protocol; uint16_t port; double weight; } answers[] = {
	{ ACT_SYN_ACK, DARK_TCP, 80, 22 }, { ACT_SYN_ACK, DARK_TCP, 443, 26 },
	{ ACT_SYN_ACK, DARK_TCP, 22, 4 }, { ACT_RESET, DARK_TCP, 80, 8 },
	{ ACT_RESET, DARK_TCP, 6667, 2 }, { ACT_UNREACHABLE, DARK_ICMP, 80, 10 },
	{ ACT_EXCEEDED, DARK_ICMP, 443, 8 }, { ACT_UDP_ANSWER, DARK_UDP, 53, 14 },
	{ ACT_UDP_ANSWER, DARK_UDP, 123, 3 }, { ACT_UDP_ANSWER, DARK_UDP, 27015, 3 },
};
#define ANSWERS (sizeof(answers) / sizeof(answers[0]))

static const uint16_t syn_ports[] = { 23, 22, 80, 443, 445, 8080, 3389, 25 };
static const uint8_t raw_protocols[] = { GRE, IP_IN_IP, SCTP };

/* Fills in what a source of a kind has of its own. */
typedef void (*describe_t)(const dark_day_t *day, generator_t *generator, dark_source_t *source);

static address_t draw_address(const world_t *world, generator_t *generator)
{
	static const double even[NETWORKS] = { 1, 1, 0.5, 0.2, 0.2, 0.2, 0.2 };
	const network_t *network = world_network(world, world_pick_network(world, generator, even));
	const uint8_t *block = network->blocks[generator_below(generator, network->block_count)];
	uint8_t octets[4] = { block[0], block[1] };
	octets[2] = (uint8_t)generator_below(generator, 256);
	octets[3] = generator_below(generator, 2) == 0 ? 0 : 255;
	return address_from_ipv4(octets);
}

/* An even rate from a moment on for so long, at most up to the end of the day. */
static void set_segment(const dark_day_t *day, uint64_t begin, double length,
                        dark_source_t *source)
{
	uint64_t end = day->begin + DAY;
	double left = (double)(end - begin);
	source->segment_count = 1;
	source->segments[0] = (dark_segment_t) {
		.begin = begin, .end = begin + 1 + (uint64_t)(length < left - 1 ? length : left - 1),
		.share = 1,
	};
}

static void set_whole_day(const dark_day_t *day, dark_source_t *source)
{
	set_segment(day, day->begin, (double)DAY, source);
}

static void describe_victim(const dark_day_t *day, generator_t *generator, dark_source_t *source)
{
	const darknet_parameters_t *assumed = day->assumed;
	double cumulative[ANSWERS], sum = 0;
	for (size_t i = 0; i < ANSWERS; i++) {
		cumulative[i] = sum += answers[i].weight;
	}
	size_t answer = draw_choice(generator, cumulative, ANSWERS);
	double packets = draw_log_normal(generator, assumed->victim_packets, assumed->victim_sigma);
	packets = packets < VICTIM_PACKETS_MAX ? packets : VICTIM_PACKETS_MAX;
	source->act = answers[answer].act;
	source->protocol = answers[answer].protocol;
	source->port_count = 1;
	source->ports[0] = answers[answer].port;
	source->visits = packets * (double)darknet_size(day->darknet) / CAMPAIGN_SPACE;
	double length = assumed->victim_minutes * (double)MINUTE * draw_exponential(generator);
	set_segment(day, day->begin + generator_below(generator, DAY), length, source);
}

static void describe_one_flow(const dark_day_t *day, generator_t *generator,
                              dark_source_t *source)
{
	const darknet_parameters_t *assumed = day->assumed;
	double packets = draw_log_normal(generator, assumed->one_flow_packets, assumed->one_flow_sigma);
	packets = packets < FLOW_PACKETS_MIN ? FLOW_PACKETS_MIN :
	          packets > FLOW_PACKETS_MAX ? FLOW_PACKETS_MAX : packets;
	bool udp = generator_below(generator, 3) > 0;
	source->protocol = udp ? DARK_UDP : DARK_TCP;
	source->port_count = 1;
	source->ports[0] = udp ? 514 : (uint16_t)(1024 + generator_below(generator, 60000));
	source->once = true;
	source->tries = (unsigned)packets;
	/* It begins in the first half of the day and is through before its end. */
	source->gap = 1 + (uint64_t)((double)DAY / 2 / packets * generator_uniform(generator));
	set_segment(day, day->begin, (double)DAY / 2, source);
}

static void describe_small(generator_t *generator, uint8_t protocol, dark_source_t *source)
{
	source->protocol = protocol;
	source->port_count = protocol != DARK_ICMP;
	source->once = true;
	source->tries = 1 + (unsigned)generator_below(generator, SMALL_TRIES);
}

static void describe_small_syn(const dark_day_t *day, generator_t *generator,
                               dark_source_t *source)
{
	describe_small(generator, DARK_TCP, source);
	source->ports[0] = syn_ports[generator_below(generator, sizeof(syn_ports) / sizeof(uint16_t))];
	set_whole_day(day, source);
}

static void describe_small_udp(const dark_day_t *day, generator_t *generator,
                               dark_source_t *source)
{
	describe_small(generator, DARK_UDP, source);
	source->ports[0] = (uint16_t)(1024 + generator_below(generator, 64000));
	set_whole_day(day, source);
}

static void describe_small_ping(const dark_day_t *day, generator_t *generator,
                                dark_source_t *source)
{
	describe_small(generator, DARK_ICMP, source);
	set_whole_day(day, source);
}

static void describe_fragment(const dark_day_t *day, generator_t *generator,
                              dark_source_t *source)
{
	describe_small(generator, DARK_UDP, source);
	source->act = ACT_FRAGMENTS;
	source->tries = 2 + (unsigned)generator_below(generator, 2);
	source->gap = 200;
	source->ports[0] = (uint16_t)(40000 + generator_below(generator, 20000));
	set_whole_day(day, source);
}

static void describe_other(const dark_day_t *day, generator_t *generator, dark_source_t *source)
{
	bool raw = generator_below(generator, 2) == 0;
	uint64_t which = generator_below(generator, sizeof(raw_protocols));
	describe_small(generator, raw ? raw_protocols[which] : DARK_TCP, source);
	source->act = raw ? ACT_RAW : ACT_CONNECTION;
	source->port_count = !raw;
	source->ports[0] = (uint16_t)(1024 + generator_below(generator, 60000));
	source->tries += 1;
	set_whole_day(day, source);
}

/* How many sources of a kind there are, in the mean, and what one is like. */
typedef struct {
	dark_activity_t activity;
	size_t count;              /* offset of their number in the parameters */
	bool everywhere;           /* of the whole Internet; else of the darknet's addresses */
	describe_t describe;
} others_t;

static const others_t others[] = {
	{ DARK_VICTIM, offsetof(darknet_parameters_t, victims), true, describe_victim },
	{ DARK_ONE_FLOW, offsetof(darknet_parameters_t, one_flow), false, describe_one_flow },
	{ DARK_FRAGMENT, offsetof(darknet_parameters_t, fragment), false, describe_fragment },
	{ DARK_SMALL_SYN, offsetof(darknet_parameters_t, small_syn), false, describe_small_syn },
	{ DARK_SMALL_UDP, offsetof(darknet_parameters_t, small_udp), false, describe_small_udp },
	{ DARK_SMALL_PING, offsetof(darknet_parameters_t, small_ping), false, describe_small_ping },
	{ DARK_OTHER, offsetof(darknet_parameters_t, other), false, describe_other },
};
#define OTHERS (sizeof(others) / sizeof(others[0]))

static uint64_t draw_count(const dark_day_t *day, const others_t *kind, generator_t *generator)
{
	double mean;
	memcpy(&mean, (const char *)day->assumed + kind->count, sizeof(mean));
	mean *= day->alive / 1000;
	mean *= kind->everywhere ? 1 : (double)darknet_size(day->darknet) / ADDRESSES_16;
	return draw_poisson(generator, mean);
}

status_t dark_source_others(const dark_day_t *day, dark_source_sink_t sink, void *context,
                            failure_t *failure)
{
	status_t status = STATUS_OK;
	for (uint64_t i = 0; i < OTHERS && status == STATUS_OK; i++) {
		generator_t generator = stream_make(day->seed, STREAM_DARK_OTHERS, day->day, i);
		uint64_t count = draw_count(day, &others[i], &generator);
		for (uint64_t j = 0; j < count && status == STATUS_OK; j++) {
			dark_source_t source = {
				/* Behind all originators, whose serials are far below. */
				.stream = (i + 1) << 36 | j, .activity = others[i].activity, .tries = 1,
				.tool = TOOL_NONE,
			};
			source.address = draw_address(day->world, &generator);
			source.hops = (uint8_t)(40 + generator_below(&generator, 80));
			others[i].describe(day, &generator, &source);
			status = sink(context, &source, failure);
		}
	}
	return status;
}
