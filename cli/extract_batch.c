/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A batch, its order, and whether it may be put in order. */
#include "cli/extract_batch.h"

#include <stdlib.h>
#include <string.h>
#include <urcu.h>

#include "sensor/mapping.h"

/* The order is by so many bits: then what belongs to a bucket of a table fits a cache. */
#define BUCKET_BITS 10
#define BUCKETS     (1u << BUCKET_BITS)

/* Fewer are not worth being put in order. */
#define ORDER_LEAST 256

/* How far ahead a thing is asked for: when it leads to the next one, it has come. */
#define AHEAD_ARRIVAL 48
#define AHEAD_SLOTS   32
#define AHEAD_RECORD  16
#define RING          64  /* above all of these */

/* Queriers are counted in so many groups, by their hash. */
#define QUERIER_GROUPS 1024

/* After so many batches the fan-outs are looked at again when somebody has been at the bound. */
#define PATIENCE 16

typedef struct {
	uint64_t moment;
	window_pair_t pair;
} arrival_t;

struct extract_batch {
	arrival_t *arrivals;
	uint32_t *order;
	size_t count;
	uint32_t buckets[BUCKETS];         /* arrivals in each */
	uint32_t queriers[QUERIER_GROUPS]; /* likewise */
	uint64_t fan_out;                  /* no querier's is higher in any window */
	unsigned patience;
};

extract_batch_t *extract_batch_create(void)
{
	extract_batch_t *batch = calloc(1, sizeof(*batch));
	if (batch == NULL) {
		return NULL;
	}
	batch->arrivals = mapping_create(EXTRACT_BATCH_MAX * sizeof(*batch->arrivals), true);
	batch->order = mapping_create(EXTRACT_BATCH_MAX * sizeof(*batch->order), true);
	if (batch->arrivals == NULL || batch->order == NULL) {
		extract_batch_destroy(batch);
		return NULL;
	}
	return batch;
}

void extract_batch_destroy(extract_batch_t *batch)
{
	if (batch != NULL) {
		mapping_destroy(batch->arrivals, EXTRACT_BATCH_MAX * sizeof(*batch->arrivals));
		mapping_destroy(batch->order, EXTRACT_BATCH_MAX * sizeof(*batch->order));
		free(batch);
	}
}

bool extract_batch_full(const extract_batch_t *batch)
{
	return batch->count == EXTRACT_BATCH_MAX;
}

/* Where an originator stands in any table, as a share of it. */
static uint32_t bucket_of(uint64_t hash)
{
	return levels_share(hash) >> (32 - BUCKET_BITS);
}

void extract_batch_add(extract_batch_t *batch, const sensor_t *sensor, uint64_t moment,
                       const address_t *originator, const address_t *querier, bool proven)
{
	const window_options_t *options = &sensor_options(sensor)->window;
	arrival_t *arrival = &batch->arrivals[batch->count++];
	arrival->moment = moment;
	/* Written where it stays: copied while it is new, it would wait for its parts. */
	arrival->pair.originator = *originator;
	arrival->pair.querier = *querier;
	arrival->pair.originator_hash = keyed_hash_address(&options->key, originator);
	arrival->pair.querier_hash = window_querier_hash(options, querier);
	arrival->pair.proven = proven;
	batch->buckets[bucket_of(arrival->pair.originator_hash)]++;
	batch->queriers[arrival->pair.querier_hash % QUERIER_GROUPS]++;
}

/* The highest fan-out of a querier in the windows that there are. */
static uint64_t highest_fan_out(const sensor_t *sensor)
{
	uint64_t highest = 0;
	for (unsigned i = 0; i < 2 * FAMILIES; i++) {
		const window_t *window = i % 2 == 0 ? sensor_current(sensor, i / 2)
		                                    : sensor_next(sensor, i / 2);
		uint32_t number = 0;
		while (window != NULL &&
		       (number = querier_table_next(window_queriers(window), number)) != 0) {
			uint32_t fan_out = querier_fan_out(querier_table_fan_out(window_queriers(window), number));
			highest = fan_out > highest ? fan_out : highest;
		}
	}
	return highest;
}

