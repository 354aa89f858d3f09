/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Captures through the telescope. */
#include "config.h"

#include "cli/label_run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "capture/capture_list.h"
#include "cli/label_plan.h"
#include "cli/progress.h"

/* Frames between two looks at the clock. */
#define PROGRESS_STEP 4096

/* What is known at the front of a capture. */
typedef struct {
	telescope_mark_t mark;
	uint64_t frames, damaged;
} front_t;

typedef struct {
	const command_t *command;
	const label_options_t *options;
	label_result_t *result;
	label_outputs_t *outputs;
	labeller_t *labeller;
	telescope_t *telescope;   /* NULL: no capture, or sweeps only */
	size_t sweep_count;
	capture_list_t *list;
	front_t *fronts;          /* Of each capture that was begun. */
	progress_t progress;
} run_t;

static bool is_open(const telescope_mark_t *mark, uint64_t start)
{
	bool open = false;
	for (size_t i = 0; i < TELESCOPE_OPEN_MAX; i++) {
		open |= mark->open[i] == start;
	}
	return open;
}

/*
 * The first capture that must be read again: that in which the oldest open window began. A
 * window never opens twice, so it is open at the front of all captures since.
 */
static size_t first_needed(const run_t *run, const telescope_mark_t *now)
{
	size_t current = capture_list_reached(run->list) - 1, first = current;
	for (size_t i = 0; i < TELESCOPE_OPEN_MAX && now->open[i] != UINT64_MAX; i++) {
		size_t capture = current;
		while (capture > 0 && is_open(&run->fronts[capture].mark, now->open[i])) {
			capture--;
		}
		first = capture < first ? capture : first;
	}
	return first;
}

/* A window is closed and its rows are written. */
static status_t window_closed(void *context, failure_t *failure)
{
	run_t *run = context;
	if (!label_outputs_due(run->outputs)) {
		return STATUS_OK;
	}
	telescope_mark_t now = telescope_mark(run->telescope);
	size_t capture = first_needed(run, &now);
	label_state_t state = {
		.capture = capture,
		.damaged = run->fronts[capture].damaged,
		.frames = run->fronts[capture].frames,
		.done = now.closed,
		.mark = run->fronts[capture].mark,
		.totals = *labeller_totals(run->labeller),
	};
	return label_outputs_save(run->outputs, &state, failure);
}

/* Goes on where the state says. */
static status_t go_on(run_t *run, const label_state_t *state, failure_t *failure)
{
	size_t count = capture_list_count(run->list);
	if (state->capture >= count || state->done < state->mark.closed) {
		return failure_set(failure, STATUS_BAD_DATA, "the state in '%s' is damaged; remove the "
		                   "folder to begin anew", run->options->state);
	}
	while (capture_list_reached(run->list) < state->capture) {
		(void)capture_list_skip(run->list);
	}
	run->result->frames = state->frames;
	run->result->damaged = state->damaged;
	labeller_resume(run->labeller, &state->totals, state->done);
	status_t status = STATUS_OK;
	if (run->telescope != NULL) {
		status = telescope_resume(run->telescope, &state->mark, failure);
	}
	if (status == STATUS_BAD_DATA) {
		return failure_set(failure, status, "the state in '%s' is damaged; remove the folder to "
		                   "begin anew", run->options->state);
	}
	if (status == STATUS_OK) {
		fprintf(stderr, "backscatter %s: going on with capture %" PRIu64 " of %zu\n",
		        run->command->name, state->capture + 1, count);
	}
	return status;
}

static status_t make_telescope(run_t *run, telescope_options_t *options, failure_t *failure)
{
	labeller_options_t labeller = {
		.lists = run->options->lists, .preference = run->options->preference,
	};
	for (label_output_t i = 0; i < LABEL_OUTPUTS; i++) {
		labeller.streams[i] = label_outputs_stream(run->outputs, i);
	}
	run->labeller = labeller_create(&labeller);
	if (run->labeller == NULL) {
		return failure_no_memory(failure, "the labels");
	}
	bool wanted = run->options->summary;
	for (label_output_t i = 0; i < LABEL_OUTPUTS; i++) {
		wanted |= labeller.streams[i] != NULL;
	}
	if (!wanted || run->options->capture_count == 0) {
		return STATUS_OK;
	}
	options->sink = labeller_sink(run->labeller, window_closed, run);
	return telescope_create(options, &run->telescope, failure);
}

static status_t make_sweeps(run_t *run, const telescope_options_t *options, failure_t *failure)
{
	status_t status = STATUS_OK;
	for (size_t i = 0; i < run->options->sweep_count && status == STATUS_OK; i++) {
		status = sweep_create(&run->options->sweeps[i], options, &run->result->sweeps[i], failure);
		run->sweep_count += status == STATUS_OK;
	}
	return status;
}

static status_t open_captures(run_t *run, failure_t *failure)
{
	const label_options_t *options = run->options;
	capture_order_t order = CAPTURE_ORDER_TIME;
	for (size_t i = 0; i < options->capture_count; i++) {
		struct stat info;
		if (strcmp(options->captures[i], "-") == 0 ||
		    (stat(options->captures[i], &info) == 0 && !S_ISREG(info.st_mode))) {
			order = CAPTURE_ORDER_GIVEN;
		}
	}
	run->fronts = calloc(options->capture_count + 1, sizeof(*run->fronts));
	if (run->fronts == NULL) {
		return failure_no_memory(failure, "the captures");
	}
	return capture_list_open((const char *const *)options->captures, options->capture_count,
	                         order, &run->list, failure);
}

