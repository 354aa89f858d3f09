/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets to a darknet: the stream of all sources against each alone and sorting; numbers. */
#include <math.h>
#include <stdlib.h>

#include "common/moment.h"
#include "simulator/dark_stream.h"
#include "simulator/parameters.h"
#include "simulator/stream.h"
#include "tests/tap.h"

#define DAY (UINT64_C(86400) * MICROSECONDS)
#define START (UINT64_C(1704067200) * MICROSECONDS)
#define SEED 7
#define ALIVE 400

typedef struct {
	uint64_t moment;
	size_t source, size;
	uint8_t frame[DARK_PACKET_MAX];
} sent_t;

typedef struct {
	sent_t *packets;
	size_t count, room;
} sent_list_t;

typedef struct {
	dark_source_t *sources;
	size_t count, room;
} sources_t;

static parameters_t *parameters;
static world_t *world;
static population_t *population;
static failure_t failure;

/* Ends the test where it cannot go on; says nothing else. */
static void need(bool good, const char *what)
{
	if (!good) {
		tap_require(false, "%s (%s)", what, failure.sentence);
	}
}

static darknet_t *make_darknet(const char *const *texts, size_t count)
{
	prefix_t prefixes[8];
	darknet_t *darknet = NULL;
	for (size_t i = 0; i < count; i++) {
		need(prefix_parse(texts[i], &prefixes[i]), texts[i]);
	}
	need(darknet_create(world, prefixes, count, &darknet, &failure) == STATUS_OK, "a darknet");
	return darknet;
}

static status_t refused(const char *text)
{
	prefix_t prefix;
	darknet_t *darknet = NULL;
	need(prefix_parse(text, &prefix), text);
	status_t status = darknet_create(world, &prefix, 1, &darknet, &failure);
	darknet_destroy(darknet);
	return status;
}

static void test_darknet(void)
{
	static const char *const texts[] = {
		"198.18.4.0/22", "198.18.0.0/24", "2001:db8:5::/48", "198.18.6.0/24", "203.0.113.7",
	};
	darknet_t *darknet = make_darknet(texts, 5);
	is_int(darknet_size(darknet), 1024 + 256 + 1, "what lies in another prefix counts once");
	is_int(darknet_ipv6_count(darknet), 1, "one IPv6 prefix");
	bool inside = true, ascending = true;
	address_t before = { 0 };
	for (uint64_t i = 0; i < darknet_size(darknet); i++) {
		address_t address = darknet_address(darknet, i);
		bool in = false;
		for (size_t j = 0; j < 5; j++) {
			prefix_t prefix;
			prefix_parse(texts[j], &prefix);
			in = in || prefix_contains(&prefix, &address);
		}
		inside = inside && in;
		ascending = ascending && (i == 0 || address_compare(&before, &address) < 0);
		before = address;
	}
	ok(inside && ascending, "all addresses are its own, and no two alike");
	generator_t generator = generator_make(1, 1);
	prefix_t ipv6;
	prefix_parse(texts[2], &ipv6);
	inside = true;
	for (int i = 0; i < 1000; i++) {
		address_t address = darknet_address_ipv6(darknet, &generator);
		inside = inside && prefix_contains(&ipv6, &address);
	}
	ok(inside, "IPv6 addresses, too");
	darknet_destroy(darknet);

	const network_t *network = world_network(world, 17);
	char text[64];
	snprintf(text, sizeof(text), "%u.%u.128.0/24", network->blocks[0][0], network->blocks[0][1]);
	is_int(refused(text), STATUS_CALLER, "a prefix of an AS is not dark");
	ok(strstr(failure.sentence, text) != NULL, "the sentence names it");
	snprintf(text, sizeof(text), "%u.0.0.0/8", network->blocks[0][0]);
	is_int(refused(text), STATUS_CALLER, "nor is one that holds an AS");
	is_int(refused("198.0.0.0/7"), STATUS_CALLER, "more than a /8");
	is_int(refused("224.0.0.0/8"), STATUS_CALLER, "multicast");
	is_int(refused("fe80::/64"), STATUS_CALLER, "link local");
}

