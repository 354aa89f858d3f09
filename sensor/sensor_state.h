/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The running windows of a sensor in a file, so that the end of a process loses nothing
 *        and a kill no more than what came since it was written.
 *
 * The key of the hashes is in it, so that the samples go on as they were: whoever can read the
 * file could aim at slots of the tables, which is why it has mode 0600.
 */
#pragma once

#include "common/state_file.h"
#include "sensor/sensor.h"

/*!
 * Writes the current windows and the next ones. Beside the hooks; owner only.
 *
 * \param scope  Kept with them, and compared when they are read.
 *
 * \return STATUS_OK, STATUS_SYSTEM or STATUS_NO_MEMORY; the file that was there is then as it was.
 */
status_t sensor_save(const sensor_t *sensor, const char *path, const char *scope,
                     failure_t *failure);

/*!
 * Makes a sensor with the windows of a file. A window that is over by now is current
 * nevertheless: the owner closes it as any other.
 *
 * \param options  Settings; the key is replaced by that of the file. Threads may differ.
 * \param now      Moment for the windows after those of the file.
 * \param sensor   Out.
 * \param absent   Out: there is no file, which is STATUS_SYSTEM as well.
 *
 * \return STATUS_OK; STATUS_UNSUPPORTED if the file is of another kind, version, machine, scope
 *         or of other settings; STATUS_BAD_DATA if it is damaged; STATUS_SYSTEM,
 *         STATUS_NO_MEMORY.
 */
status_t sensor_restore(const char *path, const char *scope, const sensor_options_t *options,
                        uint64_t now, sensor_t **sensor, bool *absent, failure_t *failure);
