/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The end of a window: units in the order of their sources, judged, told.
 *
 * Units are sorted by the bytes of source and kind, last byte first (radix sort), a pass
 * for each byte that is not the same in all: five for IPv4. Each unit has reserved its
 * share of the two arrays when it came. While a unit is judged, the cache is asked for the
 * record and the flows of those behind it.
 */
#include "darknet/census.h"

#include <stdlib.h>
#include <string.h>

#include "darknet/bogon.h"
#include "darknet/census_internal.h"
#include "darknet/judge.h"

#define DIGITS 256

/* For how many units the cache is asked at a time, and for how many lines of each table. */
#define AHEAD       32
#define LINES_AHEAD 8

/* Most events of one source and protocol: of the rest, backscatter, fragments. */
#define EVENTS_MAX (JUDGEMENTS_MAX + ASIDES - 1)

/* Events of one source and protocol on their way to the sink. */
typedef struct {
	event_t events[EVENTS_MAX];
	size_t count;
} row_t;

/* A close under way. */
typedef struct {
	census_t *census;
	ordered_t *units, *other;
	size_t count;
	size_t tallies[CENSUS_KEY][DIGITS];
	row_t rows[TELESCOPE_SETS_MAX];
	judgement_t judgements[TELESCOPE_SETS_MAX * JUDGEMENTS_MAX];
	size_t counts[TELESCOPE_SETS_MAX];
} closing_t;

/* All units, and how often their keys have which byte where. */
static void collect(closing_t *closing)
{
	const slots_t *slots = &closing->census->units;
	size_t size = (size_t)1 << slots->bits;
	for (size_t at = 0; at < size; at++) {
		if (slots->slots[at].number == 0) {
			continue;
		}
		if (at + AHEAD < size) {
			/* Nearly every slot is in use, so this is nearly the right one. */
			__builtin_prefetch(pool_at(&closing->census->pool,
			                           slots->slots[at + AHEAD].number));
		}
		const unit_t *unit = pool_at(&closing->census->pool, slots->slots[at].number);
		ordered_t *ordered = &closing->units[closing->count++];
		memcpy(ordered->key, unit->source.bytes, sizeof(unit->source.bytes));
		ordered->key[CENSUS_KEY - 1] = unit->kind;
		ordered->line = slots->slots[at].number;
		for (unsigned i = 0; i < CENSUS_KEY; i++) {
			closing->tallies[i][ordered->key[i]]++;
		}
	}
}

static void sort_by(closing_t *closing, unsigned byte)
{
	size_t *tally = closing->tallies[byte], start = 0;
	for (unsigned digit = 0; digit < DIGITS; digit++) {
		size_t count = tally[digit];
		tally[digit] = start;
		start += count;
	}
	for (size_t i = 0; i < closing->count; i++) {
		closing->other[tally[closing->units[i].key[byte]]++] = closing->units[i];
	}
	ordered_t *swap = closing->units;
	closing->units = closing->other;
	closing->other = swap;
}

static void sort(closing_t *closing)
{
	for (unsigned byte = CENSUS_KEY; byte-- > 0; ) {
		if (closing->tallies[byte][closing->units[0].key[byte]] < closing->count) {
			sort_by(closing, byte);
		}
	}
}

static unit_t *unit_at(const closing_t *closing, size_t number)
{
	return pool_at(&closing->census->pool, closing->units[number].line);
}

/* Asks the cache for the records of the next units, then for the first lines of their tables. */
static void ask_ahead(const closing_t *closing, size_t first)
{
	size_t end = first + AHEAD < closing->count ? first + AHEAD : closing->count;
	for (size_t i = first; i < end; i++) {
		__builtin_prefetch(unit_at(closing, i));
	}
	for (size_t i = first; i < end; i++) {
		const unit_t *unit = unit_at(closing, i);
		size_t lines = unit->table == 0 ? 0 : (size_t)1 << unit->order;
		const flow_line_t *line = pool_at(&closing->census->pool, unit->table);
		for (size_t j = 0; j < lines && j < LINES_AHEAD; j++) {
			__builtin_prefetch(line + j);
		}
	}
}

static bool same_source(const unit_t *a, const unit_t *b)
{
	return address_equal(&a->source, &b->source);
}

/* Adds the judgements of one unit to the rows of their sets. */
static void rows_add(closing_t *closing, const unit_t *unit, unsigned flags)
{
	const census_t *census = closing->census;
	bool rest = unit_aside(unit) == ASIDE_NOT;
	for (size_t set = 0; set < census->common->options->set_count; set++) {
		row_t *row = &closing->rows[set];
		/* What is set aside does not depend on the parameters. */
		const judgement_t *judgement = &closing->judgements[rest ? set * JUDGEMENTS_MAX : 0];
		for (size_t i = 0; i < closing->counts[rest ? set : 0]; i++, judgement++) {
			row->events[row->count++] = (event_t) {
				.window_start = census->window.start, .window_length = census->window.length,
				.source = unit->source, .kind = judgement->kind, .protocol = unit_group(unit),
				.packets = judgement->packets, .targets = judgement->targets,
				.ports = judgement->ports, .flags = unit->flags | flags,
				.exact = !unit_is_thinned(unit),
				.tool = rest ? fingerprint_tool(unit->tools, unit->probes, judgement->kind)
				             : TOOL_NONE,
			};
		}
	}
}

