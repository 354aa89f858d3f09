/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief A bound on the memory of commands that hold a whole file.
 */
#pragma once

/*!
 * Bounds the memory of the process to what it has and what is free now, swap included: an
 * allocation beyond that fails, and the command ends with a sentence. Without the bound
 * the kernel promises more than there is and later ends a process of its choice.
 *
 * Does nothing where /proc does not tell these figures, or a lower bound is set already.
 */
void memory_bound(void);
