/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which packets are the telescope's, and which window they belong to. */
#include "darknet/telescope.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/moment.h"
#include "darknet/census.h"

#define OPEN_MAX TELESCOPE_OPEN_MAX

/* Later moments, which only a broken clock has, are taken as this one. */
#define MOMENT_MAX (UINT64_MAX / 2)

struct telescope {
	telescope_options_t options;
	census_common_t common;
	census_t *open[OPEN_MAX]; /* In the order of time; NULL behind the last. */
	uint64_t closed;          /* What begins before is closed. */
	uint64_t counts[TELESCOPE_COUNTS];
};

telescope_options_t telescope_defaults(void)
{
	static taxonomy_parameters_t defaults;
	defaults = taxonomy_defaults();
	return (telescope_options_t) {
		.window = 86400 * MICROSECONDS, .slack = 60 * MICROSECONDS,
		.sets = &defaults, .set_count = 1,
		.flows = TELESCOPE_FLOWS_DEFAULT, .memory = TELESCOPE_MEMORY_DEFAULT,
	};
}

const char *telescope_count_name(telescope_count_t count)
{
	static const char *const names[] = {
		[TELESCOPE_TAKEN] = "taken",
		[TELESCOPE_OUTSIDE] = "outside of the darknet",
		[TELESCOPE_SENT] = "sent by the darknet",
		[TELESCOPE_NOT_IP] = "not IP",
		[TELESCOPE_UNREADABLE] = "without addresses",
		[TELESCOPE_LATE] = "late",
		[TELESCOPE_REFUSED] = "refused for want of memory",
	};
	_Static_assert(sizeof(names) / sizeof(names[0]) == TELESCOPE_COUNTS, "one name for each");
	return names[count];
}

static status_t options_check(const telescope_options_t *options, failure_t *failure)
{
	const struct {
		const char *name;
		uint64_t value, least, most;
	} ranges[] = {
		{ "number of prefixes", options->prefix_count, 1, TELESCOPE_PREFIXES_MAX },
		{ "window (microseconds)", options->window, TELESCOPE_WINDOW_MIN, TELESCOPE_WINDOW_MAX },
		{ "slack (microseconds)", options->slack, 0, options->window },
		{ "number of parameter sets", options->set_count, 1, TELESCOPE_SETS_MAX },
		{ "number of flows", options->flows, TELESCOPE_FLOWS_MIN, TELESCOPE_FLOWS_MAX },
		{ "memory (bytes)", options->memory, TELESCOPE_MEMORY_MIN, UINT64_MAX },
	};
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (ranges[i].value < ranges[i].least || ranges[i].value > ranges[i].most) {
			return failure_set(failure, STATUS_BAD_DATA, "a telescope's %s is from %llu to %llu, not %llu",
			                   ranges[i].name, (unsigned long long)ranges[i].least,
			                   (unsigned long long)ranges[i].most, (unsigned long long)ranges[i].value);
		}
	}
	return STATUS_OK;
}

static void *copy_of(const void *data, size_t size)
{
	void *copy = malloc(size);
	return copy != NULL ? memcpy(copy, data, size) : NULL;
}

static status_t options_copy(telescope_t *telescope, const telescope_options_t *options)
{
	size_t prefixes = options->prefix_count * sizeof(*options->prefixes);
	size_t sets = options->set_count * sizeof(*options->sets);
	telescope->options = *options;
	telescope->options.prefixes = copy_of(options->prefixes, prefixes);
	telescope->options.sets = copy_of(options->sets, sets);
	return telescope->options.prefixes != NULL && telescope->options.sets != NULL
	       ? STATUS_OK : STATUS_NO_MEMORY;
}

/* A key that nobody else knows; where the system has none, at least not the same one twice. */
static hash_key_t secret_make(const void *somewhere)
{
	hash_key_t secret;
	if (getrandom(&secret, sizeof(secret), 0) != (ssize_t)sizeof(secret)) {
		secret = (hash_key_t) { { moment_now(), (uintptr_t)somewhere } };
	}
	return secret;
}

static status_t common_make(telescope_t *telescope)
{
	telescope->common = (census_common_t) {
		.options = &telescope->options, .tally = tally_create(),
		.secret = secret_make(telescope),
	};
	status_t status = prefix_set_make(&telescope->common.darknet, telescope->options.prefixes,
	                                  telescope->options.prefix_count);
	return telescope->common.tally != NULL ? status : STATUS_NO_MEMORY;
}

