/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief A day of a darknet as files: darknet-DAY.pcap, and the truth about it in darknet-DAY.csv.
 */
#pragma once

#include <stdint.h>

#include "common/failure.h"
#include "simulator/darknet.h"
#include "simulator/population.h"

/*!
 * Writes both files.
 *
 * The packets are sorted by time; the columns of the truth are
 * address,activity,tool,protocol,packets, one row for each source that comes.
 *
 * \param folder      Exists.
 * \param population  At that day.
 * \param day         From 1.
 * \param alive       Originators alive on a day.
 * \param packets     Out: how many were written.
 *
 * \return STATUS_OK; STATUS_SYSTEM, and then neither file is new; STATUS_NO_MEMORY.
 */
status_t darknet_output_day(const char *folder, const darknet_t *darknet,
                            const population_t *population, unsigned day, double alive,
                            uint64_t *packets, failure_t *failure);

/*!
 * Removes both files of a day; that there are none is no failure.
 *
 * \return STATUS_OK or STATUS_SYSTEM.
 */
status_t darknet_output_remove(const char *folder, unsigned day, failure_t *failure);