static void test_segments(void)
{
	activity_t activity = { .interval_count = 4, .intervals = {
		{ 100, 200, 0.25 }, { 150, 250, 0.25 }, { 150, 200, 0.25 }, { 400, 500, 0.25 } } };
	dark_segment_t segments[DARK_SEGMENTS_MAX];
	unsigned count = dark_segments_make(&activity, segments);
	double sum = 0;
	bool right = true;
	for (unsigned i = 0; i < count; i++) {
		right = right && segments[i].begin < segments[i].end && segments[i].before == sum &&
		        (i == 0 || segments[i].begin >= segments[i - 1].end);
		sum += segments[i].share;
	}
	ok(right && fabs(sum - 1) < 1e-12, "segments ascend, do not overlap, and sum to 1");
	/* By the definition: the rate of each moment is the sum of those of the intervals there. */
	for (uint64_t moment = 105; moment < 500; moment += 10) {
		double wanted = 0, rate = 0;
		for (unsigned i = 0; i < 4; i++) {
			const interval_t *at = &activity.intervals[i];
			if (at->begin <= moment && moment < at->end) {
				wanted += at->share / (double)(at->end - at->begin);
			}
		}
		for (unsigned i = 0; i < count; i++) {
			const dark_segment_t *at = &segments[i];
			if (at->begin <= moment && moment < at->end) {
				rate += at->share / (double)(at->end - at->begin);
			}
		}
		right = right && fabs(rate - wanted) < 1e-12;
	}
	ok(right, "with the rate of the intervals at every moment");
}

static status_t keep_source(void *context, const dark_source_t *source, failure_t *ignored)
{
	sources_t *list = context;
	(void)ignored;
	if (list->count == list->room) {
		list->room = list->room * 2 + 64;
		list->sources = reallocarray(list->sources, list->room, sizeof(*list->sources));
		need(list->sources != NULL, "memory");
	}
	list->sources[list->count++] = *source;
	return STATUS_OK;
}

static sources_t all_sources(const darknet_t *darknet)
{
	sources_t list = { 0 };
	dark_source_t source;
	dark_day_t day = {
		.world = world, .darknet = darknet, .assumed = &parameters->darknet, .seed = SEED,
		.day = 1, .begin = START, .alive = ALIVE,
	};
	for (size_t i = 0; i < population_count(population); i++) {
		if (dark_source_originator(population, i, 1, darknet, day.assumed, &source)) {
			keep_source(&list, &source, &failure);
		}
	}
	ok(list.count > 20, "%zu originators send to it", list.count);
	dark_source_others(&day, keep_source, &list, &failure);
	return list;
}

/* A scanner's packets come when, to where and as often as its campaign says. */
static void test_campaigns(void)
{
	static const char *const texts[] = { "198.18.0.0/16" };
	darknet_t *darknet = make_darknet(texts, 1);
	dark_source_t source;
	campaign_day_t campaign;
	size_t senders = 0, scanners = 0;
	bool hours = true, ports = true, numbers = true;
	for (size_t i = 0; i < population_count(population); i++) {
		bool sends = dark_source_originator(population, i, 1, darknet, &parameters->darknet,
		                                    &source);
		bool ipv4 = address_is_ipv4(&population_look(population, i)->address);
		bool scans = campaign_day(population, i, 1, &campaign) && ipv4 &&
		             campaign.touch != TOUCH_NONE;
		scanners += scans;
		senders += sends;
		if (!sends) {
			continue;
		}
		const dark_segment_t *last = &source.segments[source.segment_count - 1];
		hours = hours && source.segments[0].begin >= campaign.activity.begin &&
		        last->end <= campaign.activity.end && fabs(last->before + last->share - 1) < 1e-9;
		ports = ports && source.port_count == campaign.port_count && source.tool == campaign.tool &&
		        memcmp(source.ports, campaign.ports, sizeof(source.ports)) == 0;
		double packets = source.visits * source.tries *
		                 (source.all_ports ? source.port_count : 1);
		numbers = numbers && fabs(packets / (campaign.probes / 65536) - 1) < 1e-9;
	}
	ok(senders == scanners && scanners > 20, "all %zu originators that scan over IPv4", scanners);
	ok(hours, "in the hours of the campaign");
	ok(ports, "with its ports and its tool");
	ok(numbers, "a /16 gets one in 65536 of the probes");
	darknet_destroy(darknet);
}