status_t telescope_create(const telescope_options_t *options, telescope_t **result,
                          failure_t *failure)
{
	*result = NULL;
	status_t status = options_check(options, failure);
	if (status != STATUS_OK) {
		return status;
	}
	telescope_t *telescope = calloc(1, sizeof(*telescope));
	if (telescope == NULL || options_copy(telescope, options) != STATUS_OK ||
	    common_make(telescope) != STATUS_OK) {
		telescope_destroy(telescope);
		return failure_no_memory(failure, "a telescope");
	}
	*result = telescope;
	return STATUS_OK;
}

void telescope_destroy(telescope_t *telescope)
{
	if (telescope == NULL) {
		return;
	}
	for (unsigned i = 0; i < OPEN_MAX; i++) {
		census_destroy(telescope->open[i]);
	}
	tally_destroy(telescope->common.tally);
	prefix_set_clear(&telescope->common.darknet);
	free((void *)telescope->options.prefixes);
	free((void *)telescope->options.sets);
	free(telescope);
}

static uint64_t census_start(const census_t *census)
{
	return census_window(census)->start;
}

/* Closes the oldest open window. */
static status_t close_oldest(telescope_t *telescope, failure_t *failure)
{
	census_t *census = telescope->open[0];
	telescope->open[0] = telescope->open[1];
	telescope->open[1] = NULL;
	telescope->closed = census_start(census) + telescope->options.window;
	status_t status = census_close(census, failure);
	telescope->counts[TELESCOPE_TAKEN] += census_window(census)->packets;
	telescope->counts[TELESCOPE_REFUSED] += census_window(census)->refused_packets;
	census_destroy(census);
	return status;
}

/* Closes what a packet of that moment leaves behind it. */
static status_t close_passed(telescope_t *telescope, uint64_t moment, failure_t *failure)
{
	const telescope_options_t *options = &telescope->options;
	status_t status = STATUS_OK;
	while (status == STATUS_OK && telescope->open[0] != NULL) {
		uint64_t end = census_start(telescope->open[0]) + options->window;
		if (moment < end + options->slack && moment < end + options->window) {
			break;
		}
		status = close_oldest(telescope, failure);
	}
	return status;
}

/*
 * Finds or opens the window that starts then. Before the first window is closed, an older
 * one may be opened, too; but no third.
 */
static status_t window_at(telescope_t *telescope, uint64_t start, census_t **census)
{
	census_t **open = telescope->open;
	for (unsigned i = 0; i < OPEN_MAX && open[i] != NULL; i++) {
		if (census_start(open[i]) == start) {
			*census = open[i];
			return STATUS_OK;
		}
	}
	*census = NULL;
	if (start < telescope->closed || open[OPEN_MAX - 1] != NULL) {
		return STATUS_OK;
	}
	*census = census_create(start, &telescope->common);
	if (*census == NULL) {
		return STATUS_NO_MEMORY;
	}
	bool first = open[0] == NULL || census_start(open[0]) > start;
	if (first) {
		open[1] = open[0];
	}
	open[first ? 0 : 1] = *census;
	return STATUS_OK;
}

/* The rarer way of a packet: windows are closed and opened. */
static status_t take_elsewhere(telescope_t *telescope, uint64_t moment, const packet_t *packet,
                               failure_t *failure)
{
	status_t status = close_passed(telescope, moment, failure);
	if (status != STATUS_OK) {
		return status;
	}
	census_t *census;
	if (window_at(telescope, moment - moment % telescope->options.window, &census) != STATUS_OK) {
		return failure_no_memory(failure, "a window of the telescope");
	}
	if (census == NULL) {
		telescope->counts[TELESCOPE_LATE]++;
	} else {
		census_take(census, packet);
	}
	return STATUS_OK;
}

/* A packet for the darknet. */
static status_t take(telescope_t *telescope, uint64_t moment, const packet_t *packet,
                     failure_t *failure)
{
	census_t *oldest = telescope->open[0];
	/* Unsigned, so that what is before the window is far behind it. */
	if (oldest != NULL && moment - census_start(oldest) < telescope->options.window) {
		census_take(oldest, packet);
		return STATUS_OK;
	}
	moment = moment < MOMENT_MAX ? moment : MOMENT_MAX;
	return take_elsewhere(telescope, moment, packet, failure);
}

