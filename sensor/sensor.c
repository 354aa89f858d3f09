/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Current and next windows under RCU. */
#include "sensor/sensor.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <urcu.h>

#include "sensor/race.h"

typedef struct {
	_Atomic(window_t *) current;
	_Atomic(window_t *) next;  /* NULL: not made yet */
} pages_t;

/* A window is made for at least so many originators and queriers: 3.5 MiB of slots. */
#define EXPECTED_LEAST ((size_t)1 << 16)

/*
 * Nothing is known before the first window. Queriers beyond these cost two look-ups each; more
 * room would be touched all over by a few: 9 MiB, or less where memory is small.
 */
#define FIRST_QUERIERS ((size_t)1 << 18)

typedef struct {
	_Alignas(LINE_SIZE) _Atomic uint64_t late;
} thread_late_t;

struct sensor {
	sensor_options_t options;
	window_options_t window_options[FAMILIES];
	pages_t pages[FAMILIES];
	sensor_left_t left;
	thread_late_t *late;  /* one per thread */
	_Atomic(acquaintances_t *) met;  /* in this IPv4 window; NULL while the page is turned */
	acquaintances_t *before;         /* in the one before; of the owner */
};

const char *family_name(family_t family)
{
	static const char *const names[FAMILIES] = { "ipv4", "ipv6" };
	return names[family];
}

const char *observe_result_name(observe_result_t result)
{
	static const char *const names[OBSERVE_RESULTS] = {
		[OBSERVE_COUNTED] = "counted",
		[OBSERVE_SUPPRESSED] = "repeated",
		[OBSERVE_REFUSED] = "refused",
		[OBSERVE_CAPPED] = "fan-out",
		[OBSERVE_LATE] = "late",
	};
	return names[result];
}

static uint64_t aligned_start(const sensor_t *sensor, family_t family, uint64_t now)
{
	return now - now % sensor->window_options[family].length;
}

size_t sensor_window_memory(size_t memory, family_t family)
{
	size_t rest = memory - 2 * ACQUAINTANCES_MEMORY;
	return family == FAMILY_IPV4 ? rest / 3 : rest / 6;
}

/* The window after the current one, or the one of `now` if that is later. */
static window_t *create_next(const sensor_t *sensor, family_t family, const window_t *current,
                             uint64_t now)
{
	uint64_t start = aligned_start(sensor, family, now);
	if (start < window_end(current)) {
		start = window_end(current);
	}
	uint64_t since = start < sensor->left.end[family] ? start + sensor->left.count : start;
	return window_create(start, since, &sensor->window_options[family]);
}

static status_t create_pages(sensor_t *sensor, family_t family, uint64_t now)
{
	window_options_t *options = &sensor->window_options[family];
	*options = sensor->options.window;
	options->length = sensor->options.window_length[family];
	options->memory = sensor_window_memory(sensor->options.memory, family);
	if (options->originators < EXPECTED_LEAST) {
		options->originators = EXPECTED_LEAST;
	}
	if (options->queriers == 0) {
		options->queriers = FIRST_QUERIERS;
	}
	window_t *current = window_create(aligned_start(sensor, family, now), now, options);
	atomic_init(&sensor->pages[family].current, current);
	return current == NULL ? STATUS_NO_MEMORY : sensor_prepare(sensor, family, now);
}

sensor_t *sensor_create(const sensor_options_t *options, uint64_t now)
{
	sensor_t *sensor = calloc(1, sizeof(*sensor));
	if (sensor == NULL) {
		return NULL;
	}
	sensor->options = *options;
	size_t size = options->window.threads * sizeof(*sensor->late);
	sensor->late = aligned_alloc(LINE_SIZE, size);
	sensor->before = acquaintances_create();
	atomic_init(&sensor->met, acquaintances_create());
	if (sensor->late == NULL || sensor->before == NULL || atomic_load(&sensor->met) == NULL ||
	    create_pages(sensor, FAMILY_IPV4, now) != STATUS_OK ||
	    create_pages(sensor, FAMILY_IPV6, now) != STATUS_OK) {
		sensor_destroy(sensor);
		return NULL;
	}
	memset(sensor->late, 0, size);
	return sensor;
}

