/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traffic of a telescope. */
#include "tests/bench/telescope_traffic.h"

#include <math.h>
#include <stdlib.h>

#include "common/generator.h"

enum { TARGET_RANDOM, TARGET_OWN };
enum { PORT_OWN, PORT_LOW, PORT_HIGH };
enum { TOOL_PLAIN, TOOL_OF_ZMAP, TOOL_OF_MASSCAN, TOOL_OF_MIRAI, TOOL_KINDS };

/* Per thousandth of the scale: sources and packets; share of the k-th source: k^-fall. */
typedef struct {
	unsigned sources, packets;
	double fall;
	uint8_t protocol, flags, icmp_type;
	uint8_t target, port;
	bool answers;   /* From the port that it serves. */
	bool fragment;
} profile_t;

static const profile_t profiles[] = {
	/* SYN scans of networks */
	{ 50, 5000, .7, PROTOCOL_TCP, TCP_SYN, 0, TARGET_RANDOM, PORT_OWN, false, false },
	/* port scans */
	{ 2, 200, .5, PROTOCOL_TCP, TCP_SYN, 0, TARGET_OWN, PORT_LOW, false, false },
	/* stray SYN */
	{ 70, 150, 0, PROTOCOL_TCP, TCP_SYN, 0, TARGET_RANDOM, PORT_OWN, false, false },
	/* UDP scans and strays */
	{ 12, 900, .7, PROTOCOL_UDP, 0, 0, TARGET_RANDOM, PORT_OWN, false, false },
	{ 15, 30, 0, PROTOCOL_UDP, 0, 0, TARGET_RANDOM, PORT_HIGH, false, false },
	/* ping scans and strays */
	{ 8, 400, .7, PROTOCOL_ICMP, 0, 8, TARGET_RANDOM, PORT_OWN, false, false },
	{ 5, 10, 0, PROTOCOL_ICMP, 0, 8, TARGET_RANDOM, PORT_OWN, false, false },
	/* backscatter */
	{ 27, 1000, .8, PROTOCOL_TCP, TCP_SYN | TCP_ACK, 0, TARGET_RANDOM, PORT_HIGH, true, false },
	{ 3, 60, .5, PROTOCOL_UDP, 0, 0, TARGET_RANDOM, PORT_HIGH, true, false },
	{ 5, 100, .5, PROTOCOL_ICMP, 0, 3, TARGET_RANDOM, PORT_OWN, true, false },
	/* fragments */
	{ 2, 100, .5, PROTOCOL_UDP, 0, 0, TARGET_RANDOM, PORT_HIGH, false, true },
	/* one flow */
	{ 1, 50, .5, PROTOCOL_UDP, 0, 0, TARGET_OWN, PORT_OWN, false, false },
};

/* One source. */
typedef struct {
	uint32_t address;
	uint16_t port;    /* Scanned, or served. */
	uint8_t profile;
	uint8_t tool;     /* How it fills in identification and sequence. */
} source_t;

/* A drawing under way. */
typedef struct {
	generator_t generator;
	source_t *sources;
	uint32_t *schedule;  /* Source of each packet. */
	uint32_t count;
} drawing_t;

#define PROFILES (sizeof(profiles) / sizeof(profiles[0]))

static uint16_t draw_port(generator_t *generator, const profile_t *profile)
{
	static const uint16_t tcp[] = { 23, 445, 22, 80, 3389, 8080, 2323, 443, 5555, 1433 };
	static const uint16_t udp[] = { 53, 123, 1900, 5060, 161, 389, 11211 };
	if (profile->protocol == PROTOCOL_UDP || profile->answers) {
		return udp[generator_below(generator, sizeof(udp) / sizeof(udp[0]))];
	}
	/* The first are scanned most. */
	uint64_t most = 1 + generator_below(generator, sizeof(tcp) / sizeof(tcp[0]));
	return tcp[generator_below(generator, most)];
}

/* The packets of one profile's sources go into the schedule from `at` on; returns its end. */
static size_t draw_profile(drawing_t *drawing, unsigned number, unsigned scale, size_t at)
{
	const profile_t *profile = &profiles[number];
	uint32_t sources = profile->sources * scale;
	size_t packets = (size_t)profile->packets * scale;
	double sum = 0, before = 0;
	for (uint32_t i = 0; i < sources; i++) {
		sum += pow(i + 1, -profile->fall);
	}
	size_t start = at, spare = packets - sources;
	for (uint32_t i = 0; i < sources; i++) {
		uint32_t source = drawing->count++;
		drawing->sources[source] = (source_t) {
			.address = (uint32_t)(0x2d000000 + generator_below(&drawing->generator, 0x90000000)),
			.port = draw_port(&drawing->generator, profile), .profile = (uint8_t)number,
			.tool = (uint8_t)generator_below(&drawing->generator, TOOL_KINDS),
		};
		before += pow(i + 1, -profile->fall);
		/* One for each, the others by share. */
		size_t end = start + i + 1 + (size_t)((double)spare * (before / sum));
		end = i + 1 == sources || end > start + packets ? start + packets : end;
		while (at < end) {
			drawing->schedule[at++] = source;
		}
	}
	return at;
}

