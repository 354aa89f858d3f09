/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One originator out of its class.
 *
 * All that varies between originators of a class, and by how much, stands
 * here. The widths are ours: they make the classes overlap, so that a
 * classifier has something to do.
 */
#include "simulator/profile.h"

#include <math.h>

#include "simulator/draw.h"
#include "simulator/stream.h"

static void make_kinds(generator_t *generator, const population_t *population,
                       const originator_t *originator, profile_t *profile)
{
	const parameters_t *parameters = population_parameters(population);
	double center[KINDS], own[KINDS], all = 0, sum = 0;
	drift_mixture(population_drift(population), originator->class_id, originator->born, center);
	draw_dirichlet(generator, center, KINDS,
	               parameters->classes[originator->class_id].concentration, own);
	for (int i = 0; i < KINDS; i++) {
		all += parameters->kinds[i].count;
	}
	const double *range = parameters->originators.noise;
	double noise = range[0] + (range[1] - range[0]) * generator_uniform(generator);
	for (int i = 0; i < KINDS; i++) {
		profile->kinds[i] = sum += (1 - noise) * own[i] + noise * parameters->kinds[i].count / all;
	}
}

/* Its own country first, then others, large ones more often. */
static void make_region(generator_t *generator, const world_t *world, const class_info_t *info,
                        unsigned network, profile_t *profile)
{
	uint64_t others = draw_poisson(generator, info->near_countries - 1);
	profile->country_count = 1 + (unsigned)(others < PROFILE_COUNTRIES_MAX - 1 ? others :
	                                        PROFILE_COUNTRIES_MAX - 1);
	profile->countries[0] = world_network(world, network)->country;
	for (unsigned i = 1; i < profile->country_count; i++) {
		unsigned other = (unsigned)generator_below(generator, WORLD_NETWORKS);
		profile->countries[i] = world_network(world, other)->country;
	}
	profile->network_count = 0;
	if (info->near_networks < 1) {
		return;
	}
	uint64_t count = 1 + draw_poisson(generator, info->near_networks - 1);
	profile->network_count = count < PROFILE_NETWORKS_MAX ? (unsigned)count : PROFILE_NETWORKS_MAX;
	for (unsigned i = 0; i < profile->network_count; i++) {
		unsigned first, end, country = profile->countries[i % profile->country_count];
		world_country_networks(world, country, &first, &end);
		profile->networks[i] = (uint16_t)(first + generator_below(generator, end - first));
	}
}

static void make_size(generator_t *generator, const parameters_t *parameters,
                      const class_info_t *info, const originator_t *originator,
                      profile_t *profile)
{
	profile->queriers = draw_log_normal(generator, info->queriers, info->queriers_sigma);
	if (originator->species < SPECIES) {
		profile->queriers *= parameters->species[originator->species].queriers;
	}
	if (!address_is_ipv4(&originator->address)) {
		profile->queriers *= parameters->originators.ipv6_queriers;
	}
	if (profile->queriers > parameters->originators.queriers_max) {
		profile->queriers = parameters->originators.queriers_max;
	}
	profile->queries = 1 + draw_log_normal(generator, info->queries - 1, 0.5);
}

static void make_rhythm(generator_t *generator, const parameters_t *parameters,
                        const class_info_t *info, const originator_t *originator,
                        profile_t *profile)
{
	const species_t *species = originator->species < SPECIES ?
	                           &parameters->species[originator->species] : NULL;
	double bursty = species != NULL ? species->bursty : info->bursty;
	double bursts = species != NULL ? species->bursts : info->bursts;
	double minutes = species != NULL ? species->burst_minutes : info->burst_minutes;
	profile->bursty = draw_share(generator, bursty, bursty > 0 ? 0.25 : 0);
	profile->bursts = draw_log_normal(generator, bursts, 0.5);
	profile->burst_minutes = draw_log_normal(generator, minutes, 0.6);
	profile->diurnal = draw_share(generator, info->diurnal, 0.15);
	/* Afternoon at home, wherever that is. */
	profile->noon = (profile->countries[0] * 7u + 5) % 24;
	double hours = species != NULL ? species->regular_hours : 0;
	profile->regular_hours = hours > 0 ? draw_log_normal(generator, hours, 0.5) : 0;
	if (profile->regular_hours > 20) {
		profile->regular_hours = 20;
	}
	profile->regular_begin = (24 - profile->regular_hours) * generator_uniform(generator);
}

void profile_make(const population_t *population, const originator_t *originator,
                  profile_t *profile)
{
	const parameters_t *parameters = population_parameters(population);
	const class_info_t *info = &parameters->classes[originator->class_id];
	generator_t generator =
		stream_make(population_seed(population), STREAM_PROFILE, 0, originator->campaign);
	make_kinds(&generator, population, originator, profile);
	make_region(&generator, population_world(population), info, originator->network, profile);
	make_size(&generator, parameters, info, originator, profile);
	make_rhythm(&generator, parameters, info, originator, profile);
	profile->even = draw_share(&generator, info->even, 0.15);
	profile->near = draw_share(&generator, info->near, 0.15);
	profile->returning = draw_share(&generator, info->returning, 0.1);
}
