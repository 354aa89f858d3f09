/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of labels: what they say is decided here, label_row.c spells it. */
#include "config.h"

#include "darknet/labeller.h"

#include <stdlib.h>
#include <string.h>

#include "darknet/label_row.h"

struct labeller {
	labeller_options_t options;
	label_totals_t totals;
	shares_t window;      /* Of the window whose events come just now. */
	uint64_t done;
	label_row_window_t spelled;
	/* The source whose events come just now. */
	address_t source;
	bool known;           /* There is one. */
	const char *listed;   /* Its class by the lists, "" if it has none. */
	const char *scan;     /* The class of its scans; NULL before the first one. */
	status_t (*closed)(void *context, failure_t *failure);
	void *context;
};

labeller_t *labeller_create(const labeller_options_t *options)
{
	labeller_t *labeller = calloc(1, sizeof(*labeller));
	if (labeller != NULL) {
		labeller->options = *options;
	}
	return labeller;
}

void labeller_destroy(labeller_t *labeller)
{
	free(labeller);
}

static void tell_conflict(labeller_t *labeller, const label_conflict_t *conflict)
{
	labeller->totals.conflicts[conflict->rule]++;
	if (labeller->options.streams[LABEL_OUTPUT_CONFLICTS] != NULL) {
		label_row_conflict(labeller->options.streams[LABEL_OUTPUT_CONFLICTS], conflict);
	}
}

/* A line of a list: its row, and whom it disagrees with. */
static void tell_line(labeller_t *labeller, uint32_t line)
{
	const label_lists_t *lists = labeller->options.lists;
	listing_t listing = label_lists_line(lists, line), kept, dropped;
	if (label_lists_conflict(lists, line, &kept, &dropped)) {
		bool same = kept.prefix.length == dropped.prefix.length;
		tell_conflict(labeller, &(label_conflict_t) {
			.prefix = listing.prefix,
			.rule = same ? LABEL_RULE_FIRST_LIST : LABEL_RULE_LONGEST_PREFIX,
			.kept_class = label_lists_class(lists, kept.list),
			.kept_source = label_lists_path(lists, kept.list),
			.dropped_class = label_lists_class(lists, dropped.list),
			.dropped_source = label_lists_path(lists, dropped.list),
		});
	}
	if (label_lists_is_kept(lists, line)) {
		labeller->totals.listed++;
		if (labeller->options.streams[LABEL_OUTPUT_LABELS] != NULL) {
			label_row_listing(labeller->options.streams[LABEL_OUTPUT_LABELS], &listing.prefix,
			                  label_lists_class(lists, listing.list));
		}
	}
}

void labeller_begin(labeller_t *labeller)
{
	for (label_output_t i = 0; i < LABEL_OUTPUTS; i++) {
		if (labeller->options.streams[i] != NULL) {
			label_row_header(labeller->options.streams[i], i);
		}
	}
	const label_lists_t *lists = labeller->options.lists;
	for (uint32_t line = 0; lists != NULL && line < label_lists_lines(lists); line++) {
		tell_line(labeller, line);
	}
}

void labeller_resume(labeller_t *labeller, const label_totals_t *totals, uint64_t done)
{
	labeller->totals = *totals;
	labeller->done = done;
}

/* The class of the source's scans, decided when the first of them comes. */
static void decide(labeller_t *labeller, const event_t *event, const listing_t *listing)
{
	const label_lists_t *lists = labeller->options.lists;
	label_rule_t rule;
	labeller->scan = label_decide(lists, listing, labeller->options.preference, &rule);
	if (rule == LABEL_RULES) {
		return;
	}
	const char *classes[] = { LABEL_CLASS_SCAN, label_lists_class(lists, listing->list) };
	const char *sources[] = { LABEL_SOURCE_DARKNET, label_lists_path(lists, listing->list) };
	unsigned kept = rule == LABEL_RULE_DARKNET ? 0 : 1;
	tell_conflict(labeller, &(label_conflict_t) {
		.window = &labeller->spelled, .rule = rule,
		.prefix = { event->source, 128 },
		.kept_class = classes[kept], .kept_source = sources[kept],
		.dropped_class = classes[1 - kept], .dropped_source = sources[1 - kept],
	});
}

/* Looks a source up when its first event comes, and decides when its first scan does. */
static const char *class_of(labeller_t *labeller, const event_t *event)
{
	const label_lists_t *lists = labeller->options.lists;
	bool scan = event_info(event->kind)->scan;
	if (!labeller->known || !address_equal(&labeller->source, &event->source)) {
		labeller->source = event->source;
		labeller->known = true;
		labeller->listed = "";
		labeller->scan = NULL;
	} else if (labeller->scan != NULL || !scan) {
		return scan ? labeller->scan : "";
	}
	listing_t listing;
	bool listed = lists != NULL && label_lists_find(lists, &event->source, &listing);
	if (listed) {
		labeller->listed = label_lists_class(lists, listing.list);
	}
	if (scan) {
		decide(labeller, event, listed ? &listing : NULL);
	}
	return scan ? labeller->scan : "";
}

static status_t take_event(void *context, size_t set, const event_t *event, failure_t *failure)
{
	(void)set;
	(void)failure;
	labeller_t *labeller = context;
	if (event->window_start < labeller->done) {
		return STATUS_OK;
	}
	label_row_window(&labeller->spelled, event->window_start, event->window_length);
	shares_event(&labeller->window, event);
	labeller->totals.rows++;
	const char *class_name = class_of(labeller, event);
	FILE *labels = labeller->options.streams[LABEL_OUTPUT_LABELS];
	FILE *events = labeller->options.streams[LABEL_OUTPUT_EVENTS];
	if (labels != NULL) {
		label_row_event(labels, &labeller->spelled, event, class_name);
		putc_unlocked('\n', labels);
	}
	if (events != NULL) {
		label_row_event(events, &labeller->spelled, event, class_name);
		label_row_details(events, event, labeller->listed);
	}
	return STATUS_OK;
}

static status_t take_window(void *context, const telescope_window_t *window, failure_t *failure)
{
	labeller_t *labeller = context;
	if (window->start < labeller->done) {
		return STATUS_OK;
	}
	FILE *series = labeller->options.streams[LABEL_OUTPUT_SERIES];
	shares_window(&labeller->window, window);
	if (series != NULL) {
		label_row_window(&labeller->spelled, window->start, window->length);
		label_row_series(series, &labeller->spelled, &labeller->window);
	}
	shares_add(&labeller->totals.shares, &labeller->window);
	labeller->totals.refused += window->refused_packets;
	labeller->window = (shares_t) { 0 };
	labeller->known = false;
	return labeller->closed != NULL ? labeller->closed(labeller->context, failure) : STATUS_OK;
}

telescope_sink_t labeller_sink(labeller_t *labeller,
                               status_t (*closed)(void *context, failure_t *failure),
                               void *context)
{
	labeller->closed = closed;
	labeller->context = context;
	return (telescope_sink_t) { take_event, take_window, labeller };
}

const label_totals_t *labeller_totals(const labeller_t *labeller)
{
	return &labeller->totals;
}