static telescope_count_t sort_packet(const telescope_t *telescope, const packet_t *packet,
                                     packet_kind_t kind)
{
	static const address_t none;
	if (kind == PACKET_NOT_IP) {
		return TELESCOPE_NOT_IP;
	}
	if (address_equal(&packet->destination, &none) && address_equal(&packet->source, &none)) {
		return TELESCOPE_UNREADABLE;
	}
	if (prefix_set_contains(&telescope->common.darknet, &packet->destination)) {
		return TELESCOPE_TAKEN;
	}
	return prefix_set_contains(&telescope->common.darknet, &packet->source) ? TELESCOPE_SENT
	                                                                       : TELESCOPE_OUTSIDE;
}

status_t telescope_take(telescope_t *telescope, uint64_t moment, const packet_t *packet,
                        packet_kind_t kind, failure_t *failure)
{
	telescope_count_t fate = sort_packet(telescope, packet, kind);
	if (fate == TELESCOPE_TAKEN) {
		return take(telescope, moment, packet, failure);
	}
	telescope->counts[fate]++;
	return STATUS_OK;
}

status_t telescope_finish(telescope_t *telescope, failure_t *failure)
{
	status_t status = STATUS_OK;
	while (status == STATUS_OK && telescope->open[0] != NULL) {
		status = close_oldest(telescope, failure);
	}
	return status;
}

uint64_t telescope_count(const telescope_t *telescope, telescope_count_t count)
{
	uint64_t number = telescope->counts[count];
	for (unsigned i = 0; i < OPEN_MAX && telescope->open[i] != NULL; i++) {
		census_flush(telescope->open[i]);
		const telescope_window_t *window = census_window(telescope->open[i]);
		number += count == TELESCOPE_TAKEN ? window->packets : 0;
		number += count == TELESCOPE_REFUSED ? window->refused_packets : 0;
	}
	return number;
}

uint64_t telescope_open_since(const telescope_t *telescope)
{
	return telescope->open[0] != NULL ? census_start(telescope->open[0]) : UINT64_MAX;
}

uint64_t telescope_memory(const telescope_t *telescope)
{
	uint64_t memory = 0;
	for (unsigned i = 0; i < OPEN_MAX && telescope->open[i] != NULL; i++) {
		memory += census_memory(telescope->open[i]);
	}
	return memory;
}

telescope_mark_t telescope_mark(const telescope_t *telescope)
{
	telescope_mark_t mark = { .closed = telescope->closed };
	memcpy(mark.counts, telescope->counts, sizeof(mark.counts));
	for (unsigned i = 0; i < OPEN_MAX; i++) {
		const census_t *census = telescope->open[i];
		mark.open[i] = census != NULL ? census_start(census) : UINT64_MAX;
	}
	return mark;
}

/* Whether a telescope with these options can have come there. */
static bool mark_can_be(const telescope_t *telescope, const telescope_mark_t *mark)
{
	uint64_t window = telescope->options.window, least = mark->closed;
	bool good = mark->closed % window == 0;
	for (unsigned i = 0; i < OPEN_MAX; i++) {
		bool open = mark->open[i] != UINT64_MAX;
		good = good && (!open || (mark->open[i] % window == 0 && mark->open[i] >= least &&
		                          least != UINT64_MAX && mark->open[i] <= MOMENT_MAX));
		least = open ? mark->open[i] + window : UINT64_MAX;
	}
	return good;
}

status_t telescope_resume(telescope_t *telescope, const telescope_mark_t *mark,
                          failure_t *failure)
{
	if (!mark_can_be(telescope, mark)) {
		return failure_set(failure, STATUS_BAD_DATA, "no telescope can have stood there");
	}
	telescope->closed = mark->closed;
	memcpy(telescope->counts, mark->counts, sizeof(telescope->counts));
	for (unsigned i = 0; i < OPEN_MAX && mark->open[i] != UINT64_MAX; i++) {
		census_t *census;
		if (window_at(telescope, mark->open[i], &census) != STATUS_OK) {
			return failure_no_memory(failure, "a window of the telescope");
		}
	}
	return STATUS_OK;
}
