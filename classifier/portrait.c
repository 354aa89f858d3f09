/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Histograms of training data, in memory and as bytes; layout in doc/formats/model.md. */
#include "classifier/portrait.h"

#include <math.h>
#include <stdlib.h>

#include "classifier/model_kind.h"

/* Added to each bin. */
#define HALF 0.5

/* Standard normal quantile of 0.999. */
#define NORMAL_0_999 3.0902323061678132

portrait_t *portrait_create(size_t features)
{
	portrait_t *portrait = calloc(1, sizeof(*portrait));
	if (portrait != NULL) {
		portrait->columns = features + 1;
	}
	return portrait;
}

void portrait_destroy(portrait_t *portrait)
{
	if (portrait == NULL) {
		return;
	}
	for (size_t i = 0; i < PORTRAIT_SAMPLES; i++) {
		free(portrait->samples[i].columns);
	}
	free(portrait);
}

bool portrait_begin(portrait_t *portrait, portrait_sample_id_t id)
{
	portrait_sample_t *sample = &portrait->samples[id];
	sample->columns = calloc(portrait->columns, sizeof(*sample->columns));
	return sample->columns != NULL;
}

void portrait_extend(portrait_span_t spans[PORTRAIT_SPANS], uint32_t *count,
                     const time_window_t *window)
{
	if (time_window_is_always(window)) {
		return;
	}
	uint64_t length = window->end - window->start;
	uint32_t i = 0;
	while (i < *count && spans[i].length != length && spans[i].length != 0) {
		i++;
	}
	if (i == *count && i < PORTRAIT_SPANS) {
		spans[(*count)++] = (portrait_span_t) { length, *window };
		return;
	}
	/* There is no room for one more length: the last place is for all that have none. */
	if (i == PORTRAIT_SPANS) {
		spans[--i].length = 0;
	}
	time_window_t *time = &spans[i].time;
	time->start = window->start < time->start ? window->start : time->start;
	time->end = window->end > time->end ? window->end : time->end;
}

static bool overlap(const time_window_t *a, const time_window_t *b)
{
	return a->start < b->end && b->start < a->end;
}

bool portrait_knows(const portrait_t *portrait, const time_window_t *window)
{
	for (uint32_t i = 0; i < portrait->span_count; i++) {
		const portrait_span_t *span = &portrait->spans[i];
		bool alike = time_window_is_always(window) || span->length == 0 ||
		             span->length == window->end - window->start;
		if (alike && overlap(&span->time, window)) {
			return true;
		}
	}
	return false;
}

