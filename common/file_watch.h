/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Tells when a file has come, changed or gone.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "common/failure.h"

/*! State of the watch. Start with zeroes; one thread only. */
typedef struct {
	char *path;        /*!< NULL: nothing is watched. */
	bool looked;       /*!< `seen` or its absence is known. */
	bool present;
	struct stat seen;  /*!< The file as it was looked at last. */
} file_watch_t;

/*! What a look brought. */
typedef enum {
	FILE_SAME,    /*!< As at the last look, or nothing is watched. */
	FILE_CHANGED, /*!< Another one than at the last look, or the first one. */
	FILE_GONE,    /*!< It is not there any more, or at the first look not yet. */
} file_look_t;

/*!
 * Sets the path; another one than before will be a change. NULL: nothing is watched.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY (then the old path stays).
 */
status_t file_watch_path(file_watch_t *watch, const char *path);

/*!
 * Looks at the file by one stat(): a change is told once.
 *
 * \param what     For the failure, as in "cannot open model".
 * \param failure  Set with FILE_GONE.
 */
file_look_t file_watch_look(file_watch_t *watch, const char *what, failure_t *failure);

/*! Frees all. */
void file_watch_clear(file_watch_t *watch);
