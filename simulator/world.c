/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The making of the world.
 *
 * Sizes of ASes and numbers of ASes per country follow Zipf's law, as measured
 * sizes do roughly; the exponents are ours. A country has its own few IPv4 /8s
 * to take /16s from, so that queriers of one country have a low entropy over
 * /8s (the global entropy of the papers) and queriers of the whole world a high
 * one. First octets with special-purpose blocks (RFC 6890) are left out whole.
 */
#include "simulator/world.h"

#include <stdlib.h>

#include "simulator/address_set.h"
#include "simulator/draw.h"
#include "simulator/stream.h"

#define COUNTRY_EXPONENT (-0.9)
#define SIZE_EXPONENT (-0.75)
#define AS_NUMBER_FIRST 4200000000u
#define OCTETS_MAX 16

/* Most frequent first; which countries these are means nothing but their number. */
static const char *const countries[] = {
	"US", "CN", "JP", "DE", "BR", "GB", "FR", "KR", "RU", "IN", "IT", "CA", "ES", "NL", "PL", "AU",
	"TW", "TR", "UA", "SE", "VN", "ID", "TH", "AR", "ZA", "CZ", "RO", "CH", "BE", "AT", "GR", "PT",
	"HU", "DK", "FI", "NO", "CL", "CO", "MY", "SG", "HK", "IL", "IR", "BG", "SK", "IE", "NZ", "EG",
	"KZ", "PK",
};

#define COUNTRIES (sizeof(countries) / sizeof(countries[0]))

struct world {
	const parameters_t *parameters;
	network_t networks[WORLD_NETWORKS];
	unsigned country_end[COUNTRIES];          /* index behind the last AS of a country */
	uint8_t octets[COUNTRIES][OCTETS_MAX];    /* the /8s of a country */
	unsigned octet_count[COUNTRIES];
	uint32_t run_end[KINDS * WORLD_NETWORKS]; /* index behind the last querier of kind and AS */
	querier_t *queriers;
	size_t querier_count;
	uint8_t block_taken[1 << 16];
	address_set_t *addresses;
};

static bool octet_usable(unsigned octet)
{
	switch (octet) {
	case 0: case 10: case 100: case 127: case 169: case 172: case 192: case 198: case 203:
		return false;
	default:
		return octet < 224;
	}
}

static uint8_t draw_octet(generator_t *generator)
{
	unsigned octet;
	do {
		octet = (unsigned)generator_below(generator, 224);
	} while (!octet_usable(octet));
	return (uint8_t)octet;
}

static void make_countries(world_t *world, generator_t *generator)
{
	double cumulative[COUNTRIES], sum = 0;
	for (unsigned i = 0; i < COUNTRIES; i++) {
		double weight = draw_power(i + 1, COUNTRY_EXPONENT);
		cumulative[i] = sum += weight;
		world->octet_count[i] = 2 + (unsigned)(weight * (OCTETS_MAX - 2));
		for (unsigned j = 0; j < world->octet_count[i]; j++) {
			world->octets[i][j] = draw_octet(generator);
		}
	}
	unsigned counts[COUNTRIES] = { 0 }, end = 0;
	for (unsigned i = 0; i < WORLD_NETWORKS; i++) {
		counts[draw_choice(generator, cumulative, COUNTRIES)]++;
	}
	for (unsigned i = 0; i < COUNTRIES; i++) {
		for (unsigned j = end; j < end + counts[i]; j++) {
			world->networks[j].country = (uint16_t)i;
		}
		world->country_end[i] = end += counts[i];
	}
}

/* Takes free /16s out of the /8s of the country, or anywhere once these are full. */
static void take_blocks(world_t *world, generator_t *generator, network_t *network)
{
	const uint8_t *octets = world->octets[network->country];
	unsigned octet_count = world->octet_count[network->country];
	for (unsigned i = 0; i < network->block_count; i++) {
		unsigned block, tries = 0;
		do {
			uint8_t octet = tries++ < 64 ? octets[generator_below(generator, octet_count)] :
			                draw_octet(generator);
			block = (unsigned)octet << 8 | (unsigned)generator_below(generator, 256);
		} while (world->block_taken[block]);
		world->block_taken[block] = 1;
		network->blocks[i][0] = (uint8_t)(block >> 8);
		network->blocks[i][1] = (uint8_t)block;
	}
}

