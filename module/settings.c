/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of the module's section. */
#include "module/settings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/network_map.h"

/* The strings, which are owned. */
static const size_t strings[] = {
	offsetof(settings_t, storage), offsetof(settings_t, model), offsetof(settings_t, as_db),
	offsetof(settings_t, country_db), offsetof(settings_t, as_path),
	offsetof(settings_t, country_path),
};

#define STRINGS (sizeof(strings) / sizeof(strings[0]))

static char **string_of(settings_t *settings, size_t index)
{
	return (char **)((char *)settings + strings[index]);
}

status_t settings_copy(settings_t *to, const settings_t *from)
{
	bool good = true;
	*to = *from;
	for (size_t i = 0; i < STRINGS; i++) {
		char **string = string_of(to, i);
		if (*string != NULL) {
			*string = strdup(*string);
			good = good && *string != NULL;
		}
	}
	if (!good) {
		settings_clear(to);
		return STATUS_NO_MEMORY;
	}
	return STATUS_OK;
}

void settings_clear(settings_t *settings)
{
	for (size_t i = 0; i < STRINGS; i++) {
		free(*string_of(settings, i));
	}
	*settings = (settings_t) { 0 };
}

bool settings_share(const char *text, double *share)
{
	/* By hand: strtod() goes by the locale, and takes more. */
	double value = text[0] - '0', unit = 1;
	if (text[0] != '0' && text[0] != '1') {
		return false;
	}
	const char *digit = text + 1;
	if (*digit == '.' && digit[1] != '\0') {
		for (digit++; *digit >= '0' && *digit <= '9'; digit++) {
			unit *= 10;
			value = value * 10 + (*digit - '0');
		}
	}
	value /= unit;
	if (*digit != '\0' || value > 1 || unit > 1e15) {
		return false;
	}
	*share = value;
	return true;
}

bool settings_fit(const settings_t *settings)
{
	for (family_t family = 0; family < FAMILIES; family++) {
		uint64_t window = settings->window[family];
		if (window % settings->period != 0 || window / settings->period > WINDOW_PERIODS_MAX) {
			return false;
		}
	}
	return true;
}

/* Whether originators with one querier are judged, too: then they need records. */
static bool wants_all_records(const settings_t *settings)
{
	return settings->min_queriers[FAMILY_IPV4] == 1 || settings->min_queriers[FAMILY_IPV6] == 1;
}

/* A directory that has just grown, the table that it grew out of, and the directory before. */
#define DIRECTORY_ENTRY_SIZE 240

/* Features, verdict, probabilities of the classes, and what the store keeps until it is written. */
#define ROW_SIZE 1024

size_t settings_directory_max(const settings_t *settings)
{
	return settings->memory_max / 8 / DIRECTORY_ENTRY_SIZE;
}

size_t settings_networks_max(const settings_t *settings)
{
	return settings->memory_max / 16 / NETWORK_ENTRY_SIZE;
}

size_t settings_rows_max(const settings_t *settings)
{
	return settings->memory_max / 8 / ROW_SIZE;
}

sensor_options_t settings_sensor(const settings_t *settings, unsigned threads, hash_key_t key)
{
	return (sensor_options_t) {
		.window_length = { settings->window[FAMILY_IPV4], settings->window[FAMILY_IPV6] },
		/* The rest is for passes: what is known of queriers, and rows of features. */
		.memory = settings->memory_max / 4 * 3,
		.window = {
			.period = settings->period,
			.dedup = settings->dedup,
			.sample_size = settings->sample_size,
			.fan_out_max = settings->fan_out_max,
			.record_at_once = wants_all_records(settings),
			.threads = threads,
			.key = key,
		},
	};
}

bool settings_same_sensor(const settings_t *a, const settings_t *b)
{
	return memcmp(a->window, b->window, sizeof(a->window)) == 0 && a->period == b->period &&
	       a->dedup == b->dedup && a->sample_size == b->sample_size &&
	       a->fan_out_max == b->fan_out_max && a->memory_max == b->memory_max &&
	       wants_all_records(a) == wants_all_records(b);
}
