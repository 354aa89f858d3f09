/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/drift.h"

#include <math.h>
#include <stdlib.h>

#include "simulator/draw.h"
#include "simulator/stream.h"

typedef double offsets_t[CLASSES * KINDS];

struct drift {
	const parameters_t *parameters;
	uint64_t seed;
	offsets_t *days;   /* of the logarithms, in deviations */
	unsigned count;
};

/* One step from the day before, of which `kept` stays; from nothing on day 0. */
static void step(drift_t *drift, double kept)
{
	generator_t generator = stream_make(drift->seed, STREAM_DRIFT, drift->count, 0);
	double fresh = sqrt(1 - kept * kept);
	for (int i = 0; i < CLASSES * KINDS; i++) {
		double before = drift->count > 0 ? drift->days[drift->count - 1][i] : 0;
		drift->days[drift->count][i] = kept * before + fresh * draw_normal(&generator);
	}
	drift->count++;
}

drift_t *drift_create(uint64_t seed, const parameters_t *parameters)
{
	drift_t *drift = calloc(1, sizeof(*drift));
	if (drift == NULL || (drift->days = calloc(1, sizeof(*drift->days))) == NULL) {
		free(drift);
		return NULL;
	}
	drift->parameters = parameters;
	drift->seed = seed;
	step(drift, 0);
	return drift;
}

void drift_destroy(drift_t *drift)
{
	if (drift != NULL) {
		free(drift->days);
		free(drift);
	}
}

status_t drift_next_day(drift_t *drift, failure_t *failure)
{
	offsets_t *days = realloc(drift->days, (drift->count + 1) * sizeof(*days));
	if (days == NULL) {
		return failure_no_memory(failure, "the drift of the classes");
	}
	drift->days = days;
	step(drift, draw_exp(-1 / drift->parameters->originators.drift_days));
	return STATUS_OK;
}

void drift_mixture(const drift_t *drift, class_id_t class_id, unsigned day, double *kinds)
{
	const class_info_t *info = &drift->parameters->classes[class_id];
	double deviation = info->drift * drift->parameters->originators.drift_sigma;
	for (int i = 0; i < KINDS; i++) {
		kinds[i] = info->kinds[i] * draw_exp(deviation * drift->days[day][class_id * KINDS + i]);
	}
}
