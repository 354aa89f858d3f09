/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The world is whole, and the rules of the sensor read the names as they are meant. */
#include "sensor/category.h"
#include "simulator/classes.h"
#include "simulator/population.h"
#include "simulator/stream.h"
#include "simulator/world.h"
#include "tests/tap.h"

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

static void test_runs(const world_t *world)
{
	uint32_t at = 0;
	bool good = true;
	for (querier_kind_t kind = 0; kind < KINDS; kind++) {
		querier_run_t all = world_queriers(world, kind, 0, WORLD_NETWORKS);
		is_int(all.end - all.first, querier_kinds[kind].count, "queriers of kind %s",
		       querier_kinds[kind].name);
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
		is_int(wrong[kind], 0, "names of kind %s are read so", querier_kinds[kind].name);
	}
	ok(unknown * 100 > count && unknown * 25 < count,
	   "1 to 4 %% have no known name (%zu)", unknown);
	category_rules_destroy(rules);
}

static void test_classes(world_t *world)
{
	double sum = 0;
	for (class_id_t i = 0; i < CLASSES; i++) {
		sum += class_table[i].share;
		ok(i == 0 || strcmp(class_table[i - 1].name, class_table[i].name) < 0,
		   "class %s in its place", class_table[i].name);
	}
	is_near(sum, 1, 1e-9, "the classes' shares sum to 1");
	population_t *population;
	failure_t failure;
	uint64_t day = UINT64_C(86400000000);
	tap_require(population_create(world, 3, 3000, 0, &population, &failure) == STATUS_OK,
	            "a population");
	/* The population is stationary: day 5 has as many as day 1, though scanners were replaced. */
	for (unsigned i = 1; i <= 5; i++) {
		population_next_day(population, &failure);
		size_t alive = 0, scanners = 0, old = 0;
		for (size_t j = 0; j < population_count(population); j++) {
			const originator_t *originator = population_originator(population, j);
			bool lives = originator->begin < i * day && originator->end > (i - 1) * day;
			bool scans = lives && originator->class_id == CLASS_SCAN;
			alive += lives;
			scanners += scans;
			old += scans && originator->begin == 0;
		}
		is_near((double)alive, 3000, 5 * sqrt(3000), "alive on day %u", i);
		is_near((double)scanners, 390, 5 * sqrt(390), "scanners on day %u", i);
		ok(i < 5 || old * 4 < scanners, "few scanners of the first moment live on day %u (%zu)", i,
		   old);
	}
	population_destroy(population);
}

int main(void)
{
	world_t *world;
	failure_t failure;
	tap_require(world_create(1, &world, &failure) == STATUS_OK, "a world");
	test_addresses(world);
	test_runs(world);
	test_names(world);
	test_classes(world);
	world_destroy(world);
	return tap_done();
}