static status_t unit_judge(closing_t *closing, const unit_t *unit)
{
	const census_common_t *common = closing->census->common;
	flow_line_t room;
	judge_unit_t judged = {
		.group = unit_group(unit), .packets = unit->packets,
		.address_level = unit->address_level, .port_level = unit->port_level,
	};
	judged.lines = flow_store_lines(&closing->census->flows, unit, &room, &judged.line_count);
	if (unit->table != 0) {
		judged.most_ports = unit->seen.most_ports;
		judged.most_addresses = unit->seen.most_addresses;
	}
	if (unit_aside(unit) == ASIDE_NOT) {
		return judge_rest(common->tally, &judged, common->options->sets,
		                  common->options->set_count, closing->judgements, closing->counts);
	}
	closing->counts[0] = 1;
	return judge_aside(common->tally, &judged, unit_aside(unit) == ASIDE_FRAGMENT
	                   ? EVENT_IP_FRAGMENT : EVENT_BACKSCATTER, closing->judgements);
}

/* Tells one row, ordered by kind: the few events of a row come nearly so. */
static status_t row_tell(const closing_t *closing, size_t set, row_t *row, failure_t *failure)
{
	const telescope_sink_t *sink = &closing->census->common->options->sink;
	for (size_t i = 1; i < row->count; i++) {
		event_t event = row->events[i];
		size_t at = i;
		for (; at > 0 && row->events[at - 1].kind > event.kind; at--) {
			row->events[at] = row->events[at - 1];
		}
		row->events[at] = event;
	}
	status_t status = STATUS_OK;
	for (size_t i = 0; i < row->count && status == STATUS_OK; i++) {
		status = sink->event(sink->context, set, &row->events[i], failure);
	}
	row->count = 0;
	return status;
}

static status_t rows_tell(closing_t *closing, failure_t *failure)
{
	status_t status = STATUS_OK;
	size_t sets = closing->census->common->options->set_count;
	for (size_t set = 0; set < sets && status == STATUS_OK; set++) {
		status = row_tell(closing, set, &closing->rows[set], failure);
	}
	return status;
}

static status_t judge_all(closing_t *closing, failure_t *failure)
{
	const census_common_t *common = closing->census->common;
	unsigned flags = 0;
	for (size_t i = 0; i < closing->count; i++) {
		const unit_t *unit = unit_at(closing, i);
		if (i % AHEAD == 0) {
			ask_ahead(closing, i);
		}
		if (i == 0 || !same_source(unit, unit_at(closing, i - 1))) {
			closing->census->window.sources++;
			bool bogon = bogon_source(&unit->source) ||
			             prefix_set_contains(&common->darknet, &unit->source);
			flags = bogon ? EVENT_FLAG_BOGON : 0;
		}
		if (unit_judge(closing, unit) != STATUS_OK) {
			return failure_no_memory(failure, "the events of a window");
		}
		rows_add(closing, unit, flags);
		bool ends = i + 1 == closing->count || !same_source(unit, unit_at(closing, i + 1)) ||
		            unit_group(unit) != unit_group(unit_at(closing, i + 1));
		status_t status = ends ? rows_tell(closing, failure) : STATUS_OK;
		if (status != STATUS_OK) {
			return status;
		}
	}
	return STATUS_OK;
}

static status_t close_units(closing_t *closing, failure_t *failure)
{
	collect(closing);
	sort(closing);
	return judge_all(closing, failure);
}

status_t census_close(census_t *census, failure_t *failure)
{
	const telescope_sink_t *sink = &census->common->options->sink;
	census_flush(census);
	if (census->units.count == 0) {
		return STATUS_OK;
	}
	closing_t *closing = calloc(1, sizeof(*closing));
	ordered_t *units = malloc(census->units.count * sizeof(*units));
	ordered_t *other = malloc(census->units.count * sizeof(*other));
	status_t status;
	if (closing == NULL || units == NULL || other == NULL) {
		status = failure_no_memory(failure, "the units of a window");
	} else {
		closing->census = census;
		closing->units = units;
		closing->other = other;
		status = close_units(closing, failure);
	}
	free(closing);
	free(units);
	free(other);
	if (status == STATUS_OK && sink->window != NULL) {
		status = sink->window(sink->context, &census->window, failure);
	}
	return status;
}