/* What some sources send, in the order in which it comes. `number`: of the first of them. */
static void send_all(const darknet_t *darknet, const dark_source_t *sources, size_t count,
                 size_t number, sent_list_t *list)
{
	dark_stream_t *stream;
	need(dark_stream_create(darknet, SEED, 1, START + DAY, &stream, &failure) == STATUS_OK,
	     "a stream");
	for (size_t i = 0; i < count; i++) {
		need(dark_stream_add(stream, &sources[i], &failure) == STATUS_OK, "add");
	}
	bool there;
	uint64_t moment;
	dark_packet_t packet;
	while (dark_stream_next(stream, &there, &moment, &packet, &failure) == STATUS_OK && there) {
		if (list->count == list->room) {
			list->room = list->room * 2 + 1024;
			list->packets = reallocarray(list->packets, list->room, sizeof(sent_t));
			need(list->packets != NULL, "memory");
		}
		sent_t *sent = &list->packets[list->count++];
		memset(sent, 0, sizeof(*sent));
		sent->moment = moment;
		sent->source = number;
		sent->size = dark_packet_write(&packet, sent->frame);
	}
	dark_stream_destroy(stream);
}

/* By moment, then by number of the source, then by place: each source's own order stays. */
static int compare_sent(const void *left, const void *right)
{
	const sent_t *const *a = left, *const *b = right;
	if ((*a)->moment != (*b)->moment) {
		return (*a)->moment < (*b)->moment ? -1 : 1;
	}
	if ((*a)->source != (*b)->source) {
		return (*a)->source < (*b)->source ? -1 : 1;
	}
	return (*a > *b) - (*a < *b);
}

static void test_merge(void)
{
	static const char *const texts[] = { "198.18.0.0/17", "2001:db8::/32" };
	darknet_t *darknet = make_darknet(texts, 2);
	sources_t sources = all_sources(darknet);
	sent_list_t merged = { 0 }, alone = { 0 };
	send_all(darknet, sources.sources, sources.count, 0, &merged);
	for (size_t i = 0; i < sources.count; i++) {
		send_all(darknet, &sources.sources[i], 1, i, &alone);
	}
	ok(merged.count > 1000, "%zu packets of %zu sources", merged.count, sources.count);
	is_int(merged.count, alone.count, "as many as of each source alone");
	const sent_t **order = calloc(alone.count, sizeof(*order));
	for (size_t i = 0; i < alone.count; i++) {
		order[i] = &alone.packets[i];
	}
	qsort(order, alone.count, sizeof(*order), compare_sent);
	bool same = merged.count == alone.count, sorted = true;
	for (size_t i = 0; i < merged.count && same; i++) {
		const sent_t *sent = &merged.packets[i];
		same = sent->moment == order[i]->moment && sent->size == order[i]->size &&
		       memcmp(sent->frame, order[i]->frame, sent->size) == 0;
		sorted = sorted && (i == 0 || sent->moment >= sent[-1].moment) &&
		         sent->moment >= START && sent->moment < START + DAY;
	}
	ok(same, "the same packets in the same order as by sorting");
	ok(sorted, "by time, within the day");
	free(order);
	free(merged.packets);
	free(alone.packets);
	free(sources.sources);
	darknet_destroy(darknet);
}

