/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The naive twin of reverse_name_parse(): by text and regular expressions.
 *
 * Slow, and written from the definitions and not from the parser, so that the
 * two do not share their errors.
 */
#pragma once

#include "common/reverse_name.h"

/*! As reverse_name_parse(). Not thread-safe. */
reverse_name_t reverse_reference(const uint8_t *wire, size_t size);
