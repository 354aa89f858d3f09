/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of the module's section. */
#include "module/settings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

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

sensor_options_t settings_sensor(const settings_t *settings, unsigned threads, hash_key_t key)
{
	return (sensor_options_t) {
		.window_length = { settings->window[FAMILY_IPV4], settings->window[FAMILY_IPV6] },
		.window = {
			.period = settings->period,
			.dedup = settings->dedup,
			.sample_size = settings->sample_size,
			.memory = WINDOW_MEMORY_DEFAULT,
			.originators_max = WINDOW_ORIGINATORS_DEFAULT,
			.queriers_max = WINDOW_QUERIERS_DEFAULT,
			.threads = threads,
			.key = key,
		},
	};
}

bool settings_same_sensor(const settings_t *a, const settings_t *b)
{
	return memcmp(a->window, b->window, sizeof(a->window)) == 0 && a->period == b->period &&
	       a->dedup == b->dedup && a->sample_size == b->sample_size;
}