static dark_source_t plain_source(double visits)
{
	dark_source_t source = {
		.stream = 99, .act = ACT_PROBE, .tool = TOOL_OTHER, .protocol = DARK_TCP, .hops = 50,
		.tries = 1, .port_count = 1, .ports = { 22 }, .visits = visits, .segment_count = 1,
		.segments = { { START, START + DAY, 0, 1 } },
	};
	address_parse("192.0.2.1", &source.address);
	return source;
}

static void test_numbers(void)
{
	static const char *const texts[] = { "198.18.0.0/24" };
	darknet_t *darknet = make_darknet(texts, 1);
	dark_source_t source = plain_source(10000);
	sent_list_t list = { 0 };
	send_all(darknet, &source, 1, 0, &list);
	/* A Poisson number: five deviations are 500. */
	ok(fabs((double)list.count - 10000) < 500, "%zu of 10000 expected visits", list.count);
	size_t counts[256] = { 0 }, halves = 0;
	for (size_t i = 0; i < list.count; i++) {
		counts[list.packets[i].frame[33]]++;
		halves += list.packets[i].moment < START + DAY / 2;
	}
	double chi = 0, mean = (double)list.count / 256;
	for (int i = 0; i < 256; i++) {
		chi += ((double)counts[i] - mean) * ((double)counts[i] - mean) / mean;
	}
	/* 255 degrees of freedom: five deviations of sqrt(510). */
	ok(fabs(chi - 255) < 113, "addresses at random: chi-squared %.0f for 255", chi);
	ok(fabs((double)halves - (double)list.count / 2) < 250, "half of them in half of the day");

	source.in_turn = true;
	list.count = 0;
	send_all(darknet, &source, 1, 0, &list);
	memset(counts, 0, sizeof(counts));
	bool turns = true;
	for (size_t i = 0; i < list.count; i++) {
		turns = turns && counts[list.packets[i].frame[33]]++ == i / 256;
	}
	ok(turns, "in turn: none again before all had their turn");
	free(list.packets);
	darknet_destroy(darknet);
}

static void test_visits(void)
{
	static const char *const texts[] = { "198.18.0.0/16" };
	darknet_t *darknet = make_darknet(texts, 1);
	dark_source_t source = plain_source(1);
	source.once = true;
	source.tries = 4;
	source.segments[0].end = START + DAY / 2;
	sent_list_t list = { 0 };
	send_all(darknet, &source, 1, 0, &list);
	is_int(list.count, 4, "one visit of four packets");
	ok(list.count == 4 && list.packets[1].moment == list.packets[0].moment + MICROSECONDS &&
	   list.packets[3].moment == list.packets[0].moment + 7 * MICROSECONDS,
	   "a SYN again after 1, 3 and 7 seconds");
	source.all_ports = true;
	source.port_count = 3;
	source.ports[1] = 23;
	source.ports[2] = 25;
	list.count = 0;
	send_all(darknet, &source, 1, 0, &list);
	bool ports = list.count == 12;
	for (size_t i = 0; i < list.count && ports; i++) {
		const uint8_t *frame = list.packets[i].frame;
		ports = (frame[36] << 8 | frame[37]) == source.ports[i % 3] &&
		        memcmp(frame + 30, list.packets[0].frame + 30, 4) == 0;
	}
	ok(ports, "all ports of one address, four times");
	free(list.packets);
	darknet_destroy(darknet);
}

int main(void)
{
	tap_require(parameters_load(NULL, &parameters, &failure) == STATUS_OK, "the parameters");
	tap_require(world_create(SEED, parameters, &world, &failure) == STATUS_OK, "the world");
	tap_require(population_create(world, parameters, SEED, ALIVE, START, &population, &failure) ==
	            STATUS_OK && population_next_day(population, &failure) == STATUS_OK,
	            "the population");
	test_darknet();
	test_segments();
	test_campaigns();
	test_merge();
	test_numbers();
	test_visits();
	population_destroy(population);
	world_destroy(world);
	parameters_destroy(parameters);
	return tap_done();
}
