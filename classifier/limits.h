/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Bounds that learning keeps and that reading a model file enforces.
 *
 * They stand in one place because they are one contract: what a dataset lets
 * in, a model can carry, and what a model carries, the loader accepts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*! Most features; as many columns as a CSV file may have. */
#define MODEL_FEATURES_MAX 4096

/*! Most classes. A column with more is no label but a number. */
#define MODEL_CLASSES_MAX 1024

/*! Most trees of a forest. */
#define MODEL_TREES_MAX 100000

/*! Most training parameters that a model file may name. */
#define MODEL_PARAMETERS_MAX 64

/*! Longest name of a feature or class, key or value of a parameter, in bytes. */
#define MODEL_NAME_MAX 255

/*! Largest model file in bytes: 1 GiB. */
#define MODEL_SIZE_MAX (UINT64_C(1) << 30)

/*! Deepest leaf of a tree (the root has depth 0): bounds the walk that a hostile file can cause. */
#define TREE_DEPTH_MAX 1024

/*! Most rows to learn from: sums of squared counts then stay below 2^63. */
#define DATASET_ROWS_MAX INT32_MAX

/*!
 * Tells whether a text may be the name of a feature or class: 1 to MODEL_NAME_MAX
 * bytes, none of them a control character, for names go into logs and tables.
 *
 * \param text  \a size bytes, need not end with zero.
 */
static inline bool model_name_is_valid(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)text[i];
		if (byte < 0x20 || byte == 0x7f) {
			return false;
		}
	}
	return size >= 1 && size <= MODEL_NAME_MAX;
}
