/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prefix maps, held against a look at every entry. */
#include "common/prefix_map.h"

#include "common/generator.h"
#include "tests/tap.h"

#define ENTRIES_MAX 300

static prefix_t prefix_of(const char *text)
{
	prefix_t prefix;
	tap_require(prefix_parse(text, &prefix), "%s is a prefix", text);
	return prefix;
}

static void test_by_hand(void)
{
	static const char *const texts[] = {
		"10.0.0.0/8", "10.1.0.0/16", "10.1.1.0/24", "::/0", "0.0.0.0/0", "10.1.0.0/16",
		"2001:db8::/32", "10.1.1.7",
	};
	/* What holds the address: values in order, ended by 9. */
	static const struct { const char *address; uint32_t values[6]; } wanted[] = {
		{ "10.1.1.7", { 7, 2, 1, 5, 0, 4 } },
		{ "10.1.200.9", { 1, 5, 0, 4, 9 } },
		{ "10.2.0.0", { 0, 4, 9 } },
		{ "9.255.255.255", { 4, 9 } },
		{ "2001:db8::1", { 6, 3, 9 } },
		{ "::", { 3, 9 } },
		{ "ffff::", { 3, 9 } },
	};
	prefix_map_t *map = prefix_map_create();
	tap_require(map != NULL, "a map");
	address_t address = prefix_of("10.1.1.7").address;
	is_int(prefix_map_find(map, &address), PREFIX_MAP_NONE, "nothing before it is finished");
	for (uint32_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		prefix_t prefix = prefix_of(texts[i]);
		tap_require(prefix_map_add(map, &prefix, i) == STATUS_OK, "%s is added", texts[i]);
	}
	prefix_map_finish(map);
	is_int(prefix_map_count(map), 8, "eight entries");
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		address = prefix_of(wanted[i].address).address;
		uint32_t entry = prefix_map_find(map, &address);
		for (size_t j = 0; j < 6 && wanted[i].values[j] != 9; j++) {
			tap_require(entry != PREFIX_MAP_NONE, "%s: %zu", wanted[i].address, j);
			is_int(prefix_map_value(map, entry), wanted[i].values[j], "%s: its value",
			       wanted[i].address);
			entry = prefix_map_next(map, entry, &address);
		}
		is_int(entry, PREFIX_MAP_NONE, "%s: no more", wanted[i].address);
	}
	prefix_t late = prefix_of("192.0.2.0/24");
	is_int(prefix_map_add(map, &late, 0), STATUS_CALLER, "nothing is added to a finished map");
	prefix_map_destroy(map);
}

/* An address of few bits, so that prefixes nest; of either family. */
static address_t draw_address(generator_t *generator)
{
	uint8_t bytes[16] = { 0 };
	uint64_t bits = generator_next(generator) & UINT64_C(0x0303030381818181);
	if (generator_below(generator, 3) > 0) {
		memcpy(bytes, &bits, 4);
		return address_from_ipv4(bytes);
	}
	memcpy(bytes, &bits, 8);
	/* Some stand close to the mapped addresses without being such. */
	if (generator_below(generator, 2) == 0) {
		memset(bytes, 0, 8);
		memset(bytes + 10, 0xff, 2);
		bytes[9] = (uint8_t)(1 + generator_below(generator, 2));
	}
	return address_from_ipv6(bytes);
}

static prefix_t draw_prefix(generator_t *generator)
{
	address_t address = draw_address(generator);
	unsigned least = address_is_ipv4(&address) ? ADDRESS_IPV4_OFFSET : 0;
	unsigned length = least + (unsigned)generator_below(generator, 129 - least);
	return (prefix_t) { address_network(&address, length), (uint8_t)length };
}

/* The next entry of those that hold the address, found by a look at all of them. */
static size_t naive_next(const prefix_t *prefixes, size_t count, const address_t *address,
                         size_t last)
{
	size_t best = count;
	for (size_t i = 0; i < count; i++) {
		bool behind = last == count || prefixes[i].length < prefixes[last].length ||
		              (prefixes[i].length == prefixes[last].length && i > last);
		if (behind && prefix_contains(&prefixes[i], address) &&
		    (best == count || prefixes[i].length > prefixes[best].length)) {
			best = i;
		}
	}
	return best;
}

static size_t compare(const prefix_map_t *map, const prefix_t *prefixes, size_t count,
                      const address_t *address)
{
	size_t wrong = 0, last = naive_next(prefixes, count, address, count);
	uint32_t entry = prefix_map_find(map, address);
	for (; last < count && entry != PREFIX_MAP_NONE;
	     entry = prefix_map_next(map, entry, address),
	     last = naive_next(prefixes, count, address, last)) {
		wrong += prefix_map_value(map, entry) != last ||
		         prefix_map_prefix(map, entry)->length != prefixes[last].length;
	}
	return wrong + (last < count) + (entry != PREFIX_MAP_NONE);
}

/* The links of an entry: its first equal, and the first of the next wider prefix. */
static size_t compare_links(const prefix_map_t *map, const prefix_t *prefixes, size_t count)
{
	size_t wrong = 0;
	for (uint32_t entry = 0; entry < prefix_map_count(map); entry++) {
		const prefix_t *prefix = &prefixes[prefix_map_value(map, entry)];
		size_t first = count, wider = count;
		for (size_t i = 0; i < count; i++) {
			const prefix_t *other = &prefixes[i];
			if (!prefix_contains(other, &prefix->address) || other->length > prefix->length) {
				continue;
			}
			if (other->length == prefix->length) {
				first = first == count ? i : first;
			} else if (wider == count || other->length > prefixes[wider].length) {
				wider = i;
			}
		}
		uint32_t link = prefix_map_wider(map, entry);
		wrong += prefix_map_value(map, prefix_map_first(map, entry)) != first;
		wrong += (link == PREFIX_MAP_NONE ? count : prefix_map_value(map, link)) != wider;
	}
	return wrong;
}

static void test_against_naive(void)
{
	generator_t generator = generator_make(4, 1);
	size_t wrong = 0, held = 0;
	for (int round = 0; round < 200; round++) {
		prefix_t prefixes[ENTRIES_MAX];
		size_t count = (size_t)generator_below(&generator, ENTRIES_MAX);
		prefix_map_t *map = prefix_map_create();
		tap_require(map != NULL, "map %d", round);
		for (size_t i = 0; i < count; i++) {
			prefixes[i] = draw_prefix(&generator);
			wrong += prefix_map_add(map, &prefixes[i], (uint32_t)i) != STATUS_OK;
		}
		prefix_map_finish(map);
		wrong += compare_links(map, prefixes, count);
		for (int i = 0; i < 200; i++) {
			address_t address = draw_address(&generator);
			wrong += compare(map, prefixes, count, &address);
			held += prefix_map_find(map, &address) != PREFIX_MAP_NONE;
		}
		prefix_map_destroy(map);
	}
	is_int(wrong, 0, "40000 searches and all links find what a look at every entry finds");
	ok(held > 10000 && held < 39000, "%zu of the addresses are in some prefix", held);
}

int main(void)
{
	test_by_hand();
	test_against_naive();
	prefix_map_destroy(NULL);
	return tap_done();
}
