/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Summary and sweeps. */
#include "cli/label_report.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

/* Columns of text: names, and values of a sweep. */
#define NAME_WIDTH  26
#define VALUE_WIDTH 10

/* The tool none has no name in files, but needs one here. */
static const char *tool_text(tool_t tool)
{
	return tool == TOOL_NONE ? "none" : tool_info(tool)->name;
}

static void put_count(FILE *file, const char *name, uint64_t count)
{
	fprintf(file, "%-*s %12" PRIu64 "\n", NAME_WIDTH, name, count);
}

static void put_share(FILE *file, const char *name, uint64_t count, uint64_t all)
{
	if (count > 0) {
		fprintf(file, "%-*s %12" PRIu64 " %8.4f\n", NAME_WIDTH, name, count,
		        (double)count / (double)all);
	}
}

static void put_shares(FILE *file, const shares_t *shares)
{
	fprintf(file, "\n%-*s %12s %8s\n", NAME_WIDTH, "class", "sources", "share");
	put_share(file, LABEL_CLASS_SCAN, shares->scanners, shares->sources);
	fprintf(file, "\n%-*s %12s %8s\n", NAME_WIDTH, "event", "sources", "share");
	for (event_kind_t kind = 0; kind < EVENT_KINDS; kind++) {
		put_share(file, event_info(kind)->name, shares->events[kind], shares->sources);
	}
	fprintf(file, "\n%-*s %12s %8s\n", NAME_WIDTH, "tool", "sources", "share");
	for (tool_t tool = TOOL_NONE; tool < TOOLS; tool++) {
		put_share(file, tool_text(tool), shares->tools[tool], shares->sources);
	}
}

static void summary_text(FILE *file, const label_result_t *result)
{
	const label_totals_t *totals = &result->totals;
	put_count(file, "captures", result->captures);
	put_count(file, "damaged captures", result->damaged);
	put_count(file, "packets", result->frames);
	for (telescope_count_t i = 0; i < TELESCOPE_COUNTS; i++) {
		char name[64];
		(void)snprintf(name, sizeof(name), "  %s", telescope_count_name(i));
		put_count(file, name, result->counts[i]);
	}
	put_count(file, "windows", totals->shares.windows);
	put_count(file, "sources", totals->shares.sources);
	put_count(file, "events", totals->rows);
	put_count(file, "lines of lists", totals->listed);
	for (label_rule_t rule = 0; rule < LABEL_RULES; rule++) {
		if (totals->conflicts[rule] > 0) {
			char name[64];
			(void)snprintf(name, sizeof(name), "conflicts: %s", label_rule_name(rule));
			put_count(file, name, totals->conflicts[rule]);
		}
	}
	if (totals->shares.sources > 0) {
		put_shares(file, &totals->shares);
	}
}

static json_t *integer(uint64_t number)
{
	return json_integer((json_int_t)number);
}

static json_t *share_object(uint64_t sources, uint64_t all)
{
	return json_pack("{s:o, s:f}", "sources", integer(sources), "share",
	                 all > 0 ? (double)sources / (double)all : 0.0);
}

/* Sources and shares by event and by tool, into an object. */
static void add_shares(json_t *object, const shares_t *shares)
{
	json_t *events = json_object(), *tools = json_object();
	for (event_kind_t kind = 0; kind < EVENT_KINDS; kind++) {
		(void)json_object_set_new(events, event_info(kind)->name,
		                          share_object(shares->events[kind], shares->sources));
	}
	for (tool_t tool = TOOL_NONE; tool < TOOLS; tool++) {
		(void)json_object_set_new(tools, tool_text(tool),
		                          share_object(shares->tools[tool], shares->sources));
	}
	(void)json_object_set_new(object, "windows", integer(shares->windows));
	(void)json_object_set_new(object, "sources", integer(shares->sources));
	(void)json_object_set_new(object, LABEL_CLASS_SCAN,
	                          share_object(shares->scanners, shares->sources));
	(void)json_object_set_new(object, "events", events);
	(void)json_object_set_new(object, "tools", tools);
}

/* Writes an object as a line and frees it. */
static bool put_object(FILE *file, json_t *object)
{
	bool good = object != NULL &&
	            json_dumpf(object, file, JSON_COMPACT | JSON_REAL_PRECISION(10)) == 0;
	json_decref(object);
	putc('\n', file);
	return good;
}