static void make_networks(world_t *world, generator_t *generator)
{
	/* The /12s that the regional registries give out of; which country has which is ours. */
	static const uint8_t regions[][2] = {
		{ 0x26, 0x00 }, { 0x24, 0x00 }, { 0x2a, 0x00 }, { 0x28, 0x00 }, { 0x2a, 0x02 },
	};
	double cumulative[NETWORKS], sum = 0;
	for (unsigned i = 0; i < NETWORKS; i++) {
		cumulative[i] = sum += network_shares[i];
	}
	for (unsigned i = 0; i < WORLD_NETWORKS; i++) {
		network_t *network = &world->networks[i];
		/* One AS at least of each type, so that every kind of querier has a place. */
		network->type = i < NETWORKS ? (uint8_t)i :
		                (uint8_t)draw_choice(generator, cumulative, NETWORKS);
		network->number = AS_NUMBER_FIRST + i;
		uint64_t rank = 1 + generator_below(generator, WORLD_NETWORKS);
		network->size = draw_power((double)rank, SIZE_EXPONENT);
		network->block_count = 1 + (uint8_t)(network->size * (NETWORK_BLOCKS_MAX - 1));
		take_blocks(world, generator, network);
		const uint8_t *region = regions[network->country % 5];
		network->ipv6[0] = region[0];
		network->ipv6[1] = region[1];
		/* An odd factor makes every AS another /32. */
		unsigned low = (i * 40503u + 4096) & 0xffff;
		network->ipv6[2] = (uint8_t)(low >> 8);
		network->ipv6[3] = (uint8_t)low;
	}
}

static uint8_t draw_habits(const resolver_parameters_t *shares, generator_t *generator)
{
	const struct { uint8_t habit; double share; } habits[] = {
		{ QUERIER_MINIMISES, shares->minimises }, { QUERIER_MIXED_CASE, shares->mixed_case },
		{ QUERIER_EDNS, shares->edns }, { QUERIER_FORGETS, shares->forgets },
		{ QUERIER_NAME_UNKNOWN, shares->name_unknown },
		{ QUERIER_VALIDATES, shares->validates }, { QUERIER_STOPS, shares->stops },
	};
	uint8_t all = 0;
	for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++) {
		if (generator_uniform(generator) < habits[i].share) {
			all |= habits[i].habit;
		}
	}
	return all;
}

/* Counts how many queriers of a kind fall to each AS, and makes run_end of it. */
static void place_kind(world_t *world, generator_t *generator, querier_kind_t kind, uint32_t *end)
{
	const kind_parameters_t *info = &world->parameters->kinds[kind];
	double cumulative[WORLD_NETWORKS], sum = 0;
	uint32_t counts[WORLD_NETWORKS] = { 0 };
	for (unsigned i = 0; i < WORLD_NETWORKS; i++) {
		const network_t *network = &world->networks[i];
		cumulative[i] = sum += network->size * info->networks[network->type];
	}
	for (unsigned i = 0; i < (unsigned)info->count; i++) {
		counts[draw_choice(generator, cumulative, WORLD_NETWORKS)]++;
	}
	for (unsigned i = 0; i < WORLD_NETWORKS; i++) {
		world->run_end[kind * WORLD_NETWORKS + i] = *end += counts[i];
	}
}

static status_t fill_kind(world_t *world, generator_t *generator, querier_kind_t kind,
                          failure_t *failure)
{
	const kind_parameters_t *info = &world->parameters->kinds[kind];
	for (unsigned network = 0; network < WORLD_NETWORKS; network++) {
		querier_run_t run = world_queriers(world, kind, network, network + 1);
		for (uint32_t i = run.first; i < run.end; i++) {
			querier_t *querier = &world->queriers[i];
			querier->network = (uint16_t)network;
			querier->kind = (uint8_t)kind;
			querier->habits = draw_habits(&world->parameters->resolvers, generator);
			bool ipv6 = generator_uniform(generator) < info->ipv6_share;
			status_t status = world_address(world, generator, network, ipv6, info->scattered > 0.5,
			                                &querier->address, failure);
			if (status != STATUS_OK) {
				return status;
			}
		}
	}
	return STATUS_OK;
}

static status_t make_queriers(world_t *world, generator_t *generator, failure_t *failure)
{
	uint32_t end = 0;
	for (querier_kind_t kind = 0; kind < KINDS; kind++) {
		place_kind(world, generator, kind, &end);
	}
	world->queriers = calloc(end, sizeof(*world->queriers));
	world->addresses = address_set_create();
	if (world->queriers == NULL || world->addresses == NULL) {
		return failure_no_memory(failure, "the queriers of the simulation");
	}
	world->querier_count = end;
	for (querier_kind_t kind = 0; kind < KINDS; kind++) {
		status_t status = fill_kind(world, generator, kind, failure);
		if (status != STATUS_OK) {
			return status;
		}
	}
	return STATUS_OK;
}

status_t world_create(uint64_t seed, const parameters_t *parameters, world_t **out,
                      failure_t *failure)
{
	world_t *world = calloc(1, sizeof(*world));
	if (world == NULL) {
		return failure_no_memory(failure, "the world of the simulation");
	}
	world->parameters = parameters;
	generator_t generator = stream_make(seed, STREAM_WORLD, 0, 0);
	make_countries(world, &generator);
	make_networks(world, &generator);
	status_t status = make_queriers(world, &generator, failure);
	if (status != STATUS_OK) {
		world_destroy(world);
		return status;
	}
	*out = world;
	return STATUS_OK;
}