void sensor_destroy(sensor_t *sensor)
{
	if (sensor == NULL) {
		return;
	}
	for (family_t family = 0; family < FAMILIES; family++) {
		window_destroy(atomic_load(&sensor->pages[family].current));
		window_destroy(atomic_load(&sensor->pages[family].next));
	}
	acquaintances_destroy(atomic_load(&sensor->met));
	acquaintances_destroy(sensor->before);
	free(sensor->late);
	free(sensor);
}

const sensor_options_t *sensor_options(const sensor_t *sensor)
{
	return &sensor->options;
}

static observe_result_t observe_late(sensor_t *sensor, unsigned thread)
{
	_Atomic uint64_t *late = &sensor->late[thread].late;
	atomic_store_explicit(late, atomic_load_explicit(late, memory_order_relaxed) + 1,
	                      memory_order_relaxed);
	return OBSERVE_LATE;
}

/* The window that has the moment, of the current and the next one; NULL if neither. */
static window_t *find_window(pages_t *pages, uint64_t moment)
{
	window_t *window = atomic_load_explicit(&pages->current, memory_order_acquire);
	if (window_has(window, moment)) {
		return window;
	}
	window = atomic_load_explicit(&pages->next, memory_order_acquire);
	if (window != NULL && window_has(window, moment)) {
		return window;
	}
	/* When the page was turned between the two reads, the one between them is current now. */
	window = atomic_load_explicit(&pages->current, memory_order_acquire);
	return window_has(window, moment) ? window : NULL;
}

static family_t family_of(const address_t *originator)
{
	return address_is_ipv4(originator) ? FAMILY_IPV4 : FAMILY_IPV6;
}

window_t *sensor_window(sensor_t *sensor, const address_t *originator, uint64_t moment)
{
	return find_window(&sensor->pages[family_of(originator)], moment);
}

window_pair_t sensor_prefetch(const sensor_t *sensor, const address_t *originator,
                              const address_t *querier)
{
	window_pair_t pair = window_pair(&sensor->options.window, originator, querier);
	/* In the first moments of a window it is the wrong one; that costs time only. */
	window_prefetch_slots(sensor_current(sensor, family_of(originator)), &pair);
	return pair;
}

/* In a window that may be NULL: then the moment is too early or too late. */
static observe_result_t observe_in(sensor_t *sensor, window_t *window, unsigned thread,
                                   uint64_t moment, const window_pair_t *pair)
{
	return window == NULL ? observe_late(sensor, thread) :
	       (observe_result_t)window_observe_pair(window, thread, moment, pair);
}

observe_result_t sensor_observe_pair(sensor_t *sensor, unsigned thread, uint64_t moment,
                                     const window_pair_t *pair)
{
	window_t *window = find_window(&sensor->pages[family_of(&pair->originator)], moment);
	if (window != NULL) {
		window_prefetch_records(window, pair);
	}
	observe_result_t result = observe_in(sensor, window, thread, moment, pair);
	race_release(sensor);
	return result;
}

observe_result_t sensor_observe(sensor_t *sensor, unsigned thread, uint64_t moment,
                                const address_t *originator, const address_t *querier)
{
	window_pair_t pair = sensor_prefetch(sensor, originator, querier);
	return sensor_observe_pair(sensor, thread, moment, &pair);
}

