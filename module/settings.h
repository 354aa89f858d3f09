/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The values of one configuration section of the module.
 */
#pragma once

#include "sensor/sensor.h"

/*! The values of one section. Strings are owned. */
typedef struct {
	char *storage;
	char *model;                      /*!< NULL: none. */
	char *as_db, *country_db;         /*!< Files of networks; NULL: none. */
	char *as_path, *country_path;     /*!< Where the value stands in them; NULL: the usual place. */
	uint64_t window[FAMILIES];        /*!< Microseconds, as all times here. */
	uint64_t period;
	uint64_t interval;
	uint64_t checkpoint;              /*!< Between two; 0: none is written or taken up. */
	uint64_t dedup;
	uint32_t min_queriers[FAMILIES];
	uint32_t sample_size;
	uint32_t fan_out_max;             /*!< 0: no limit. */
	uint64_t memory_max;              /*!< Bytes, for all that the sensor and its passes take. */
	bool prefix64;                    /*!< IPv6 observations count for the /64, too. */
	double min_verified;              /*!< Share of queriers below which a verdict is held back. */
	double min_known;                 /*!< Share of names below which a verdict is marked. */
} settings_t;

/*! Least and usual memory_max. */
#define SETTINGS_MEMORY_MIN     ((uint64_t)64 << 20)
#define SETTINGS_MEMORY_DEFAULT ((uint64_t)1 << 30)

/*! Copies; \a to is overwritten. \return STATUS_OK or STATUS_NO_MEMORY (\a to is then empty). */
status_t settings_copy(settings_t *to, const settings_t *from);

/*! Frees the strings. */
void settings_clear(settings_t *settings);

/*! Reads a share: "0", "1" or decimals between them as "0.7". \return false if it is none. */
bool settings_share(const char *text, double *share);

/*! Whether each window is a multiple of the period, with at most WINDOW_PERIODS_MAX of them. */
bool settings_fit(const settings_t *settings);

/*!
 * Of memory_max a quarter is not for the sensor's windows: half of it for what is known of
 * queriers, half for the rows of one pass.
 *
 * \return Most entries of the directory of queriers.
 */
size_t settings_directory_max(const settings_t *settings);

/*!
 * Most entries of a file of networks. They are not in memory_max, but each file may take a
 * sixteenth of it besides.
 */
size_t settings_networks_max(const settings_t *settings);

/*! Most analyzable originators of one pass; see settings_directory_max(). */
size_t settings_rows_max(const settings_t *settings);

/*! Options of a sensor after these settings. \a threads is the number of knotd's workers. */
sensor_options_t settings_sensor(const settings_t *settings, unsigned threads, hash_key_t key);

/*! Whether a sensor made for one of them serves the other too. */
bool settings_same_sensor(const settings_t *a, const settings_t *b);
