/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief A window kept in a file, and brought back.
 *
 *     start, since, options, counts
 *     slots of originators from the last to the first:  slot | key | value | record, if it is one
 *     queriers from the highest number to the lowest:   number | address | fan-out
 *     prefixes likewise:                                slot | id | bits | sketch, then cells
 *
 * May run beside the hooks, without a lock. What leads to something is copied before it: slots
 * before their records, entries before their queriers. So all that is led to was
 * there, and is in the file; what comes meanwhile is in it or not, each observation for itself.
 * Slots are told in originator_table_copy().
 *
 * First sightings have no address, only a part of its hash: so slots are kept as they stand,
 * and a window is brought back with the same memory and expectations. Lines of the arena are
 * cut anew.
 *
 * Cost: one pass over the slots in use, and one over records and queriers.
 */
#pragma once

#include "common/state_file.h"
#include "sensor/window.h"

/*! Writes a window. The caller owns it, or no other thread closes it meanwhile. */
void window_save(const window_t *window, state_writer_t *writer);

/*!
 * Makes a window from what window_save() wrote.
 *
 * \param options  What it must have been made with, but for threads, key and expectations,
 *                 of which the key must be the same as well.
 * \param window   Out: owned by the caller.
 *
 * \return STATUS_OK; STATUS_UNSUPPORTED if it was made with other options; STATUS_BAD_DATA if
 *         it is damaged; STATUS_NO_MEMORY.
 */
status_t window_restore(state_reader_t *reader, const window_options_t *options, window_t **window);
