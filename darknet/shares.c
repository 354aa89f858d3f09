/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sources counted by event and tool. */
#include "darknet/shares.h"

_Static_assert(EVENT_KINDS <= 32 && TOOLS <= 32, "a bit for each");

/* The source is done: all its events have come. */
static void source_end(shares_t *shares)
{
	bool scanner = false;
	for (event_kind_t kind = 0; kind < EVENT_KINDS; kind++) {
		bool has = (shares->source_events >> kind & 1) != 0;
		shares->events[kind] += has;
		scanner |= has && event_info(kind)->scan;
	}
	for (tool_t tool = TOOL_NONE + 1; tool < TOOLS; tool++) {
		shares->tools[tool] += shares->source_tools >> tool & 1;
	}
	if (shares->source_events != 0) {
		shares->tools[TOOL_NONE] += shares->source_tools == 0;
		shares->scanners += scanner;
		shares->sources++;
	}
	shares->source_events = 0;
	shares->source_tools = 0;
}

void shares_event(shares_t *shares, const event_t *event)
{
	if (shares->source_events != 0 && !address_equal(&shares->source, &event->source)) {
		source_end(shares);
	}
	shares->source = event->source;
	shares->source_events |= 1u << event->kind;
	if (event->tool != TOOL_NONE) {
		shares->source_tools |= 1u << event->tool;
	}
}

void shares_window(shares_t *shares, const telescope_window_t *window)
{
	source_end(shares);
	shares->windows++;
	shares->packets += window->packets;
}

void shares_add(shares_t *shares, const shares_t *other)
{
	shares->windows += other->windows;
	shares->packets += other->packets;
	shares->sources += other->sources;
	shares->scanners += other->scanners;
	for (event_kind_t kind = 0; kind < EVENT_KINDS; kind++) {
		shares->events[kind] += other->events[kind];
	}
	for (tool_t tool = TOOL_NONE; tool < TOOLS; tool++) {
		shares->tools[tool] += other->tools[tool];
	}
}

static double ratio(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : 0;
}

double shares_of_event(const shares_t *shares, event_kind_t kind)
{
	return ratio(shares->events[kind], shares->sources);
}

double shares_of_tool(const shares_t *shares, tool_t tool)
{
	return ratio(shares->tools[tool], shares->sources);
}