static bool summary_json(FILE *file, const label_result_t *result)
{
	const label_totals_t *totals = &result->totals;
	json_t *object = json_object(), *fates = json_object(), *conflicts = json_object();
	for (telescope_count_t i = 0; i < TELESCOPE_COUNTS; i++) {
		(void)json_object_set_new(fates, telescope_count_name(i), integer(result->counts[i]));
	}
	for (label_rule_t rule = 0; rule < LABEL_RULES; rule++) {
		(void)json_object_set_new(conflicts, label_rule_name(rule),
		                          integer(totals->conflicts[rule]));
	}
	(void)json_object_set_new(object, "captures", integer(result->captures));
	(void)json_object_set_new(object, "damaged_captures", integer(result->damaged));
	(void)json_object_set_new(object, "packets", integer(result->frames));
	(void)json_object_set_new(object, "packets_by_fate", fates);
	(void)json_object_set_new(object, "events_written", integer(totals->rows));
	(void)json_object_set_new(object, "lines_of_lists", integer(totals->listed));
	(void)json_object_set_new(object, "conflicts", conflicts);
	add_shares(object, &totals->shares);
	return put_object(file, object);
}

bool label_report_summary(FILE *file, const label_result_t *result, bool json)
{
	if (json) {
		return summary_json(file, result);
	}
	summary_text(file, result);
	return true;
}

/* Rows of whole numbers in a sweep's table. */
static const struct {
	const char *name;
	size_t offset;  /* of a uint64_t in shares_t */
} sweep_counts[] = {
	{ "windows", offsetof(shares_t, windows) },
	{ "packets", offsetof(shares_t, packets) },
	{ "sources", offsetof(shares_t, sources) },
};

static void put_sweep_count(FILE *file, const sweep_plan_t *plan, const sweep_t *sweep, size_t row)
{
	fprintf(file, "%-*s", NAME_WIDTH, sweep_counts[row].name);
	for (size_t i = 0; i < plan->count; i++) {
		uint64_t count;
		memcpy(&count, (const char *)sweep_shares(sweep, i) + sweep_counts[row].offset,
		       sizeof(count));
		fprintf(file, " %*" PRIu64, VALUE_WIDTH, count);
	}
	putc('\n', file);
}

/* The share of sources with an event; EVENT_KINDS: that are scanners. */
static void put_sweep_share(FILE *file, const sweep_plan_t *plan, const sweep_t *sweep,
                            event_kind_t kind)
{
	fprintf(file, "%-*s", NAME_WIDTH, kind < EVENT_KINDS ? event_info(kind)->name :
	        LABEL_CLASS_SCAN);
	for (size_t i = 0; i < plan->count; i++) {
		const shares_t *shares = sweep_shares(sweep, i);
		double share = kind < EVENT_KINDS ? shares_of_event(shares, kind) :
		               shares->sources > 0 ? (double)shares->scanners / (double)shares->sources : 0;
		fprintf(file, " %*.4f", VALUE_WIDTH, share);
	}
	putc('\n', file);
}

static void sweep_text(FILE *file, const sweep_plan_t *plan, const sweep_t *sweep)
{
	fprintf(file, "%-*s", NAME_WIDTH, sweep_name(plan));
	for (size_t i = 0; i < plan->count; i++) {
		fprintf(file, " %*s", VALUE_WIDTH, plan->texts[i]);
	}
	putc('\n', file);
	for (size_t row = 0; row < sizeof(sweep_counts) / sizeof(sweep_counts[0]); row++) {
		put_sweep_count(file, plan, sweep, row);
	}
	put_sweep_share(file, plan, sweep, EVENT_KINDS);
	for (event_kind_t kind = 0; kind < EVENT_KINDS; kind++) {
		put_sweep_share(file, plan, sweep, kind);
	}
}

bool label_report_sweep(FILE *file, const sweep_plan_t *plan, const sweep_t *sweep, bool json)
{
	bool good = true;
	for (size_t i = 0; json && i < plan->count; i++) {
		json_t *object = json_object();
		const shares_t *shares = sweep_shares(sweep, i);
		(void)json_object_set_new(object, "sweep", json_string(sweep_name(plan)));
		(void)json_object_set_new(object, "value", json_string(plan->texts[i]));
		(void)json_object_set_new(object, "packets", integer(shares->packets));
		add_shares(object, shares);
		good &= put_object(file, object);
	}
	if (!json) {
		sweep_text(file, plan, sweep);
	}
	return good;
}
