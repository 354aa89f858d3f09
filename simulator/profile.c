/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One originator out of its class.
 *
 * All that varies between originators of a class, and by how much, stands
 * here. The widths are ours: they make the classes overlap, so that a
 * classifier has something to do.
 */
#include "simulator/draw.h"
#include "simulator/population.h"
#include "simulator/stream.h"

/* Share of the queriers that have nothing to do with the class (loggers, the curious,
 * resolvers that many kinds of clients share): uniform in this range. */
#define NOISE_MIN 0.05
#define NOISE_MAX 0.28

/* Most distinct queriers of a day. */
#define QUERIERS_MAX 4000.0

/* IPv6 originators have fewer queriers (Fukuda and Heidemann, IMC 2018); the factor is ours. */
#define IPV6_QUERIERS 0.6

static void make_kinds(generator_t *generator, const class_info_t *info, profile_t *profile)
{
	double own[KINDS], all = 0, sum = 0;
	draw_dirichlet(generator, info->kinds, KINDS, info->concentration, own);
	for (int i = 0; i < KINDS; i++) {
		all += querier_kinds[i].count;
	}
	double noise = NOISE_MIN + (NOISE_MAX - NOISE_MIN) * generator_uniform(generator);
	for (int i = 0; i < KINDS; i++) {
		profile->kinds[i] = sum += (1 - noise) * own[i] + noise * querier_kinds[i].count / all;
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
	if (info->near_networks == 0) {
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

void profile_make(const world_t *world, uint64_t seed, const originator_t *originator,
                  profile_t *profile)
{
	const class_info_t *info = &class_table[originator->class_id];
	generator_t generator = stream_make(seed, STREAM_PROFILE, 0, originator->serial);
	make_kinds(&generator, info, profile);
	make_region(&generator, world, info, originator->network, profile);
	profile->queriers = draw_log_normal(&generator, info->queriers, info->queriers_sigma);
	if (!address_is_ipv4(&originator->address)) {
		profile->queriers *= IPV6_QUERIERS;
	}
	if (profile->queriers > QUERIERS_MAX) {
		profile->queriers = QUERIERS_MAX;
	}
	profile->queries = 1 + draw_log_normal(&generator, info->queries - 1, 0.5);
	profile->bursty = draw_share(&generator, info->bursty, info->bursty > 0 ? 0.25 : 0);
	profile->bursts = draw_log_normal(&generator, info->bursts, 0.5);
	profile->burst_minutes = draw_log_normal(&generator, info->burst_minutes, 0.6);
	profile->diurnal = draw_share(&generator, info->diurnal, 0.15);
	profile->even = draw_share(&generator, info->even, 0.15);
	profile->near = draw_share(&generator, info->near, 0.15);
	profile->returning = draw_share(&generator, info->returning, 0.1);
	/* Afternoon at home, wherever that is. */
	profile->noon = (profile->countries[0] * 7u + 5) % 24;
}
