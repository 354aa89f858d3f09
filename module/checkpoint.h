/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The file beside the store in which the running windows are kept.
 */
#pragma once

#include "module/settings.h"

/*!
 * Its path: "checkpoint" in the folder of the store, for a zone with its name behind a point;
 * what is no letter, digit, '-', '_' or '.' in the name becomes '%' and two hexadecimal digits.
 *
 * \param scope  Zone in text, or "".
 *
 * \return To be freed; NULL if memory is short.
 */
char *checkpoint_path(const char *storage, const char *scope);

/*!
 * Makes a sensor of the checkpoint if there is one that fits, else a new one.
 *
 * \param options  Of the sensor; the key of the hashes is that of the checkpoint, if it is taken.
 * \param sensor   Out; NULL if memory is short.
 * \param failure  Out, if a file is there and is not taken.
 *
 * \return STATUS_OK; what sensor_restore() says if there is a file that is not taken: the sensor
 *         is then a new one.
 */
status_t checkpoint_resume(const settings_t *settings, const char *scope,
                           const sensor_options_t *options, uint64_t now, sensor_t **sensor,
                           failure_t *failure);
