/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Numbers of link types as they stand in packet files, and their names.
 *
 * The registry is LINKTYPE_* at tcpdump.org/linktypes.html.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "capture/capture.h"

/*!
 * Finds what frames of a link type begin with.
 *
 * \param number  As in the file.
 * \param link    Out; LINK_OTHER if the type is not supported.
 *
 * \return false if it is not. Thread-safe.
 */
bool link_type_find(uint32_t number, link_type_t *link);

/*! Name of a number without "LINKTYPE_", "without a name" for one that is not known. */
const char *link_type_name(uint32_t number);
