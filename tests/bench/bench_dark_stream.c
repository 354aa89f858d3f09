/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a packet to a simulated darknet costs: a day of a /12 at 2000 originators, through the
 * heap of dark_stream.h; the same packets held and sorted; and the bare writing of as many frames.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "common/moment.h"
#include "simulator/dark_stream.h"
#include "simulator/parameters.h"

#define DAY (UINT64_C(86400) * MICROSECONDS)
#define START (UINT64_C(1704067200) * MICROSECONDS)
#define ALIVE 2000
#define SEED 1

/* A packet that is held. */
typedef struct {
	uint64_t moment;
	uint8_t size;
	uint8_t frame[DARK_PACKET_MAX];
} held_t;

static world_t *world;
static population_t *population;
static darknet_t *darknet;
static failure_t failure;
static volatile uint64_t kept;

static double seconds_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double peak_megabytes(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_maxrss / 1024;
}

static status_t take_source(void *context, const dark_source_t *source, failure_t *why)
{
	return dark_stream_add(context, source, why);
}

static dark_stream_t *open_stream(const parameters_t *parameters)
{
	dark_stream_t *stream = NULL;
	dark_day_t day = {
		.world = world, .darknet = darknet, .assumed = &parameters->darknet, .seed = SEED,
		.day = 1, .begin = START, .alive = ALIVE,
	};
	status_t status = dark_stream_create(darknet, SEED, 1, START + DAY, &stream, &failure);
	for (size_t i = 0; i < population_count(population) && status == STATUS_OK; i++) {
		dark_source_t source;
		if (dark_source_originator(population, i, 1, darknet, day.assumed, &source)) {
			status = dark_stream_add(stream, &source, &failure);
		}
	}
	if (status != STATUS_OK ||
	    dark_source_others(&day, take_source, stream, &failure) != STATUS_OK) {
		exit(1);
	}
	return stream;
}

/* Takes all packets, and holds them if there is an array. */
static size_t run_stream(dark_stream_t *stream, held_t *held)
{
	size_t count = 0;
	bool there;
	uint64_t moment, sum = 0;
	dark_packet_t packet;
	uint8_t frame[DARK_PACKET_MAX];
	for (;; count++) {
		if (dark_stream_next(stream, &there, &moment, &packet, &failure) != STATUS_OK) {
			exit(1);
		}
		if (!there) {
			break;
		}
		size_t size = dark_packet_write(&packet, held != NULL ? held[count].frame : frame);
		sum += moment + size + frame[30];
		if (held != NULL) {
			held[count].moment = moment;
			held[count].size = (uint8_t)size;
		}
	}
	kept = sum;
	return count;
}

static void run_bare(size_t count)
{
	dark_packet_t packet = { .ip = { .protocol = DARK_TCP, .hops = 50 }, .flags = DARK_SYN };
	address_parse("192.0.2.1", &packet.ip.source);
	address_parse("198.18.0.1", &packet.ip.destination);
	uint8_t frame[DARK_PACKET_MAX];
	uint64_t sum = 0;
	for (size_t i = 0; i < count; i++) {
		packet.sequence = (uint32_t)i;
		sum += dark_packet_write(&packet, frame) + frame[50];
	}
	kept = sum;
}

static int compare(const void *left, const void *right)
{
	const held_t *a = left, *b = right;
	return (a->moment > b->moment) - (a->moment < b->moment);
}

/* Puts packets out of their order, as they would come source by source. */
static void shuffle(held_t *held, size_t count)
{
	generator_t generator = generator_make(1, 1);
	for (size_t i = count; i > 1; i--) {
		size_t other = generator_below(&generator, i);
		held_t swap = held[i - 1];
		held[i - 1] = held[other];
		held[other] = swap;
	}
}

static void tell(const char *what, size_t count, double seconds, double bare)
{
	printf("%-24s %6.2f s, %5.2f million packets per CPU-second, %5.1f times bare, peak %.0f MB\n",
	       what, seconds, (double)count / seconds / 1e6, seconds / bare, peak_megabytes());
}

int main(void)
{
	parameters_t *parameters;
	prefix_t prefix;
	if (!prefix_parse("198.0.0.0/12", &prefix) ||
	    parameters_load(NULL, &parameters, &failure) != STATUS_OK ||
	    world_create(SEED, parameters, &world, &failure) != STATUS_OK ||
	    population_create(world, parameters, SEED, ALIVE, START, &population, &failure) !=
	    STATUS_OK || population_next_day(population, &failure) != STATUS_OK ||
	    darknet_create(world, &prefix, 1, &darknet, &failure) != STATUS_OK) {
		return 1;
	}
	dark_stream_t *stream = open_stream(parameters);
	double start = seconds_now();
	size_t count = run_stream(stream, NULL);
	double streamed = seconds_now() - start;
	start = seconds_now();
	run_bare(count);
	double bare = seconds_now() - start;
	tell("frames alone", count, bare, bare);
	tell("heap", count, streamed, bare);
	dark_stream_destroy(stream);
	stream = open_stream(parameters);
	held_t *held = calloc(count, sizeof(*held));
	if (held == NULL) {
		return 1;
	}
	(void)run_stream(stream, held);
	shuffle(held, count);
	start = seconds_now();
	qsort(held, count, sizeof(*held), compare);
	tell("sorting, when all are held", count, seconds_now() - start, bare);
	free(held);
	dark_stream_destroy(stream);
	darknet_destroy(darknet);
	population_destroy(population);
	world_destroy(world);
	parameters_destroy(parameters);
	return 0;
}
