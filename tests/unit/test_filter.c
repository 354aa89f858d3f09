/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filters, held against a comparison with every range. */
#include "module/filter.h"

#include "common/generator.h"
#include "tests/tap.h"

#define RANGES 40

typedef struct {
	address_t from, to;
} range_t;

/* Few bits, so that ranges overlap and borders are met. */
static address_t draw(generator_t *generator, bool ipv6)
{
	uint64_t low = generator_below(generator, 1 << 12);
	if (!ipv6) {
		uint8_t octets[4] = { 10, 0, (uint8_t)(low >> 8), (uint8_t)low };
		return address_from_ipv4(octets);
	}
	address_t address = { .bytes = { 0x20, 0x01, 0x0d, 0xb8 } };
	address.bytes[14] = (uint8_t)(low >> 8);
	address.bytes[15] = (uint8_t)low;
	return address;
}

static range_t draw_range(generator_t *generator)
{
	bool ipv6 = generator_below(generator, 2) == 1;
	range_t range = { draw(generator, ipv6), draw(generator, ipv6) };
	if (address_compare(&range.from, &range.to) > 0) {
		range = (range_t) { range.to, range.from };
	}
	return range;
}

static bool in_any(const range_t *ranges, size_t count, const address_t *address)
{
	for (size_t i = 0; i < count; i++) {
		if (address_compare(&ranges[i].from, address) <= 0 &&
		    address_compare(address, &ranges[i].to) <= 0) {
			return true;
		}
	}
	return false;
}

static filter_t make_filter(generator_t *generator, range_t *queriers, range_t *originators)
{
	filter_t filter = { prefix_map_create(), prefix_map_create(), 1, { { 0 } } };
	for (size_t i = 0; i < RANGES; i++) {
		queriers[i] = draw_range(generator);
		originators[i] = draw_range(generator);
		/* Mostly narrow ones. */
		queriers[i].to = i % 8 != 0 ? queriers[i].from : queriers[i].to;
		originators[i].to = i % 20 != 0 ? originators[i].from : originators[i].to;
		(void)filter_add_range(filter.queriers, &queriers[i].from, &queriers[i].to);
		(void)filter_add_range(filter.originators, &originators[i].from, &originators[i].to);
	}
	prefix_map_finish(filter.queriers);
	prefix_map_finish(filter.originators);
	return filter;
}

static void test_against_ranges(void)
{
	generator_t generator = generator_make(1, 0);
	unsigned wrong = 0, found[FILTER_RESULTS] = { 0 };
	for (unsigned round = 0; round < 20; round++) {
		range_t queriers[RANGES], originators[RANGES];
		filter_t filter = make_filter(&generator, queriers, originators);
		for (unsigned i = 0; i < 5000; i++) {
			address_t originator = draw(&generator, i % 2 == 0);
			address_t querier = draw(&generator, i % 3 == 0);
			filter_result_t wanted = in_any(queriers, RANGES, &querier) ? FILTER_QUERIER :
				in_any(originators, RANGES, &originator) ? FILTER_ORIGINATOR : FILTER_PASS;
			filter_result_t got = filter_judge(&filter, &originator, &querier);
			wrong += got != wanted;
			found[got]++;
		}
		filter_clear(&filter);
	}
	is_int(wrong, 0, "as a look at every range says");
	ok(found[FILTER_PASS] > 1000 && found[FILTER_QUERIER] > 1000 && found[FILTER_ORIGINATOR] > 1000,
	   "each answer was given: %u, %u, %u", found[0], found[1], found[2]);
}

/* How many prefixes a range makes, and whether it holds an address. */
static void test_by_hand(void)
{
	static const struct { const char *from, *to; uint32_t prefixes; const char *in, *out; } ranges[] = {
		{ "192.0.2.0", "192.0.2.255", 1, "192.0.2.255", "192.0.3.0" },
		{ "192.0.2.1", "192.0.2.6", 4, "192.0.2.6", "192.0.2.7" },
		{ "192.0.2.1", "192.0.2.1", 1, "192.0.2.1", "192.0.2.0" },
		{ "0.0.0.0", "255.255.255.255", 1, "255.255.255.255", "::" },
		{ "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1, "ffff::", "10.0.0.1" },
		{ "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", 254, "8000::", "::" },
		{ "2001:db8::2", "2001:db8::1", 0, NULL, "2001:db8::1" },
	};
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		filter_t filter = { .queriers = prefix_map_create() };
		address_t from, to, in, out, any = { { 0 } };
		tap_require(address_parse(ranges[i].from, &from) && address_parse(ranges[i].to, &to) &&
		            address_parse(ranges[i].out, &out), "range %s", ranges[i].from);
		is_int(filter_add_range(filter.queriers, &from, &to), STATUS_OK, "is added");
		is_int(prefix_map_count(filter.queriers), ranges[i].prefixes, "as so many prefixes");
		prefix_map_finish(filter.queriers);
		if (ranges[i].in != NULL && address_parse(ranges[i].in, &in)) {
			is_int(filter_judge(&filter, &any, &in), FILTER_QUERIER, "%s is in", ranges[i].in);
		}
		is_int(filter_judge(&filter, &any, &out), FILTER_PASS, "%s is not", ranges[i].out);
		filter_clear(&filter);
	}
}

static void test_sample(void)
{
	const hash_key_t key = { { 1, 2 } }, other = { { 3, 4 } };
	filter_t filter = { 0 }, second = { 0 };
	address_t querier = { { 1 } };
	unsigned in = 0, both = 0, places[16] = { 0 };
	filter_sample(&filter, 100, &key);
	filter_sample(&second, 100, &other);
	for (uint32_t i = 0; i < 200000; i++) {
		uint8_t octets[4] = { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };
		address_t originator = address_from_ipv4(octets);
		if (filter_judge(&filter, &originator, &querier) == FILTER_PASS) {
			in++;
			both += filter_judge(&second, &originator, &querier) == FILTER_PASS;
			places[keyed_hash_address(&key, &originator) % 16]++;
		}
	}
	/* Binomial: 2000 with a deviation of 45. */
	ok(in > 1700 && in < 2300, "one originator in 100 is in: %u of 200000", in);
	ok(both < 60, "another key draws others: %u in both", both);
	unsigned least = places[0];
	for (unsigned i = 1; i < 16; i++) {
		least = places[i] < least ? places[i] : least;
	}
	ok(least > 60, "the sample spreads over the places of a table: least %u of %u", least, in / 16);
	filter_sample(&filter, 1, &key);
	is_int(filter_judge(&filter, &querier, &querier), FILTER_PASS, "rate 1: all");
}

int main(void)
{
	test_by_hand();
	test_against_ranges();
	test_sample();
	return tap_done();
}
