/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Decompression by the libraries alone, as a bound for readers of compressed files.
 */
#pragma once

#include <stdint.h>

#include "tests/unit/compressed.h"

/*! Decompresses a file of one piece in blocks and throws the bytes away; returns how many. */
uint64_t decompress_alone(compressed_t kind, const char *path);
