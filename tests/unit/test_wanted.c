/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wanted queriers: the bounded list against one that sorts everything. */
#include "common/generator.h"
#include "sensor/wanted.h"
#include "tests/tap.h"

static address_t ipv4(unsigned number)
{
	uint8_t octets[4] = { 10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number };
	return address_from_ipv4(octets);
}

/* Whether a comes before b, by the words of the header. */
static bool is_before(const wanted_querier_t *a, const wanted_querier_t *b)
{
	if (a->known != b->known) {
		return b->known;
	}
	return a->originators != b->originators ? a->originators > b->originators :
	       address_compare(&a->querier, &b->querier) < 0;
}

static void test_bound(size_t count, size_t max)
{
	wanted_querier_t all[3000];
	wanted_t wanted = { .max = max };
	generator_t generator = generator_make(7, count + max);
	for (size_t i = 0; i < count; i++) {
		all[i] = (wanted_querier_t) {
			.querier = ipv4((unsigned)(i * 2654435761u % 16777213u)),
			.originators = (uint32_t)generator_below(&generator, 20),
			.known = generator_below(&generator, 3) == 0,
		};
		(void)wanted_add(&wanted, &all[i]);
	}
	wanted_finish(&wanted);
	size_t kept = max != 0 && count > max ? max : count, right = 0;
	is_int(wanted.count, kept, "%zu of %zu are kept", kept, count);
	/* The place of each in the list is the number of those before it. */
	for (size_t i = 0; i < count; i++) {
		size_t place = 0;
		for (size_t j = 0; j < count; j++) {
			place += is_before(&all[j], &all[i]);
		}
		right += place < kept && address_equal(&wanted.queriers[place].querier, &all[i].querier);
	}
	is_int(right, kept, "each in its place");
	ok(max == 0 || wanted.room <= 4 * max + 256, "and no room for all of them");
	wanted_clear(&wanted);
}

static void test_join(void)
{
	wanted_t wanted = { 0 };
	const struct { unsigned number; uint32_t originators; bool known; } lines[] = {
		{ 3, 5, false }, { 1, 4, false }, { 3, 2, true }, { 2, UINT32_MAX, false }, { 2, 9, false },
	};
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		(void)wanted_add(&wanted, &(wanted_querier_t) { .querier = ipv4(lines[i].number),
			.originators = lines[i].originators, .known = lines[i].known });
	}
	wanted_join(&wanted);
	wanted_finish(&wanted);
	is_int(wanted.count, 3, "one entry for each querier");
	ok(wanted.queriers[0].originators == UINT32_MAX && wanted.queriers[1].originators == 4,
	   "sums, which do not run over");
	ok(wanted.queriers[2].originators == 7 && wanted.queriers[2].known, "one that knows is enough");
	wanted_clear(&wanted);
}

int main(void)
{
	test_bound(0, 10);
	test_bound(10, 10);
	test_bound(25, 10);
	test_bound(3000, 100);
	test_bound(3000, 0);
	test_join();
	return tap_done();
}
