/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Files that appear whole or not at all.
 *
 * The bytes go to a temporary file in the same folder, which takes the place of
 * the old file only when all were written and reached the disk. So a full disk
 * or an interrupt never costs the file that was there before. The new file
 * keeps the old one's mode and, where the system allows it, its owner; behind a
 * symbolic link the file is replaced and the link stays. Devices and pipes are
 * written in place.
 */
#pragma once

#include <stdio.h>

#include "common/failure.h"

/*! A file that is being written. Not thread-safe. */
typedef struct output output_t;

/*!
 * Begins to write.
 *
 * \param path    The file to be; NULL or "-" is standard output.
 * \param output  Out; end with output_commit() or output_abandon().
 *
 * \return STATUS_OK; STATUS_SYSTEM or STATUS_NO_MEMORY, with the path in the sentence.
 */
status_t output_open(const char *path, output_t **output, failure_t *failure);

/*!
 * The stream to write to, owned by \a output: do not close it. Write errors are kept
 * there and found by output_commit().
 */
FILE *output_stream(output_t *output);

/*! Makes the file appear. Frees \a output in every case; on failure the old file stays. */
status_t output_commit(output_t *output, failure_t *failure);

/*! Drops what was written; NULL is allowed. */
void output_abandon(output_t *output);
