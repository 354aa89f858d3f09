/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A binary heap of what comes next.
 *
 * The order is total, down to the random key of a visit: else packets of one microsecond would
 * come as the heap happens to lie, and what one source sends would hang on the others.
 */
#include "simulator/dark_stream.h"

#include <stdlib.h>

#include "simulator/dark_emit.h"
#include "simulator/draw.h"
#include "simulator/stream.h"

/* Ports at which the homes of the world listen. */
#define STRAY_PORT_FIRST 1024
#define STRAY_PORTS 64512

/* A source, and where it is. */
typedef struct {
	dark_source_t source;
	generator_t generator;
	double at;               /* expected visits up to its next one */
	unsigned segment;        /* in which that is */
	uint64_t turn, stride;   /* next address and step, of a source that goes through them all */
	uint64_t packets;
} comer_t;

/* What comes next: a visit, or a packet of one that has begun. */
typedef struct {
	uint64_t moment;
	uint32_t comer;
	bool arrival;
	dark_visit_t visit;      /* unless it is an arrival */
} item_t;

struct dark_stream {
	const darknet_t *darknet;
	uint64_t seed;
	unsigned day;
	uint64_t end;
	comer_t *comers;
	size_t comer_count, comer_room;
	item_t *heap;
	size_t heap_count, heap_room;
	uint8_t quote[DARK_QUOTE_SIZE];
};

status_t dark_stream_create(const darknet_t *darknet, uint64_t seed, unsigned day, uint64_t end,
                            dark_stream_t **out, failure_t *failure)
{
	dark_stream_t *stream = calloc(1, sizeof(*stream));
	if (stream == NULL) {
		return failure_no_memory(failure, "the packets of a darknet");
	}
	*stream = (dark_stream_t) { .darknet = darknet, .seed = seed, .day = day, .end = end };
	*out = stream;
	return STATUS_OK;
}

void dark_stream_destroy(dark_stream_t *stream)
{
	if (stream != NULL) {
		free(stream->comers);
		free(stream->heap);
		free(stream);
	}
}

static bool before(const item_t *a, const item_t *b)
{
	const uint64_t keys[][2] = {
		{ a->moment, b->moment }, { a->comer, b->comer }, { !a->arrival, !b->arrival },
		{ a->visit.begin, b->visit.begin }, { a->visit.key, b->visit.key },
	};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i][0] != keys[i][1]) {
			return keys[i][0] < keys[i][1];
		}
	}
	return false;
}

/* Room for one element more; NULL if memory is short, and then the array stays. */
static void *grow(void *array, size_t count, size_t *room, size_t size)
{
	if (count < *room) {
		return array;
	}
	size_t more = *room > 0 ? *room * 2 : 64;
	void *grown = reallocarray(array, more, size);
	*room = grown != NULL ? more : *room;
	return grown;
}

static status_t push(dark_stream_t *stream, const item_t *item, failure_t *failure)
{
	item_t *heap = grow(stream->heap, stream->heap_count, &stream->heap_room, sizeof(*heap));
	if (heap == NULL) {
		return failure_no_memory(failure, "the packets of a darknet");
	}
	stream->heap = heap;
	size_t at = stream->heap_count++;
	for (; at > 0 && before(item, &heap[(at - 1) / 2]); at = (at - 1) / 2) {
		heap[at] = heap[(at - 1) / 2];
	}
	heap[at] = *item;
	return STATUS_OK;
}