/* At most SENSOR_BATCH of them. */
static void observe_group(sensor_t *sensor, unsigned thread, const sensor_observation_t *observations,
                          size_t count, observe_result_t *results)
{
	window_pair_t pairs[SENSOR_BATCH];
	window_t *windows[SENSOR_BATCH];
	for (size_t i = 0; i < count; i++) {
		const sensor_observation_t *o = &observations[i];
		windows[i] = find_window(&sensor->pages[family_of(&o->originator)], o->moment);
		if (windows[i] != NULL) {
			pairs[i] = window_pair(&sensor->options.window, &o->originator, &o->querier);
			pairs[i].proven = o->proven;
			window_prefetch_slots(windows[i], &pairs[i]);
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (windows[i] != NULL) {
			window_prefetch_records(windows[i], &pairs[i]);
		}
	}
	for (size_t i = 0; i < count; i++) {
		observe_result_t result = observe_in(sensor, windows[i], thread, observations[i].moment,
		                                     &pairs[i]);
		if (results != NULL) {
			results[i] = result;
		}
	}
}

void sensor_observe_batch(sensor_t *sensor, unsigned thread, const sensor_observation_t *observations,
                          size_t count, observe_result_t *results)
{
	for (size_t i = 0; i < count; i += SENSOR_BATCH) {
		size_t group = count - i < SENSOR_BATCH ? count - i : SENSOR_BATCH;
		observe_group(sensor, thread, observations + i, group,
		              results != NULL ? results + i : NULL);
	}
	race_release(sensor);
}

observe_result_t sensor_observe_partial(sensor_t *sensor, unsigned thread, uint64_t moment,
                                        const query_judgement_t *judgement,
                                        const address_t *querier)
{
	family_t family = judgement->ipv6 ? FAMILY_IPV6 : FAMILY_IPV4;
	window_t *window = find_window(&sensor->pages[family], moment);
	observe_result_t result = window == NULL ? observe_late(sensor, thread) :
	                          window_observe_partial(window, thread, judgement, querier) ?
	                          OBSERVE_COUNTED : OBSERVE_REFUSED;
	race_release(sensor);
	return result;
}

bool sensor_meet(sensor_t *sensor, const address_t *querier)
{
	acquaintances_t *met = atomic_load_explicit(&sensor->met, memory_order_acquire);
	bool added = met != NULL &&
	             acquaintances_add(met, window_querier_hash(&sensor->options.window, querier));
	race_release(sensor);
	return added;
}

void sensor_recognise(sensor_t *sensor, family_t family)
{
	window_recognise(atomic_load_explicit(&sensor->pages[family].current, memory_order_relaxed),
	                 sensor->before);
}

const window_t *sensor_current(const sensor_t *sensor, family_t family)
{
	return atomic_load_explicit(&sensor->pages[family].current, memory_order_acquire);
}

const window_t *sensor_next(const sensor_t *sensor, family_t family)
{
	return atomic_load_explicit(&sensor->pages[family].next, memory_order_relaxed);
}

acquaintances_t *sensor_met(const sensor_t *sensor)
{
	return atomic_load_explicit(&sensor->met, memory_order_relaxed);
}

acquaintances_t *sensor_met_before(const sensor_t *sensor)
{
	return sensor->before;
}

sensor_left_t sensor_left(const sensor_t *sensor)
{
	return sensor->left;
}

void sensor_put_left(sensor_t *sensor, const sensor_left_t *left)
{
	sensor->left = *left;
}

const window_options_t *sensor_window_options(const sensor_t *sensor, family_t family)
{
	return &sensor->window_options[family];
}

void sensor_put_windows(sensor_t *sensor, family_t family, window_t *current, window_t *next)
{
	pages_t *pages = &sensor->pages[family];
	window_destroy(atomic_exchange(&pages->current, current));
	window_destroy(atomic_exchange(&pages->next, next));
}

uint64_t sensor_late(const sensor_t *sensor)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < sensor->options.window.threads; i++) {
		sum += atomic_load_explicit(&sensor->late[i].late, memory_order_relaxed);
	}
	return sum;
}

