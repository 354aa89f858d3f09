/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sweeps: a telescope for each value, or one for all values of a parameter. */
#include "darknet/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/moment.h"

/* What goes to one telescope. */
typedef struct {
	sweep_t *sweep;
	size_t first;     /* Number of the value that its set 0 stands for. */
	telescope_t *telescope;
} branch_t;

struct sweep {
	sweep_plan_t plan;
	prefix_t prefix[SWEEP_VALUES_MAX];
	size_t branch_count;
	branch_t branches[SWEEP_VALUES_MAX];
	shares_t shares[SWEEP_VALUES_MAX];
};

/* Which kind a name stands for. */
static bool kind_parse(const char *name, sweep_plan_t *plan)
{
	plan->kind = SWEEP_PARAMETER;
	if (strcmp(name, "window") == 0) {
		plan->kind = SWEEP_WINDOW;
		return true;
	}
	if (strcmp(name, "darknet") == 0) {
		plan->kind = SWEEP_DARKNET;
		return true;
	}
	for (parameter_t i = 0; i < PARAMETERS; i++) {
		if (strcmp(name, parameter_info(i)->name) == 0) {
			plan->parameter = i;
			return true;
		}
	}
	return false;
}

static status_t window_value(const char *text, double *value, failure_t *failure)
{
	uint64_t seconds;
	if (!duration_parse(text, &seconds) || seconds < TELESCOPE_WINDOW_MIN / MICROSECONDS ||
	    seconds > TELESCOPE_WINDOW_MAX / MICROSECONDS) {
		return failure_set(failure, STATUS_BAD_DATA,
		                   "a window lasts from 1s to 366d, not '%s'", text);
	}
	*value = (double)seconds;
	return STATUS_OK;
}

static status_t darknet_value(const char *text, double *value, failure_t *failure)
{
	unsigned bits;
	char rest;
	if (text[0] != '/' || text[1] < '0' || text[1] > '9' ||
	    sscanf(text + 1, "%3u%c", &bits, &rest) != 1 || bits > 128) {
		return failure_set(failure, STATUS_BAD_DATA,
		                   "a darknet's size is written as in /20, not '%s'", text);
	}
	*value = bits;
	return STATUS_OK;
}

static status_t value_parse(sweep_plan_t *plan, const char *text, failure_t *failure)
{
	if (plan->count == SWEEP_VALUES_MAX) {
		return failure_set(failure, STATUS_BAD_DATA, "a sweep has at most %d values",
		                   SWEEP_VALUES_MAX);
	}
	double *value = &plan->values[plan->count];
	status_t status;
	switch (plan->kind) {
	case SWEEP_WINDOW:
		status = window_value(text, value, failure);
		break;
	case SWEEP_DARKNET:
		status = darknet_value(text, value, failure);
		break;
	default:
		status = parameter_value(plan->parameter, text, value, failure);
	}
	if (status != STATUS_OK) {
		return status;
	}
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->values[i] == *value) {
			return failure_set(failure, STATUS_BAD_DATA, "the sweep has %s twice", text);
		}
	}
	if (strlen(text) >= SWEEP_TEXT_MAX) {
		return failure_set(failure, STATUS_BAD_DATA, "the value '%s' is too long", text);
	}
	strcpy(plan->texts[plan->count++], text);
	return STATUS_OK;
}

status_t sweep_parse(const char *text, sweep_plan_t *plan, failure_t *failure)
{
	char *copy = strdup(text);
	if (copy == NULL) {
		return failure_no_memory(failure, "a sweep");
	}
	*plan = (sweep_plan_t) { 0 };
	char *rest = copy, *name = strsep(&rest, "=");
	status_t status = STATUS_OK;
	if (rest == NULL || !kind_parse(name, plan)) {
		status = failure_set(failure, STATUS_BAD_DATA,
		                     "'%s' is no sweep: N1=, N2=, M=, N3=, window= or darknet= with "
		                     "values, as in N2=2,5,10", text);
	}
	while (status == STATUS_OK && rest != NULL) {
		status = value_parse(plan, strsep(&rest, ","), failure);
	}
	free(copy);
	return status;
}

const char *sweep_name(const sweep_plan_t *plan)
{
	switch (plan->kind) {
	case SWEEP_WINDOW:
		return "window";
	case SWEEP_DARKNET:
		return "darknet";
	default:
		return parameter_info(plan->parameter)->name;
	}
}

static status_t take_event(void *context, size_t set, const event_t *event, failure_t *failure)
{
	(void)failure;
	branch_t *branch = context;
	shares_event(&branch->sweep->shares[branch->first + set], event);
	return STATUS_OK;
}

static status_t take_window(void *context, const telescope_window_t *window, failure_t *failure)
{
	(void)failure;
	branch_t *branch = context;
	sweep_t *sweep = branch->sweep;
	size_t sets = sweep->branch_count == 1 ? sweep->plan.count : 1;
	for (size_t i = 0; i < sets; i++) {
		shares_window(&sweep->shares[branch->first + i], window);
	}
	return STATUS_OK;
}