/* Whether a querier may come to the bound of his fan-out within the batch. */
static bool at_bound(extract_batch_t *batch, const sensor_t *sensor)
{
	uint64_t most = sensor_options(sensor)->window.fan_out_max, more = 0;
	for (unsigned i = 0; i < QUERIER_GROUPS; i++) {
		more = batch->queriers[i] > more ? batch->queriers[i] : more;
	}
	if (most == 0) {
		return false;
	}
	if (batch->fan_out + more > most && batch->patience == 0) {
		batch->fan_out = highest_fan_out(sensor);
		batch->patience = PATIENCE;
	}
	batch->patience -= batch->patience > 0;
	batch->fan_out += more;
	return batch->fan_out > most;
}

/*
 * Whether a part of a window may become full. A quarter of the slots in use is far from that, as
 * no 64 in a row are then.
 */
static bool nearly_full(const window_t *window, size_t more)
{
	size_t memory = window_options(window)->memory;
	window_sizes_t sizes = window_sizes(memory);
	window_counts_t counts = window_counts(window);
	return counts.originators + more > sizes.originators / 4 ||
	       counts.queriers + more > sizes.queriers / 4 || window_memory_used(window) > memory / 2;
}

/* Whether it makes a difference who comes first. */
static bool order_matters(extract_batch_t *batch, const sensor_t *sensor)
{
	bool matters = at_bound(batch, sensor);
	for (family_t family = 0; family < FAMILIES; family++) {
		const window_t *next = sensor_next(sensor, family);
		matters = matters || nearly_full(sensor_current(sensor, family), batch->count) ||
		          (next != NULL && nearly_full(next, batch->count));
	}
	return matters;
}

static void put_in_order(extract_batch_t *batch)
{
	uint32_t *next = batch->buckets, sum = 0;
	for (unsigned i = 0; i < BUCKETS; i++) {
		uint32_t size = next[i];
		next[i] = sum;
		sum += size;
	}
	for (uint32_t i = 0; i < batch->count; i++) {
		batch->order[next[bucket_of(batch->arrivals[i].pair.originator_hash)]++] = i;
	}
}

static void keep_order(extract_batch_t *batch)
{
	for (uint32_t i = 0; i < batch->count; i++) {
		batch->order[i] = i;
	}
}

/* Asks for the slots of an arrival; returns its window, NULL if it is late. */
static window_t *seek(sensor_t *sensor, const arrival_t *arrival)
{
	window_t *window = sensor_window(sensor, &arrival->pair.originator, arrival->moment);
	if (window != NULL) {
		window_prefetch_slots(window, &arrival->pair);
	}
	return window;
}

static observe_result_t observe(sensor_t *sensor, window_t *window, const arrival_t *arrival)
{
	return window == NULL ? sensor_observe_pair(sensor, 0, arrival->moment, &arrival->pair) :
	       (observe_result_t)window_observe_pair(window, 0, arrival->moment, &arrival->pair);
}

/* Each arrival passes four steps, the later ones when what the earlier ones asked for is there. */
static void hand_over(const extract_batch_t *batch, sensor_t *sensor,
                      uint64_t results[OBSERVE_RESULTS])
{
	const arrival_t *arrivals = batch->arrivals;
	const uint32_t *order = batch->order;
	window_t *windows[RING];
	size_t count = batch->count;
	for (size_t i = 0; i < count + AHEAD_ARRIVAL; i++) {
		/* Before the first one these wrap to huge numbers. */
		size_t seeking = i - (AHEAD_ARRIVAL - AHEAD_SLOTS);
		size_t reading = i - (AHEAD_ARRIVAL - AHEAD_RECORD), observing = i - AHEAD_ARRIVAL;
		if (i < count) {
			__builtin_prefetch(&arrivals[order[i]]);
		}
		if (seeking < count) {
			windows[seeking % RING] = seek(sensor, &arrivals[order[seeking]]);
		}
		if (reading < count && windows[reading % RING] != NULL) {
			window_prefetch_records(windows[reading % RING], &arrivals[order[reading]].pair);
		}
		if (observing < count) {
			results[observe(sensor, windows[observing % RING], &arrivals[order[observing]])]++;
		}
	}
}

void extract_batch_record(extract_batch_t *batch, sensor_t *sensor,
                          uint64_t results[OBSERVE_RESULTS])
{
	if (batch->count == 0) {
		return;
	}
	if (order_matters(batch, sensor) || batch->count < ORDER_LEAST) {
		keep_order(batch);
	} else {
		put_in_order(batch);
	}
	rcu_read_lock();
	hand_over(batch, sensor, results);
	rcu_read_unlock();
	batch->count = 0;
	memset(batch->buckets, 0, sizeof(batch->buckets));
	memset(batch->queriers, 0, sizeof(batch->queriers));
}