bool portrait_time(const portrait_t *portrait, time_window_t *time)
{
	*time = (time_window_t) { UINT64_MAX, 0 };
	for (uint32_t i = 0; i < portrait->span_count; i++) {
		const time_window_t *span = &portrait->spans[i].time;
		time->start = span->start < time->start ? span->start : time->start;
		time->end = span->end > time->end ? span->end : time->end;
	}
	return portrait->span_count > 0;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

void portrait_cut(portrait_column_t *column, double *values, size_t count)
{
	size_t there = 0;
	for (size_t i = 0; i < count; i++) {
		if (!isnan(values[i])) {
			values[there++] = values[i];
		}
	}
	if (there > 0) {
		qsort(values, there, sizeof(*values), compare);
	}
	column->edges = 0;
	for (size_t i = 1; i <= PORTRAIT_EDGES && there > 0; i++) {
		double edge = values[(i * there - 1) / (PORTRAIT_EDGES + 1)];
		/* Behind the last edge there must be something, and equal tenths are one bin. */
		if (edge < values[there - 1] &&
		    (column->edges == 0 || edge > column->edge[column->edges - 1])) {
			column->edge[column->edges++] = edge;
		}
	}
}

void portrait_count(portrait_column_t *column, double value)
{
	uint32_t bin = 0;
	if (isnan(value)) {
		column->missing++;
		return;
	}
	while (bin < column->edges && value > column->edge[bin]) {
		bin++;
	}
	column->counts[bin]++;
}

portrait_column_t portrait_empty(const portrait_column_t *column)
{
	portrait_column_t empty = { .edges = column->edges };
	for (uint32_t i = 0; i < column->edges; i++) {
		empty.edge[i] = column->edge[i];
	}
	return empty;
}

static double sum_of(const portrait_column_t *column)
{
	double sum = (double)column->missing;
	for (uint32_t i = 0; i <= column->edges; i++) {
		sum += (double)column->counts[i];
	}
	return sum;
}

/* Bins, missing values being one if there are any. */
static uint32_t bins_of(const portrait_column_t *then, const portrait_column_t *now)
{
	return then->edges + 1 + (then->missing > 0 || now->missing > 0);
}

static double term(uint64_t then, double then_sum, uint64_t now, double now_sum, double bins)
{
	double p = ((double)then + HALF) / (then_sum + HALF * bins);
	double q = ((double)now + HALF) / (now_sum + HALF * bins);
	return (q - p) * log(q / p);
}

double portrait_psi(const portrait_column_t *then, const portrait_column_t *now)
{
	double then_sum = sum_of(then), now_sum = sum_of(now), bins = bins_of(then, now), psi = 0;
	for (uint32_t i = 0; i <= then->edges; i++) {
		psi += term(then->counts[i], then_sum, now->counts[i], now_sum, bins);
	}
	return bins > then->edges + 1 ?
	       psi + term(then->missing, then_sum, now->missing, now_sum, bins) : psi;
}

double portrait_chance(const portrait_column_t *then, const portrait_column_t *now)
{
	double freedom = bins_of(then, now) - 1, then_sum = sum_of(then), now_sum = sum_of(now);
	if (freedom == 0 || then_sum == 0 || now_sum == 0) {
		return 0;
	}
	double spread = 2 / (9 * freedom), root = 1 - spread + NORMAL_0_999 * sqrt(spread);
	return (1 / then_sum + 1 / now_sum) * freedom * root * root * root;
}

double portrait_probability(const model_t *model, const double *probabilities)
{
	return probabilities[model->threshold.exists ? model->threshold.class_index :
	                     model_class_argmax(probabilities, model->class_count)];
}

const portrait_t *model_portrait(const model_t *model)
{
	return model->portrait;
}

void model_set_portrait(model_t *model, portrait_t *portrait)
{
	portrait_destroy(model->portrait);
	model->portrait = portrait;
}

void portrait_write(const portrait_t *portrait, buffer_t *buffer)
{
	buffer_le32(buffer, portrait->span_count);
	for (uint32_t i = 0; i < portrait->span_count; i++) {
		buffer_le64(buffer, portrait->spans[i].length);
		buffer_le64(buffer, portrait->spans[i].time.start);
		buffer_le64(buffer, portrait->spans[i].time.end);
	}
	for (size_t i = 0; i < PORTRAIT_SAMPLES; i++) {
		const portrait_sample_t *sample = &portrait->samples[i];
		buffer_le64(buffer, sample->rows);
		for (size_t j = 0; j < portrait->columns && sample->rows > 0; j++) {
			const portrait_column_t *column = &sample->columns[j];
			buffer_le64(buffer, column->missing);
			buffer_le32(buffer, column->edges);
			for (uint32_t k = 0; k < column->edges; k++) {
				buffer_double(buffer, column->edge[k]);
			}
			for (uint32_t k = 0; k <= column->edges; k++) {
				buffer_le64(buffer, column->counts[k]);
			}
		}
	}
}

static status_t read_column(cursor_t *cursor, uint64_t rows, portrait_column_t *column,
                            failure_t *failure)
{
	column->missing = cursor_le64(cursor);
	column->edges = cursor_le32(cursor);
	if (cursor->failed || column->edges > PORTRAIT_EDGES) {
		return failure_set(failure, STATUS_BAD_DATA, "the portrait of the training data has more "
		                   "bins than can be");
	}
	for (uint32_t i = 0; i < column->edges; i++) {
		column->edge[i] = cursor_double(cursor);
		if (!isfinite(column->edge[i]) || (i > 0 && column->edge[i] <= column->edge[i - 1])) {
			return failure_set(failure, STATUS_BAD_DATA, "the portrait of the training data has "
			                   "edges that are not in order");
		}
	}
	uint64_t sum = column->missing <= rows ? column->missing : rows + 1;
	for (uint32_t i = 0; i <= column->edges; i++) {
		column->counts[i] = cursor_le64(cursor);
		/* Each is checked by itself, so that the sum cannot wrap. */
		sum = column->counts[i] <= rows && sum <= rows ? sum + column->counts[i] : rows + 1;
	}
	return !cursor->failed && sum == rows ? STATUS_OK :
	       failure_set(failure, STATUS_BAD_DATA, "the portrait of the training data does not count "
	                   "its rows");
}

static status_t read_sample(cursor_t *cursor, portrait_t *portrait, portrait_sample_id_t id,
                            failure_t *failure)
{
	/* Missing, edges and one count. */
	const size_t least = 8 + 4 + 8;
	uint64_t rows = cursor_le64(cursor);
	if (cursor->failed || rows > DATASET_ROWS_MAX ||
	    (rows > 0 && portrait->columns > cursor_left(cursor) / least)) {
		return failure_set(failure, STATUS_BAD_DATA, "the portrait of the training data is cut, or "
		                   "has more rows than can be");
	}
	if (rows > 0 && !portrait_begin(portrait, id)) {
		return failure_no_memory(failure, "the portrait of the training data");
	}
	status_t status = STATUS_OK;
	for (size_t i = 0; i < portrait->columns && rows > 0 && status == STATUS_OK; i++) {
		status = read_column(cursor, rows, &portrait->samples[id].columns[i], failure);
	}
	portrait->samples[id].rows = rows;
	return status;
}

static status_t read_spans(cursor_t *cursor, portrait_t *portrait, failure_t *failure)
{
	portrait->span_count = cursor_le32(cursor);
	if (cursor->failed || portrait->span_count > PORTRAIT_SPANS) {
		return failure_set(failure, STATUS_BAD_DATA, "the training data has more lengths of windows "
		                   "than can be");
	}
	for (uint32_t i = 0; i < portrait->span_count; i++) {
		portrait_span_t *span = &portrait->spans[i];
		span->length = cursor_le64(cursor);
		span->time.start = cursor_le64(cursor);
		span->time.end = cursor_le64(cursor);
		if (cursor->failed || span->time.start >= span->time.end) {
			return failure_set(failure, STATUS_BAD_DATA, "the time of the training data ends before "
			                   "it begins");
		}
	}
	return STATUS_OK;
}

status_t portrait_read(cursor_t *cursor, size_t features, portrait_t **out, failure_t *failure)
{
	portrait_t *portrait = portrait_create(features);
	if (portrait == NULL) {
		return failure_no_memory(failure, "the portrait of the training data");
	}
	status_t status = read_spans(cursor, portrait, failure);
	for (portrait_sample_id_t i = 0; i < PORTRAIT_SAMPLES && status == STATUS_OK; i++) {
		status = read_sample(cursor, portrait, i, failure);
	}
	if (status != STATUS_OK) {
		portrait_destroy(portrait);
		return status;
	}
	*out = portrait;
	return STATUS_OK;
}
