/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of the module's section. */
#include "module/settings.h"

#include <stdlib.h>
#include <string.h>

status_t settings_copy(settings_t *to, const settings_t *from)
{
	*to = *from;
	to->storage = strdup(from->storage);
	to->model = from->model != NULL ? strdup(from->model) : NULL;
	if (to->storage == NULL || (from->model != NULL && to->model == NULL)) {
		settings_clear(to);
		return STATUS_NO_MEMORY;
	}
	return STATUS_OK;
}

void settings_clear(settings_t *settings)
{
	free(settings->storage);
	free(settings->model);
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