size_t sensor_memory_used(const sensor_t *sensor)
{
	size_t sum = 2 * ACQUAINTANCES_MEMORY;
	for (family_t family = 0; family < FAMILIES; family++) {
		const window_t *next = atomic_load_explicit(&sensor->pages[family].next,
		                                            memory_order_relaxed);
		sum += window_memory_used(sensor_current(sensor, family));
		sum += next != NULL ? window_memory_used(next) : 0;
	}
	return sum;
}

/* Shows new pages to the hooks and waits until none of them has an old one. */
static void set_pages(sensor_t *sensor, pages_t *pages, window_t *current)
{
	/* find_window() relies on this order. */
	atomic_store_explicit(&pages->current, current, memory_order_release);
	atomic_store_explicit(&pages->next, NULL, memory_order_release);
	synchronize_rcu();
	race_acquire(sensor);
}

status_t sensor_prepare(sensor_t *sensor, family_t family, uint64_t now)
{
	pages_t *pages = &sensor->pages[family];
	if (atomic_load_explicit(&pages->next, memory_order_relaxed) != NULL) {
		return STATUS_OK;
	}
	window_t *next = create_next(sensor, family, sensor_current(sensor, family), now);
	if (next == NULL) {
		return STATUS_NO_MEMORY;
	}
	atomic_store_explicit(&pages->next, next, memory_order_release);
	return STATUS_OK;
}

/* The windows to come are made for what this one had. */
static void expect(sensor_t *sensor, family_t family, const window_t *closed)
{
	window_options_t *options = &sensor->window_options[family];
	window_counts_t counts = window_counts(closed);
	options->originators = counts.originators > EXPECTED_LEAST ? counts.originators :
	                       EXPECTED_LEAST;
	options->queriers = counts.queriers > EXPECTED_LEAST ? counts.queriers : EXPECTED_LEAST;
}

/* Those met in the window that has ended are those of before from now on. */
static void turn_acquaintances(sensor_t *sensor, acquaintances_t *met)
{
	acquaintances_t *empty = sensor->before;
	sensor->before = met;
	acquaintances_clear(empty);
	atomic_store_explicit(&sensor->met, empty, memory_order_release);
}

status_t sensor_turn(sensor_t *sensor, family_t family, uint64_t now, window_t **closed)
{
	pages_t *pages = &sensor->pages[family];
	if (sensor_prepare(sensor, family, now) != STATUS_OK) {
		return STATUS_NO_MEMORY;
	}
	window_t *old = atomic_load_explicit(&pages->current, memory_order_relaxed);
	acquaintances_t *met = atomic_load_explicit(&sensor->met, memory_order_relaxed);
	if (family == FAMILY_IPV4) {
		/* Nobody is met during the grace period: the filter is then nobody else's. */
		atomic_store_explicit(&sensor->met, NULL, memory_order_release);
	}
	set_pages(sensor, pages, atomic_load_explicit(&pages->next, memory_order_relaxed));
	window_recognise(old, sensor->before);
	if (family == FAMILY_IPV4) {
		turn_acquaintances(sensor, met);
	}
	expect(sensor, family, old);
	*closed = old;
	return STATUS_OK;
}

status_t sensor_set_back(sensor_t *sensor, family_t family, uint64_t now, window_t *left[2])
{
	pages_t *pages = &sensor->pages[family];
	window_t *old = atomic_load_explicit(&pages->current, memory_order_relaxed);
	window_t *old_next = atomic_load_explicit(&pages->next, memory_order_relaxed);
	window_t *current = window_create(aligned_start(sensor, family, now), now,
	                                  &sensor->window_options[family]);
	if (current == NULL) {
		return STATUS_NO_MEMORY;
	}
	set_pages(sensor, pages, current);
	left[0] = old;
	left[1] = old_next;
	uint64_t end = window_end(old_next != NULL ? old_next : old);
	if (end > sensor->left.end[family]) {
		sensor->left.end[family] = end;
	}
	sensor->left.count++;
	return STATUS_OK;
}
