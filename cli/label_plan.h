/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What a run of `backscatter label` is, as text: a run with another text is another one.
 */
#pragma once

#include "capture/capture_list.h"
#include "cli/label_options.h"

/*!
 * Makes the lines: the version, every option that changes the outputs, each list and each
 * capture with size and time of its last change.
 *
 * \param list  The captures in the order in which they are read.
 * \param plan  Out: text, to be freed.
 *
 * \return STATUS_OK; STATUS_UNSUPPORTED for a capture that cannot be read a second time, as
 *         a pipe; STATUS_SYSTEM with the path; STATUS_NO_MEMORY.
 */
status_t label_plan_make(const label_options_t *options, const capture_list_t *list, char **plan,
                         failure_t *failure);
