/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/zone_path.h"

#include "simulator/draw.h"
#include "simulator/stream.h"

/* Kinds of what is cached, above the number of the thing; below them 36 bits are free. */
#define ITEM(kind, number) ((uint64_t)(kind) << 36 | (number))
enum { ITEM_ZONE = 1, ITEM_NAME = 5, ITEM_GAP = 6 };

/* Keys of zones of IPv6 begin here; the /24s of IPv4 end below. */
#define IPV6_ZONES (UINT64_C(1) << 30)

const char *const height_names[HEIGHTS] = { "root", "/8", "/16", "/24" };

unsigned zone_depth(bool ipv6, height_t height)
{
	static const unsigned depths[2][HEIGHTS] = { { 0, 1, 2, 3 }, { 0, 4, 8, 12 } };
	return depths[ipv6][height];
}

/* The zone at a height above an address. */
static uint64_t zone_number(const originator_t *originator, height_t height)
{
	const uint8_t *bytes = originator->address.bytes;
	if (address_is_ipv4(&originator->address)) {
		uint32_t prefix = (uint32_t)bytes[12] << 16 | (uint32_t)bytes[13] << 8 | bytes[14];
		return prefix >> (8 * (HEIGHT_24 - height));
	}
	if (height == HEIGHT_8) {
		return IPV6_ZONES | bytes[0] << 8 | bytes[1];
	}
	/* An AS has one /32. */
	uint64_t client = height == HEIGHT_24 ? (uint64_t)bytes[4] << 8 | bytes[5] : 0;
	return IPV6_ZONES | (uint64_t)originator->network << 16 | client;
}

static bool draw(generator_t *generator, double share)
{
	return generator_uniform(generator) < share;
}

/* What belongs to a zone is drawn from a stream of its own, so all who ask hear the same. */
static generator_t zone_stream(const population_t *population, height_t height, uint64_t number)
{
	return stream_make(population_seed(population), STREAM_ZONE, height, number);
}

static void make_zones(const population_t *population, const originator_t *originator,
                       zone_path_t *path)
{
	const zone_parameters_t *zones = &population_parameters(population)->zones;
	double sub = 0;
	path->exists[HEIGHT_ROOT] = path->exists[HEIGHT_8] = true;
	path->holder = HEIGHT_8;
	for (height_t height = HEIGHT_8; height < HEIGHTS; height++) {
		uint64_t number = zone_number(originator, height);
		generator_t generator = zone_stream(population, height, number);
		path->items[height] = ITEM(ITEM_ZONE + height, number);
		double kind = generator_uniform(&generator);
		if (height == HEIGHT_16) {
			path->exists[height] = kind < zones->delegated[0];
			bool by_24 = kind < zones->delegated[0] + zones->delegated[1];
			sub = path->exists[height] ? zones->delegated_again : by_24 ? 1 : 0;
		} else if (height == HEIGHT_24) {
			path->exists[height] = kind < sub;
		}
		if (path->exists[height]) {
			path->holder = height;
			path->is_signed = draw(&generator, zones->is_signed[height - HEIGHT_8]);
		}
	}
}

static uint32_t draw_ttl(generator_t *generator, const double *seconds, const double *weights)
{
	double cumulative[ZONE_TTLS], sum = 0;
	for (int i = 0; i < ZONE_TTLS; i++) {
		cumulative[i] = sum += weights[i];
	}
	return (uint32_t)seconds[draw_choice(generator, cumulative, ZONE_TTLS)];
}

void zone_path_make(const population_t *population, const originator_t *originator,
                    zone_path_t *path)
{
	const parameters_t *parameters = population_parameters(population);
	const zone_parameters_t *zones = &parameters->zones;
	*path = (zone_path_t) {
		.originator = (uint32_t)originator->serial, .network = originator->network,
		.ipv6 = !address_is_ipv4(&originator->address),
	};
	make_zones(population, originator, path);
	generator_t generator =
		stream_make(population_seed(population), STREAM_NAME, 0, originator->serial);
	/* Where nothing is delegated there is no name. */
	bool named = draw(&generator, parameters->classes[originator->class_id].named);
	path->named = named && path->holder > HEIGHT_8;
	path->name = ITEM(ITEM_NAME, originator->serial);
	/* The times are the zone's: all its names have the same. */
	uint64_t holder = zone_number(originator, path->holder);
	generator = stream_make(population_seed(population), STREAM_ZONE_TTL, path->holder, holder);
	uint32_t positive = draw_ttl(&generator, zones->ttl, zones->ttl_weights);
	uint32_t negative = draw_ttl(&generator, zones->negative_ttl, zones->negative_ttl_weights);
	path->ttl = path->named ? positive : negative;
	/* A gap between names: a /28 in a zone that has names, the whole /16 where there are none. */
	uint64_t gap = zone_number(originator, HEIGHT_24) << 4 | originator->address.bytes[15] >> 4;
	path->gap = ITEM(ITEM_GAP, path->holder == HEIGHT_8 ? zone_number(originator, HEIGHT_16) :
	                 gap);
}
