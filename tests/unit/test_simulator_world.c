/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The world is whole, and the rules of the sensor read the names as they are meant. */
#include "sensor/category.h"
#include "simulator/population.h"
#include "simulator/stream.h"
#include "simulator/world.h"
#include "tests/tap.h"

#define DAY UINT64_C(86400000000)

_Static_assert((int)KINDS == (int)FEATURE_STATIC && (int)KIND_HOME == (int)FEATURE_HOME &&
               (int)KIND_OTHER == (int)FEATURE_OTHER &&
               (int)KIND_NXDOMAIN == (int)FEATURE_NXDOMAIN,
               "kinds of queriers stand in the order of the categories");

static int compare_addresses(const void *a, const void *b)
{
	return address_compare(a, b);
}

static void test_addresses(const world_t *world)
{
	size_t count = world_querier_count(world), doubled = 0, special = 0, ipv6 = 0;
	address_t *all = calloc(count, sizeof(*all));
	tap_require(all != NULL, "memory");
	for (size_t i = 0; i < count; i++) {
		all[i] = world_querier(world, (uint32_t)i)->address;
		if (!address_is_ipv4(&all[i])) {
			ipv6++;
			continue;
		}
		unsigned octet = all[i].bytes[12];
		special += octet == 0 || octet == 10 || octet == 127 || octet == 192 || octet >= 224;
	}
	qsort(all, count, sizeof(*all), compare_addresses);
	for (size_t i = 1; i < count; i++) {
		doubled += address_equal(&all[i - 1], &all[i]);
	}
	free(all);
	is_int(doubled, 0, "no two of %zu queriers share an address", count);
	is_int(special, 0, "none lies in a special-purpose block");
	ok(ipv6 * 20 > count && ipv6 * 4 < count, "between 5 and 25 %% are IPv6 (%zu)", ipv6);
}

static void test_runs(const world_t *world, const parameters_t *parameters)
{
	uint32_t at = 0;
	bool good = true;
	for (querier_kind_t kind = 0; kind < KINDS; kind++) {
		querier_run_t all = world_queriers(world, kind, 0, WORLD_NETWORKS);
		is_int(all.end - all.first, (int)parameters->kinds[kind].count, "queriers of kind %s",
		       kind_names[kind]);
		for (unsigned network = 0; network < WORLD_NETWORKS; network++) {
			querier_run_t run = world_queriers(world, kind, network, network + 1);
			good = good && run.first == at;
			for (; at < run.end; at++) {
				const querier_t *querier = world_querier(world, at);
				good = good && querier->kind == kind && querier->network == network;
			}
		}
	}
	ok(good && at == world_querier_count(world), "runs follow each other and hold what they say");
	unsigned end = 0;
	for (unsigned country = 0; country < world_country_count(); country++) {
		unsigned first;
		unsigned before = end;
		world_country_networks(world, country, &first, &end);
		good = good && first == before;
		for (unsigned network = first; network < end; network++) {
			good = good && world_network(world, network)->country == country;
		}
	}
	ok(good && end == WORLD_NETWORKS, "every AS lies in the run of its country");
}

static void test_names(const world_t *world)
{
	category_rules_t *rules;
	failure_t failure;
	tap_require(category_rules_load(NULL, &rules, &failure) == STATUS_OK, "built-in rules");
	size_t wrong[KINDS] = { 0 }, unknown = 0, count = world_querier_count(world);
	for (uint32_t i = 0; i < count; i++) {
		char name[QUERIER_NAME_MAX];
		const querier_t *querier = world_querier(world, i);
		category_t category =
			category_of_name(rules, world_querier_name(world, i, name), &querier->address);
		unknown += category == CATEGORY_UNKNOWN;
		bool misread = category != CATEGORY_UNKNOWN && category != querier->kind;
		if (misread && wrong[querier->kind]++ == 0) {
			char address[ADDRESS_TEXT_MAX];
			printf("# %s %s is read as %u\n", address_format(&querier->address, address), name,
			       category);
		}
	}
	for (querier_kind_t kind = 0; kind < KINDS; kind++) {
		is_int(wrong[kind], 0, "names of kind %s are read so", kind_names[kind]);
	}
	ok(unknown * 100 > count && unknown * 25 < count,
	   "1 to 4 %% have no known name (%zu)", unknown);
	category_rules_destroy(rules);
}

