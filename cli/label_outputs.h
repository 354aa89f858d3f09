/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The files that `backscatter label` writes, with or without a folder that keeps its state.
 *
 * Without, each is an output_t. With a folder they grow there and are copied to their places
 * at the end:
 *
 *     FOLDER/lock       held while a run goes on
 *     FOLDER/plan       what the run is: options and captures; a run with another one is refused
 *     FOLDER/labels …   rows of the windows that are closed
 *     FOLDER/state      how much of them is good, and where to go on (label_state.h)
 *
 * At the end the folder is removed.
 */
#pragma once

#include "darknet/label_state.h"

/*! The files. Not thread-safe. */
typedef struct label_outputs label_outputs_t;

/*!
 * Opens them.
 *
 * \param paths    LABEL_OUTPUTS paths; NULL: not wanted; "-": standard output.
 * \param folder   Of the state, made if it is not there; NULL: none.
 * \param plan     Lines that say what the run is, of which each change is an other run.
 * \param state    Out: where to go on, if \a resumed.
 * \param resumed  Out: whether there was a state. Then the streams stand behind its rows.
 *
 * \return STATUS_OK; STATUS_BAD_DATA for a folder of another run, or one that is damaged;
 *         STATUS_SYSTEM, also if another process uses it; STATUS_NO_MEMORY.
 */
status_t label_outputs_open(const char *const paths[LABEL_OUTPUTS], const char *folder,
                            const char *plan, label_outputs_t **outputs, label_state_t *state,
                            bool *resumed, failure_t *failure);

/*! The stream of an output; NULL if it is not wanted. */
FILE *label_outputs_stream(const label_outputs_t *outputs, label_output_t output);

/*! Tells whether it is worthwhile to save: there is a folder, and the last time is not just now. */
bool label_outputs_due(const label_outputs_t *outputs);

/*!
 * Saves the rows and where to go on.
 *
 * \param state  Its sizes are filled in.
 *
 * \return STATUS_OK, or STATUS_SYSTEM: then a later run goes on from what was saved before.
 */
status_t label_outputs_save(label_outputs_t *outputs, label_state_t *state, failure_t *failure);

/*!
 * Makes all files appear and removes the folder.
 *
 * \return STATUS_OK, or STATUS_SYSTEM for the first file that could not be written; the folder
 *         then stays.
 */
status_t label_outputs_commit(label_outputs_t *outputs, failure_t *failure);

/*! Frees it; what was not committed is dropped, the folder stays. NULL is allowed. */
void label_outputs_close(label_outputs_t *outputs);