static item_t pop(dark_stream_t *stream)
{
	item_t *heap = stream->heap, first = heap[0], last = heap[--stream->heap_count];
	size_t at = 0, child;
	while ((child = 2 * at + 1) < stream->heap_count) {
		child += child + 1 < stream->heap_count && before(&heap[child + 1], &heap[child]);
		if (!before(&heap[child], &last)) {
			break;
		}
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = last;
	return first;
}

/* Moves a source on to its next visit; false if there is none. */
static bool advance(comer_t *comer, uint64_t *moment)
{
	const dark_source_t *source = &comer->source;
	const dark_segment_t *segments = source->segments;
	if (source->once) {
		bool first = comer->at <= 0;
		comer->at = 1;
		*moment = segments[0].begin + (uint64_t)(generator_uniform(&comer->generator) *
		                                         (double)(segments[0].end - segments[0].begin));
		return first;
	}
	comer->at += draw_exponential(&comer->generator);
	double share = comer->at / source->visits;
	while (comer->segment < source->segment_count &&
	       segments[comer->segment].before + segments[comer->segment].share <= share) {
		comer->segment++;
	}
	if (comer->segment == source->segment_count) {
		return false;
	}
	const dark_segment_t *segment = &segments[comer->segment];
	/* The sum of shares before may lie above the share by the last bit. */
	double part = (share - segment->before) / segment->share;
	*moment = segment->begin + (uint64_t)((part > 0 ? part : 0) *
	                                      (double)(segment->end - segment->begin));
	return true;
}

/* Where a source that goes through all addresses begins, and in which steps. */
static void begin_turns(const darknet_t *darknet, comer_t *comer)
{
	uint64_t size = darknet_size(darknet);
	if (!comer->source.in_turn || size == 0) {
		return;
	}
	comer->turn = generator_below(&comer->generator, size);
	uint64_t common;
	do {
		comer->stride = 1 + generator_below(&comer->generator, size);
		uint64_t a = size, b = comer->stride % size;
		/* Euclid: only a step without a common divisor comes to every address. */
		for (; b > 0; b = common) {
			common = a % b;
			a = b;
		}
		common = a;
	} while (common != 1);
}

status_t dark_stream_add(dark_stream_t *stream, const dark_source_t *source, failure_t *failure)
{
	comer_t *comers = grow(stream->comers, stream->comer_count, &stream->comer_room,
	                       sizeof(*comers));
	if (comers == NULL) {
		return failure_no_memory(failure, "the sources of a darknet");
	}
	stream->comers = comers;
	comer_t *comer = &comers[stream->comer_count];
	*comer = (comer_t) {
		.source = *source,
		.generator = stream_make(stream->seed, STREAM_DARK_PACKETS, stream->day, source->stream),
	};
	item_t item = { .comer = (uint32_t)stream->comer_count, .arrival = true };
	if (!advance(comer, &item.moment) || item.moment >= stream->end) {
		return STATUS_OK;
	}
	begin_turns(stream->darknet, comer);
	status_t status = push(stream, &item, failure);
	stream->comer_count += status == STATUS_OK;
	return status;
}

static address_t draw_target(const darknet_t *darknet, comer_t *comer)
{
	if (!address_is_ipv4(&comer->source.address)) {
		return darknet_address_ipv6(darknet, &comer->generator);
	}
	if (!comer->source.in_turn) {
		return darknet_address(darknet, generator_below(&comer->generator, darknet_size(darknet)));
	}
	uint64_t number = comer->turn;
	comer->turn = (comer->turn + comer->stride) % darknet_size(darknet);
	return darknet_address(darknet, number);
}

static uint16_t draw_port(comer_t *comer)
{
	const dark_source_t *source = &comer->source;
	if (source->activity == DARK_STRAY) {
		/* Each peer that is gone had a port of its own. */
		return (uint16_t)(STRAY_PORT_FIRST + generator_below(&comer->generator, STRAY_PORTS));
	}
	if (source->port_count < 2 || source->all_ports) {
		return source->ports[0];
	}
	if (source->tool == TOOL_MIRAI) {
		/* Port 2323 once in ten (Antonakakis et al., USENIX Security 2017). */
		return source->ports[generator_below(&comer->generator, 10) == 0];
	}
	return source->ports[generator_below(&comer->generator, source->port_count)];
}

/* Begins the visit that has come, and waits for the source's next one. */
static status_t begin_visit(dark_stream_t *stream, item_t *item, failure_t *failure)
{
	comer_t *comer = &stream->comers[item->comer];
	item_t next = { .comer = item->comer, .arrival = true };
	item->arrival = false;
	/* One by one: in an initializer a compiler may draw in any order. */
	item->visit = (dark_visit_t) { .begin = item->moment };
	item->visit.key = generator_next(&comer->generator);
	item->visit.target = draw_target(stream->darknet, comer);
	item->visit.port = draw_port(comer);
	if (!advance(comer, &next.moment) || next.moment >= stream->end) {
		return STATUS_OK;
	}
	return push(stream, &next, failure);
}

status_t dark_stream_next(dark_stream_t *stream, bool *there, uint64_t *moment,
                          dark_packet_t *packet, failure_t *failure)
{
	*there = stream->heap_count > 0;
	if (!*there) {
		return STATUS_OK;
	}
	item_t item = pop(stream);
	status_t status = item.arrival ? begin_visit(stream, &item, failure) : STATUS_OK;
	if (status != STATUS_OK) {
		return status;
	}
	comer_t *comer = &stream->comers[item.comer];
	*moment = item.moment;
	dark_emit_packet(&comer->source, &item.visit, packet, stream->quote);
	comer->packets++;
	if (++item.visit.step < dark_emit_steps(&comer->source)) {
		item.moment = item.visit.begin + dark_emit_delay(&comer->source, item.visit.step);
		/* A day is made on its own: what would come behind its end is not sent. */
		status = item.moment < stream->end ? push(stream, &item, failure) : STATUS_OK;
	}
	return status;
}

size_t dark_stream_sources(const dark_stream_t *stream)
{
	return stream->comer_count;
}

const dark_source_t *dark_stream_source(const dark_stream_t *stream, size_t index)
{
	return &stream->comers[index].source;
}

uint64_t dark_stream_packets(const dark_stream_t *stream, size_t index)
{
	return stream->comers[index].packets;
}