static void count_alive(const population_t *population, unsigned day, size_t *alive)
{
	uint64_t begin = population_day_begin(population, day), end = begin + DAY;
	memset(alive, 0, (SPECIES + 1) * sizeof(*alive));
	for (size_t i = 0; i < population_count(population); i++) {
		const originator_t *originator = population_look(population, i);
		alive[originator->species] += originator->begin < end && originator->end > begin;
	}
}

/* Benign services are stationary, scanners come and go as their species does. */
static void test_population(world_t *world, const parameters_t *parameters)
{
	population_t *population;
	failure_t failure;
	tap_require(population_create(world, parameters, 3, 5000, 0, &population, &failure) ==
	            STATUS_OK, "a population");
	size_t alive[SPECIES + 1];
	double scanners = 5000 * parameters->classes[CLASS_SCAN].share;
	for (unsigned day = 1; day <= 30; day++) {
		tap_require(population_next_day(population, &failure) == STATUS_OK, "day %u", day);
		count_alive(population, day, alive);
		is_near((double)alive[SPECIES], 5000 - scanners, 6 * sqrt(5000), "services and others");
		for (species_id_t i = 0; i < SPECIES; i++) {
			const species_t *species = &parameters->species[i];
			double wanted = scanners * species->share * population_wave(species, day);
			/* The rate follows a wave a life later. */
			double slack = species->fall_days > 0 ? 0.5 : 0.2;
			is_near((double)alive[i], wanted, 5 * sqrt(wanted) + slack * wanted, "%s on day %u",
			        species_names[i], day);
		}
	}
	population_destroy(population);
}

static void test_wave(void)
{
	species_t wave = { .wave_day = 10, .rise_days = 2, .fall_days = 5, .base = 0.1 };
	is_near(population_wave(&wave, 10), 1, 0, "a wave's height");
	is_near(population_wave(&wave, 8), 0.5, 1e-12, "doubles before it");
	is_near(population_wave(&wave, 20), 0.25, 1e-12, "halves behind it");
	is_near(population_wave(&wave, 1), 0.1, 0, "and stays above its base");
	wave.fall_days = 0;
	is_near(population_wave(&wave, 1), 1, 0, "no wave: always the same");
}

/* The addresses of a campaign follow each other; services have one. */
static void test_moves(world_t *world, const parameters_t *parameters)
{
	population_t *population;
	failure_t failure;
	tap_require(population_create(world, parameters, 4, 3000, 0, &population, &failure) ==
	            STATUS_OK, "a population");
	size_t moved = 0, apart = 0, alone = 0;
	for (size_t i = 0; i < population_count(population); i++) {
		const originator_t *originator = population_look(population, i);
		const originator_t *first = population_look(population, originator->campaign);
		if (originator->campaign == originator->serial) {
			continue;
		}
		const originator_t *before = population_look(population, i - 1);
		moved++;
		alone += originator->species != SPECIES_CAMPAIGN;
		apart += before->campaign == originator->campaign && before->end <= originator->begin &&
		         first->species == originator->species && first->born == originator->born &&
		         !address_equal(&before->address, &originator->address);
	}
	ok(moved > 50, "%zu addresses of campaigns that moved", moved);
	is_int(apart, moved, "each begins when the one before it is given up");
	is_int(alone, 0, "only campaigns move");
	population_destroy(population);
}

int main(void)
{
	world_t *world;
	failure_t failure;
	parameters_t *parameters;
	tap_require(parameters_load(NULL, &parameters, &failure) == STATUS_OK, "built-in parameters");
	tap_require(world_create(1, parameters, &world, &failure) == STATUS_OK, "a world");
	test_addresses(world);
	test_runs(world, parameters);
	test_names(world);
	test_population(world, parameters);
	test_wave();
	test_moves(world, parameters);
	world_destroy(world);
	parameters_destroy(parameters);
	return tap_done();
}
