/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/querier_choice.h"

#include "simulator/draw.h"

#define TRIES 8
#define IPV6_TRIES 24

/* Share of the lookups of an IPv6 originator that are by queriers with IPv6, if any turns up. */
#define IPV6_PREFERENCE 0.6

static bool pick(generator_t *generator, querier_run_t run, uint32_t *querier)
{
	if (run.first == run.end) {
		return false;
	}
	*querier = run.first + (uint32_t)generator_below(generator, run.end - run.first);
	return true;
}

/* A querier of that kind out of the originator's own region, if there is one. */
static bool pick_near(const world_t *world, const profile_t *profile, generator_t *generator,
                      querier_kind_t kind, uint32_t *querier)
{
	if (profile->network_count > 0) {
		uint64_t at = generator_below(generator, profile->network_count);
		unsigned network = profile->networks[at];
		if (pick(generator, world_queriers(world, kind, network, network + 1), querier)) {
			return true;
		}
	}
	unsigned first, end;
	uint64_t at = generator_below(generator, profile->country_count);
	world_country_networks(world, profile->countries[at], &first, &end);
	return pick(generator, world_queriers(world, kind, first, end), querier);
}

static uint32_t draw_querier(const world_t *world, const profile_t *profile,
                             generator_t *generator)
{
	querier_kind_t kind = (querier_kind_t)draw_choice(generator, profile->kinds, KINDS);
	uint32_t querier = 0;
	if (generator_uniform(generator) < profile->near &&
	    pick_near(world, profile, generator, kind, &querier)) {
		return querier;
	}
	if (generator_uniform(generator) < profile->even) {
		for (unsigned i = 0; i < TRIES; i++) {
			unsigned network = (unsigned)generator_below(generator, WORLD_NETWORKS);
			if (pick(generator, world_queriers(world, kind, network, network + 1), &querier)) {
				return querier;
			}
		}
	}
	/* There are queriers of every kind in the world. */
	(void)pick(generator, world_queriers(world, kind, 0, WORLD_NETWORKS), &querier);
	return querier;
}

uint32_t querier_choose(const world_t *world, const profile_t *profile, bool ipv6,
                        generator_t *generator)
{
	bool over_ipv6 = ipv6 && generator_uniform(generator) < IPV6_PREFERENCE;
	uint32_t querier = draw_querier(world, profile, generator);
	for (unsigned i = 0; over_ipv6 && i < IPV6_TRIES; i++) {
		if (!address_is_ipv4(&world_querier(world, querier)->address)) {
			break;
		}
		querier = draw_querier(world, profile, generator);
	}
	return querier;
}