static void shuffle(drawing_t *drawing, size_t packets)
{
	for (size_t i = packets - 1; i > 0; i--) {
		size_t other = generator_below(&drawing->generator, i + 1);
		uint32_t swap = drawing->schedule[i];
		drawing->schedule[i] = drawing->schedule[other];
		drawing->schedule[other] = swap;
	}
}

static void fill_marks(traffic_packet_t *packet, const source_t *source, bool tcp,
                       uint64_t random)
{
	packet->identification = (uint16_t)random;
	packet->sequence = tcp ? (uint32_t)(random >> 16) : 0;
	switch (source->tool) {
	case TOOL_OF_ZMAP:
		packet->identification = 54321;
		break;
	case TOOL_OF_MASSCAN:
		packet->identification = (uint16_t)(packet->target ^ packet->port ^ packet->sequence);
		break;
	case TOOL_OF_MIRAI:
		packet->sequence = tcp ? packet->target : 0;
		break;
	default:
		break;
	}
}

static traffic_packet_t draw_packet(drawing_t *drawing, const source_t *source)
{
	const profile_t *profile = &profiles[source->profile];
	uint64_t random = generator_next(&drawing->generator);
	uint32_t low = profile->target == TARGET_OWN ? source->address & 0xffff
	                                             : (uint32_t)(random >> 48);
	bool ports = profile->protocol != PROTOCOL_ICMP && !profile->fragment;
	uint16_t port = source->port;
	if (profile->port != PORT_OWN) {
		port = (uint16_t)(profile->port == PORT_LOW ? 1 + (random & 1023)
		                                            : 32768 + (random & 16383));
	}
	traffic_packet_t packet = {
		.source = source->address, .target = TRAFFIC_NETWORK | low, .port = ports ? port : 0,
		.source_port = ports ? (profile->answers ? source->port : 40000) : 0,
		.profile = source->profile,
	};
	fill_marks(&packet, source, profile->protocol == PROTOCOL_TCP, random);
	return packet;
}

static void draw(traffic_t *traffic, drawing_t *drawing, unsigned scale)
{
	size_t at = 0;
	for (unsigned i = 0; i < PROFILES; i++) {
		at = draw_profile(drawing, i, scale, at);
	}
	shuffle(drawing, traffic->packets);
	for (size_t i = 0; i < traffic->packets; i++) {
		traffic->drawn[i] = draw_packet(drawing, &drawing->sources[drawing->schedule[i]]);
	}
}

bool traffic_create(traffic_t *traffic, unsigned scale, uint64_t seed)
{
	*traffic = (traffic_t) { .next = 0 };
	for (unsigned i = 0; i < PROFILES; i++) {
		traffic->sources += profiles[i].sources * scale;
		traffic->packets += (size_t)profiles[i].packets * scale;
	}
	drawing_t drawing = {
		.generator = generator_make(seed, 0),
		.sources = malloc(traffic->sources * sizeof(*drawing.sources)),
		.schedule = malloc(traffic->packets * sizeof(*drawing.schedule)),
	};
	traffic->drawn = malloc(traffic->packets * sizeof(*traffic->drawn));
	bool good = drawing.sources != NULL && drawing.schedule != NULL && traffic->drawn != NULL;
	if (good) {
		draw(traffic, &drawing, scale);
	} else {
		traffic_clear(traffic);
	}
	free(drawing.sources);
	free(drawing.schedule);
	return good;
}

void traffic_clear(traffic_t *traffic)
{
	free(traffic->drawn);
	*traffic = (traffic_t) { .next = 0 };
}

static address_t ipv4(uint32_t number)
{
	const uint8_t octets[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
	                            (uint8_t)(number >> 8), (uint8_t)number };
	return address_from_ipv4(octets);
}

bool traffic_next(traffic_t *traffic, uint64_t *moment, packet_t *packet)
{
	if (traffic->next == traffic->packets) {
		return false;
	}
	const traffic_packet_t *drawn = &traffic->drawn[traffic->next];
	const profile_t *profile = &profiles[drawn->profile];
	*packet = (packet_t) {
		.source = ipv4(drawn->source), .destination = ipv4(drawn->target),
		.protocol = profile->protocol, .transport = !profile->fragment,
		.source_port = drawn->source_port, .destination_port = drawn->port, .time_to_live = 50,
		.identification = drawn->identification, .tcp_sequence = drawn->sequence,
		.tcp_flags = profile->flags, .icmp_type = profile->icmp_type,
		.fragment_offset = profile->fragment ? 1480 : 0,
	};
	*moment = TRAFFIC_START + traffic->next++ * (TRAFFIC_LENGTH / traffic->packets);
	return true;
}
