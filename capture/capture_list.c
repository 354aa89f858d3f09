/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packet files one after another. Only the current one is open. */
#include "config.h"

#include "capture/capture_list.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
	char *path;
	size_t place;      /* Among the paths as given. */
	uint64_t size;     /* 0 for a pipe. */
	uint64_t first;    /* Moment of its first frame; UINT64_MAX without one. */
} file_t;

struct capture_list {
	file_t *files;
	size_t count;
	size_t reached;
	uint64_t size;
	uint64_t position; /* Of the files before the current one. */
	bool current;      /* The last of those reached is not done. */
	capture_t *capture;
	uint64_t moment;   /* Of the last frame. */
	capture_timeline_t timeline;
};

static bool is_pipe(const char *path)
{
	struct stat status;
	/* What cannot be looked at is tried, which fails with a sentence. */
	return strcmp(path, "-") == 0 || (stat(path, &status) == 0 && !S_ISREG(status.st_mode));
}

/* Tries a regular file: its size, and with `sorted` the moment of its first frame. */
static status_t file_try(file_t *file, bool sorted, failure_t *failure)
{
	capture_t *capture;
	status_t status = capture_open(file->path, &capture, failure);
	if (status != STATUS_OK) {
		return status;
	}
	frame_t frame;
	/* A failure comes again when it is this file's turn. */
	if (sorted && capture_next(capture, &frame, NULL) == STATUS_OK) {
		file->first = frame.moment;
	}
	file->size = capture_size(capture);
	capture_close(capture);
	return STATUS_OK;
}

static status_t file_add(capture_list_t *list, const char *path, bool sorted, bool *pipes,
                         failure_t *failure)
{
	file_t *file = &list->files[list->count];
	*file = (file_t) { .path = strdup(path), .place = list->count, .first = UINT64_MAX };
	if (file->path == NULL) {
		return failure_no_memory(failure, "the list of captures");
	}
	list->count++;
	if (!is_pipe(path)) {
		status_t status = file_try(file, sorted, failure);
		list->size += file->size;
		return status;
	}
	*pipes = true;
	if (sorted) {
		return failure_set(failure, STATUS_UNSUPPORTED,
		                   "capture '%s' cannot be sorted by time: it is no regular file", path);
	}
	return STATUS_OK;
}

static int by_time(const void *left, const void *right)
{
	const file_t *a = left, *b = right;
	if (a->first != b->first) {
		return a->first < b->first ? -1 : 1;
	}
	return a->place < b->place ? -1 : a->place > b->place;
}

static status_t files_take(capture_list_t *list, const char *const *paths, size_t count,
                           capture_order_t order, failure_t *failure)
{
	bool pipes = false, sorted = order == CAPTURE_ORDER_TIME;
	list->files = calloc(count + 1, sizeof(*list->files));
	if (list->files == NULL) {
		return failure_no_memory(failure, "the list of captures");
	}
	for (size_t i = 0; i < count; i++) {
		status_t status = file_add(list, paths[i], sorted, &pipes, failure);
		if (status != STATUS_OK) {
			return status;
		}
	}
	if (sorted) {
		qsort(list->files, count, sizeof(*list->files), by_time);
	}
	if (pipes) {
		list->size = 0;
	}
	return STATUS_OK;
}

status_t capture_list_open(const char *const *paths, size_t count, capture_order_t order,
                           capture_list_t **out, failure_t *failure)
{
	*out = NULL;
	capture_list_t *list = calloc(1, sizeof(*list));
	if (list == NULL) {
		return failure_no_memory(failure, "the list of captures");
	}
	status_t status = files_take(list, paths, count, order, failure);
	if (status != STATUS_OK) {
		capture_list_close(list);
		return status;
	}
	*out = list;
	return STATUS_OK;
}

/* Ends the current file: of a regular one all bytes count, wherever it was left. */
static void file_end(capture_list_t *list)
{
	if (!list->current) {
		return;
	}
	uint64_t size = list->files[list->reached - 1].size;
	list->position += size > 0 || list->capture == NULL ? size : capture_position(list->capture);
	capture_close(list->capture);
	list->capture = NULL;
	list->current = false;
}

static bool file_begin(capture_list_t *list)
{
	file_end(list);
	if (list->reached == list->count) {
		return false;
	}
	list->reached++;
	list->current = true;
	return true;
}

status_t capture_list_advance(capture_list_t *list, failure_t *failure)
{
	if (!file_begin(list)) {
		return STATUS_END;
	}
	return capture_open(list->files[list->reached - 1].path, &list->capture, failure);
}

bool capture_list_skip(capture_list_t *list)
{
	bool skipped = file_begin(list);
	file_end(list);
	return skipped;
}

static void timeline_add(capture_list_t *list, uint64_t moment)
{
	capture_timeline_t *timeline = &list->timeline;
	if (timeline->frames++ == 0) {
		timeline->earliest = timeline->latest = list->moment = moment;
	}
	if (moment < list->moment) {
		uint64_t step = list->moment - moment;
		timeline->backward++;
		timeline->backward_most = step > timeline->backward_most ? step : timeline->backward_most;
		timeline->earliest = moment < timeline->earliest ? moment : timeline->earliest;
	} else if (moment > timeline->latest) {
		if (moment - timeline->latest > timeline->gap_most) {
			timeline->gap_most = moment - timeline->latest;
			timeline->gap_begin = timeline->latest;
		}
		timeline->latest = moment;
	}
	list->moment = moment;
}

status_t capture_list_next(capture_list_t *list, frame_t *frame, failure_t *failure)
{
	if (list->capture == NULL) {
		return STATUS_END;
	}
	status_t status = capture_next(list->capture, frame, failure);
	if (status == STATUS_OK) {
		timeline_add(list, frame->moment);
	}
	return status;
}

size_t capture_list_reached(const capture_list_t *list)
{
	return list->reached;
}

size_t capture_list_count(const capture_list_t *list)
{
	return list->count;
}

const char *capture_list_path(const capture_list_t *list, size_t number)
{
	return list->files[number].path;
}

uint64_t capture_list_file_size(const capture_list_t *list, size_t number)
{
	return list->files[number].size;
}

const capture_timeline_t *capture_list_timeline(const capture_list_t *list)
{
	return &list->timeline;
}

uint64_t capture_list_position(const capture_list_t *list)
{
	return list->position + (list->capture != NULL ? capture_position(list->capture) : 0);
}

uint64_t capture_list_size(const capture_list_t *list)
{
	return list->size;
}

void capture_list_close(capture_list_t *list)
{
	if (list == NULL) {
		return;
	}
	capture_close(list->capture);
	for (size_t i = 0; i < list->count; i++) {
		free(list->files[i].path);
	}
	free(list->files);
	free(list);
}
