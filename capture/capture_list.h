/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Several packet files as one timeline.
 *
 *     while ((status = capture_list_advance(list, &failure)) != STATUS_END) {
 *             while (status == STATUS_OK) {
 *                     status = capture_list_next(list, &frame, &failure);
 *                     ... use the frame if the status is STATUS_OK ...
 *             }
 *             ... a failure, told here, is of this file alone ...
 *             ... the file is done: the place to save what a later run resumes from ...
 *     }
 *
 * Frames are given in the order of their files, one file after another, each file's in its
 * own order. Nothing is sorted but the files: where moments run backwards or days are
 * missing, within a file or between two, the frames come all the same, and the timeline says
 * so. Files that overlap (two interfaces captured at once) are to be merged before.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/capture.h"

/*! Which file comes first. */
typedef enum {
	CAPTURE_ORDER_GIVEN, /*!< That of the paths. */
	CAPTURE_ORDER_TIME,  /*!< That of the files' first frames; of equal ones, and of files
	                          without a frame, which come last, that of the paths. */
} capture_order_t;

/*! How the moments of the frames ran. All are microseconds. */
typedef struct {
	uint64_t frames;        /*!< How many there were. */
	uint64_t earliest;      /*!< Least moment; 0 without a frame. */
	uint64_t latest;        /*!< Greatest moment. */
	uint64_t backward;      /*!< Frames with a moment before that of the frame before them. */
	uint64_t backward_most; /*!< The longest such step. */
	uint64_t gap_most;      /*!< The longest step forward beyond the latest moment till then. */
	uint64_t gap_begin;     /*!< The moment it began at. */
} capture_timeline_t;

/*! An open list. Not thread-safe; different ones are independent. */
typedef struct capture_list capture_list_t;

/*!
 * Opens a list.
 *
 * Regular files are tried at once, so that a wrong name or format among many is told
 * before hours of work; anything else (a pipe, "-") is opened when its turn comes.
 *
 * \param paths    Packet files; "-" is standard input. Copied.
 * \param count    How many; 0 gives an empty list.
 * \param order    With CAPTURE_ORDER_TIME all must be regular files.
 * \param list     Out; free with capture_list_close(). NULL on failure.
 * \param failure  Out, a sentence with the path.
 *
 * \return STATUS_OK; the failures of capture_open(); STATUS_UNSUPPORTED if a pipe was to be
 *         sorted; STATUS_NO_MEMORY.
 */
status_t capture_list_open(const char *const *paths, size_t count, capture_order_t order,
                           capture_list_t **list, failure_t *failure);

/*!
 * Closes the current file, wherever it was, and opens the next one.
 *
 * \return STATUS_OK; STATUS_END behind the last file; the failures of capture_open(), after
 *         which the file counts as current, has no frames, and the next call goes on.
 */
status_t capture_list_advance(capture_list_t *list, failure_t *failure);

/*! Leaves the next file out, as one that an earlier run has done; false behind the last. */
bool capture_list_skip(capture_list_t *list);

/*!
 * Reads the next frame of the current file.
 *
 * \return STATUS_OK; STATUS_END behind the file's last frame, and without a current file;
 *         the failures of capture_next().
 */
status_t capture_list_next(capture_list_t *list, frame_t *frame, failure_t *failure);

/*! Files that were advanced to or skipped: the current one is the last of them. */
size_t capture_list_reached(const capture_list_t *list);

/*! All files. */
size_t capture_list_count(const capture_list_t *list);

/*!
 * A path, in the order in which the files are read.
 *
 * \param number  0 to capture_list_count() - 1; the current file is capture_list_reached() - 1.
 *
 * \return Lives as long as the list.
 */
const char *capture_list_path(const capture_list_t *list, size_t number);

/*! Bytes of a file as it was when the list was opened, or 0 for a pipe. */
uint64_t capture_list_file_size(const capture_list_t *list, size_t number);

/*! How the moments ran in all frames up to now; lives as long as the list. */
const capture_timeline_t *capture_list_timeline(const capture_list_t *list);

/*! Bytes of the files that were read or skipped so far, compressed as they are. */
uint64_t capture_list_position(const capture_list_t *list);

/*! Bytes of all files, or 0 if one of them is a pipe. */
uint64_t capture_list_size(const capture_list_t *list);

/*! Closes the files; NULL is allowed. */
void capture_list_close(capture_list_t *list);