/* The first block of a size in the first prefix that is as large. */
static status_t darknet_cut(const telescope_options_t *options, double bits, prefix_t *block,
                            failure_t *failure)
{
	bool ipv4 = options->prefix_count > 0 && options->prefixes[0].length >= ADDRESS_IPV4_OFFSET &&
	            address_is_ipv4(&options->prefixes[0].address);
	unsigned length = (unsigned)bits + (ipv4 ? ADDRESS_IPV4_OFFSET : 0);
	for (size_t i = 0; i < options->prefix_count; i++) {
		const prefix_t *prefix = &options->prefixes[i];
		bool same = ipv4 == (prefix->length >= ADDRESS_IPV4_OFFSET &&
		                     address_is_ipv4(&prefix->address));
		if (same && prefix->length <= length && length <= 128) {
			*block = (prefix_t) { .address = prefix->address, .length = (uint8_t)length };
			return STATUS_OK;
		}
	}
	return failure_set(failure, STATUS_BAD_DATA, "no prefix of the darknet is as large as /%.0f",
	                   bits);
}

/* Options of the telescope for value number `i`. */
static status_t branch_options(sweep_t *sweep, size_t i, telescope_options_t *options,
                               failure_t *failure)
{
	const sweep_plan_t *plan = &sweep->plan;
	options->sink = (telescope_sink_t) { take_event, take_window, &sweep->branches[i] };
	options->set_count = 1;
	if (plan->kind == SWEEP_WINDOW) {
		options->window = (uint64_t)plan->values[i] * MICROSECONDS;
		if (options->slack > options->window) {
			options->slack = options->window;
		}
	} else {
		options->prefix_count = 1;
		status_t status = darknet_cut(options, plan->values[i], &sweep->prefix[i], failure);
		options->prefixes = &sweep->prefix[i];
		return status;
	}
	return STATUS_OK;
}

static status_t create_branches(sweep_t *sweep, const telescope_options_t *options,
                                failure_t *failure)
{
	status_t status = STATUS_OK;
	for (size_t i = 0; i < sweep->branch_count && status == STATUS_OK; i++) {
		telescope_options_t own = *options;
		own.memory /= sweep->branch_count;
		sweep->branches[i] = (branch_t) { .sweep = sweep, .first = i };
		status = branch_options(sweep, i, &own, failure);
		if (status == STATUS_OK) {
			status = telescope_create(&own, &sweep->branches[i].telescope, failure);
		}
	}
	return status;
}

/* One telescope that judges by all values. */
static status_t create_sets(sweep_t *sweep, const telescope_options_t *options,
                            failure_t *failure)
{
	taxonomy_parameters_t sets[SWEEP_VALUES_MAX];
	for (size_t i = 0; i < sweep->plan.count; i++) {
		sets[i] = options->sets[0];
		sets[i].values[sweep->plan.parameter] = sweep->plan.values[i];
	}
	telescope_options_t own = *options;
	own.sets = sets;
	own.set_count = sweep->plan.count;
	own.sink = (telescope_sink_t) { take_event, take_window, &sweep->branches[0] };
	sweep->branches[0] = (branch_t) { .sweep = sweep };
	return telescope_create(&own, &sweep->branches[0].telescope, failure);
}

status_t sweep_create(const sweep_plan_t *plan, const telescope_options_t *options,
                      sweep_t **result, failure_t *failure)
{
	*result = NULL;
	sweep_t *sweep = calloc(1, sizeof(*sweep));
	if (sweep == NULL) {
		return failure_no_memory(failure, "a sweep");
	}
	sweep->plan = *plan;
	sweep->branch_count = plan->kind == SWEEP_PARAMETER ? 1 : plan->count;
	status_t status = plan->kind == SWEEP_PARAMETER ? create_sets(sweep, options, failure)
	                                                : create_branches(sweep, options, failure);
	if (status != STATUS_OK) {
		sweep_destroy(sweep);
		return status;
	}
	*result = sweep;
	return STATUS_OK;
}

void sweep_destroy(sweep_t *sweep)
{
	for (size_t i = 0; sweep != NULL && i < sweep->branch_count; i++) {
		telescope_destroy(sweep->branches[i].telescope);
	}
	free(sweep);
}

status_t sweep_take(sweep_t *sweep, uint64_t moment, const packet_t *packet, packet_kind_t kind,
                    failure_t *failure)
{
	status_t status = STATUS_OK;
	for (size_t i = 0; i < sweep->branch_count && status == STATUS_OK; i++) {
		status = telescope_take(sweep->branches[i].telescope, moment, packet, kind, failure);
	}
	return status;
}

status_t sweep_finish(sweep_t *sweep, failure_t *failure)
{
	status_t status = STATUS_OK;
	for (size_t i = 0; i < sweep->branch_count && status == STATUS_OK; i++) {
		status = telescope_finish(sweep->branches[i].telescope, failure);
	}
	return status;
}

const shares_t *sweep_shares(const sweep_t *sweep, size_t value)
{
	return &sweep->shares[value];
}

const telescope_t *sweep_telescope(const sweep_t *sweep, size_t value)
{
	return sweep->branches[sweep->plan.kind == SWEEP_PARAMETER ? 0 : value].telescope;
}