void world_destroy(world_t *world)
{
	if (world != NULL) {
		address_set_destroy(world->addresses);
		free(world->queriers);
		free(world);
	}
}

size_t world_querier_count(const world_t *world)
{
	return world->querier_count;
}

const querier_t *world_querier(const world_t *world, uint32_t index)
{
	return &world->queriers[index];
}

uint32_t world_resolver(const world_t *world, uint32_t index)
{
	const querier_t *querier = &world->queriers[index];
	uint32_t caches = (uint32_t)world->parameters->kinds[querier->kind].caches;
	if (caches == 0) {
		return index;
	}
	unsigned network = querier->network;
	querier_run_t run = world_queriers(world, querier->kind, network, network + 1);
	return run.first + (index - run.first) % caches;
}

const parameters_t *world_parameters(const world_t *world)
{
	return world->parameters;
}

char *world_querier_name(const world_t *world, uint32_t index, char name[QUERIER_NAME_MAX])
{
	const querier_t *querier = &world->queriers[index];
	unsigned network = querier->network;
	if (querier->habits & QUERIER_NAME_UNKNOWN) {
		name[0] = '\0';
		return name;
	}
	uint32_t first = world_queriers(world, querier->kind, network, network + 1).first;
	return querier_name(querier->kind, world->networks[network].type, network, index - first + 1,
	                    &querier->address, name);
}

const network_t *world_network(const world_t *world, unsigned index)
{
	return &world->networks[index];
}

unsigned world_country_count(void)
{
	return COUNTRIES;
}

const char *world_country_code(unsigned country)
{
	return countries[country];
}

void world_country_networks(const world_t *world, unsigned country, unsigned *first,
                            unsigned *end)
{
	*first = country > 0 ? world->country_end[country - 1] : 0;
	*end = world->country_end[country];
}

querier_run_t world_queriers(const world_t *world, querier_kind_t kind, unsigned first,
                             unsigned end)
{
	/* The run of a kind begins where that of the kind before it ends. */
	size_t row = (size_t)kind * WORLD_NETWORKS;
	querier_run_t run = { 0, 0 };
	if (first < end) {
		run.first = row + first > 0 ? world->run_end[row + first - 1] : 0;
		run.end = world->run_end[row + end - 1];
	}
	return run;
}

unsigned world_pick_network(const world_t *world, generator_t *generator,
                            const double weights[NETWORKS])
{
	double cumulative[WORLD_NETWORKS], sum = 0;
	for (unsigned i = 0; i < WORLD_NETWORKS; i++) {
		cumulative[i] = sum += world->networks[i].size * weights[world->networks[i].type];
	}
	return (unsigned)draw_choice(generator, cumulative, WORLD_NETWORKS);
}

static address_t draw_ipv4(const network_t *network, generator_t *generator, bool scattered)
{
	const uint8_t *block = network->blocks[generator_below(generator, network->block_count)];
	/* Servers stand in 2 to 34 /24s of the first /16, the more the larger the AS. */
	unsigned server_nets = 2 + (unsigned)(network->size * 32);
	unsigned third = scattered ? (unsigned)generator_below(generator, 256) :
	                 (unsigned)generator_below(generator, server_nets) * 7 % 256;
	block = scattered ? block : network->blocks[0];
	uint8_t octets[4] = {
		block[0], block[1], (uint8_t)third, (uint8_t)(1 + generator_below(generator, 254)),
	};
	return address_from_ipv4(octets);
}

static address_t draw_ipv6(const network_t *network, generator_t *generator, bool scattered)
{
	uint8_t bytes[16] = { 0 };
	memcpy(bytes, network->ipv6, 4);
	uint64_t low = generator_next(generator);
	/* A home has a /48 of its own and a random identifier, a server a low number. */
	bytes[4] = scattered ? (uint8_t)(1 + generator_below(generator, 255)) : 0;
	bytes[5] = (uint8_t)generator_below(generator, scattered ? 256 : 4);
	bytes[7] = (uint8_t)generator_below(generator, scattered ? 4 : 64);
	for (unsigned i = scattered ? 8 : 14; i < 16; i++) {
		bytes[i] = (uint8_t)(low >> (8 * (i - 8)));
	}
	return address_from_ipv6(bytes);
}

status_t world_address(world_t *world, generator_t *generator, unsigned network, bool ipv6,
                       bool scattered, address_t *address, failure_t *failure)
{
	const network_t *owner = &world->networks[network];
	for (unsigned tries = 0; tries < 4096; tries++) {
		/* Where the servers' /24s are full, the rest of the AS takes them. */
		bool anywhere = scattered || tries >= 32;
		*address = ipv6 ? draw_ipv6(owner, generator, anywhere) :
		                  draw_ipv4(owner, generator, anywhere);
		bool added;
		status_t status = address_set_add(world->addresses, address, &added, failure);
		if (status != STATUS_OK || added) {
			return status;
		}
	}
	return failure_set(failure, STATUS_NO_MEMORY, "AS %u of the simulation has no free address",
	                   owner->number);
}
