/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What a fuzz target defines, and how it says that an invariant is broken.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/*!
 * The target: feeds one input to the code under test.
 *
 * \param data  \a size bytes, in an allocation of exactly that size; never NULL.
 *
 * \return 0. A broken invariant ends the program through fuzz_require().
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*! An invariant; as assert(), but always compiled in. */
#define fuzz_require(condition) do { \
	if (!(condition)) { \
		fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
		abort(); \
	} \
} while (0)
