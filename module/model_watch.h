/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The model in use: loaded when its file appears or changes, kept when the new one is bad.
 */
#pragma once

#include "classifier/model.h"
#include "common/file_watch.h"
#include "sensor/feature.h"

/*! State of the watch. Start with zeroes; one thread only. */
typedef struct {
	file_watch_t file;           /*!< Without a path no model is wanted. */
	model_t *model;              /*!< NULL: none is loaded. */
	size_t columns[FEATURES];    /*!< For model_predict(). */
	size_t scan;                 /*!< Index of the class scan. */
} model_watch_t;

/*! What a look at the file brought. */
typedef enum {
	MODEL_SAME,    /*!< Nothing new. */
	MODEL_LOADED,  /*!< A new model is in use. */
	MODEL_REFUSED, /*!< The file is new and bad, or gone; the failure says why. The old model stays. */
} model_look_t;

/*!
 * Sets the path. Another path than before drops nothing yet: the old model stays
 * until the new file is good. NULL drops the model.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t model_watch_path(model_watch_t *watch, const char *path);

/*! Looks whether the file has changed, and loads it. Costs one stat() when it has not. */
model_look_t model_watch_look(model_watch_t *watch, failure_t *failure);

/*! Frees all. */
void model_watch_clear(model_watch_t *watch);
