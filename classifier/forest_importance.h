/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief How much each feature did for a forest; for classifier/ only.
 */
#pragma once

#include "common/failure.h"

/*!
 * Reckons the Gini importance of each feature from the trees themselves.
 *
 * \param forest      A forest_t. (A void pointer: this is an entry of the learners' table.)
 * \param importance  Out: a share for each of the forest's features; they sum to 1, or are
 *                    all zero if no split made anything purer.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t forest_importance(const void *forest, double *importance);