static status_t open_outputs(run_t *run, label_state_t *state, bool *resumed, failure_t *failure)
{
	char *plan = NULL;
	status_t status = STATUS_OK;
	if (run->options->state != NULL) {
		status = label_plan_make(run->options, run->list, &plan, failure);
	}
	if (status == STATUS_OK) {
		status = label_outputs_open(run->options->paths, run->options->state, plan, &run->outputs,
		                            state, resumed, failure);
	}
	free(plan);
	return status;
}

static status_t open_run(run_t *run, failure_t *failure)
{
	label_state_t state;
	bool resumed;
	telescope_options_t telescope = run->options->telescope;
	telescope.memory /= 1 + run->options->sweep_count;
	status_t status = open_captures(run, failure);
	if (status == STATUS_OK) {
		status = open_outputs(run, &state, &resumed, failure);
	}
	if (status == STATUS_OK) {
		status = make_telescope(run, &telescope, failure);
	}
	if (status == STATUS_OK) {
		status = make_sweeps(run, &telescope, failure);
	}
	if (status == STATUS_OK && resumed) {
		return go_on(run, &state, failure);
	}
	if (status == STATUS_OK) {
		labeller_begin(run->labeller);
	}
	return status;
}

static status_t take(run_t *run, const frame_t *frame, failure_t *failure)
{
	packet_t packet;
	packet_kind_t kind = packet_decode(frame, &packet);
	status_t status = STATUS_OK;
	if (run->telescope != NULL) {
		status = telescope_take(run->telescope, frame->moment, &packet, kind, failure);
	}
	for (size_t i = 0; i < run->sweep_count && status == STATUS_OK; i++) {
		status = sweep_take(run->result->sweeps[i], frame->moment, &packet, kind, failure);
	}
	return status;
}

/* All frames of the current capture. STATUS_BAD_DATA: it ends before its end. */
static status_t read_capture(run_t *run, bool *ours, failure_t *failure)
{
	frame_t frame;
	status_t status;
	*ours = false;
	while ((status = capture_list_next(run->list, &frame, failure)) == STATUS_OK) {
		run->result->frames++;
		status = frame.link != LINK_DNSTAP ? take(run, &frame, failure) :
			failure_set(failure, STATUS_UNSUPPORTED, "capture '%s' holds dnstap, which has no "
			            "packets to label", capture_list_path(run->list,
			            capture_list_reached(run->list) - 1));
		if (status != STATUS_OK) {
			*ours = true;
			return status;
		}
		if (run->result->frames % PROGRESS_STEP == 0) {
			progress_update(&run->progress, capture_list_position(run->list));
		}
	}
	return status == STATUS_END ? STATUS_OK : status;
}

static void open_front(run_t *run)
{
	front_t *front = &run->fronts[capture_list_reached(run->list) - 1];
	*front = (front_t) { .frames = run->result->frames, .damaged = run->result->damaged };
	if (run->telescope != NULL) {
		front->mark = telescope_mark(run->telescope);
	}
}

static status_t read_captures(run_t *run, failure_t *failure)
{
	status_t status;
	while ((status = capture_list_advance(run->list, failure)) != STATUS_END) {
		bool ours = false;
		open_front(run);
		if (status == STATUS_OK) {
			status = read_capture(run, &ours, failure);
		}
		if (status == STATUS_BAD_DATA && !ours) {
			progress_end(&run->progress);
			command_fail(run->command, failure);
			run->result->damaged++;
		} else if (status != STATUS_OK) {
			return status;
		}
	}
	return STATUS_OK;
}

static status_t finish(run_t *run, failure_t *failure)
{
	status_t status = STATUS_OK;
	if (run->telescope != NULL) {
		status = telescope_finish(run->telescope, failure);
	}
	for (size_t i = 0; i < run->sweep_count && status == STATUS_OK; i++) {
		status = sweep_finish(run->result->sweeps[i], failure);
	}
	return status;
}

static void take_result(run_t *run)
{
	label_result_t *result = run->result;
	result->captures = capture_list_count(run->list);
	result->totals = *labeller_totals(run->labeller);
	for (telescope_count_t i = 0; run->telescope != NULL && i < TELESCOPE_COUNTS; i++) {
		result->counts[i] = telescope_count(run->telescope, i);
	}
	/* The telescope may have seen windows again that an earlier run has written. */
	result->counts[TELESCOPE_TAKEN] = result->totals.shares.packets;
	result->counts[TELESCOPE_REFUSED] = result->totals.refused;
}

status_t label_run(const command_t *command, const label_options_t *options,
                   label_result_t *result, failure_t *failure)
{
	run_t run = { .command = command, .options = options, .result = result };
	*result = (label_result_t) { 0 };
	status_t status = open_run(&run, failure);
	if (status == STATUS_OK) {
		run.progress = progress_begin("reading", "bytes", capture_list_size(run.list));
		progress_skip(&run.progress, capture_list_position(run.list));
		status = read_captures(&run, failure);
		progress_end(&run.progress);
	}
	if (status == STATUS_OK) {
		status = finish(&run, failure);
	}
	if (status == STATUS_OK) {
		take_result(&run);
		status = label_outputs_commit(run.outputs, failure);
	}
	telescope_destroy(run.telescope);
	labeller_destroy(run.labeller);
	label_outputs_close(run.outputs);
	capture_list_close(run.list);
	free(run.fronts);
	return status;
}

void label_result_clear(label_result_t *result)
{
	for (size_t i = 0; i < LABEL_SWEEPS_MAX; i++) {
		sweep_destroy(result->sweeps[i]);
	}
}
