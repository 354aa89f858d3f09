/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the operator ignores. */
#include "module/filter.h"

#include <endian.h>

/*
 * Tables of the sensor take the bits of the sensor's hash for places. If the sample took
 * them, too, only one place in sample_rate would be used: so it has a hash of its own.
 */
#define SAMPLE_KEY UINT64_C(0x73616d706c652031)

typedef unsigned __int128 number_t;

const char *filter_result_name(filter_result_t result)
{
	static const char *const names[FILTER_RESULTS] = {
		[FILTER_PASS] = "",
		[FILTER_QUERIER] = "querier",
		[FILTER_ORIGINATOR] = "originator",
		[FILTER_SAMPLE] = "sample",
	};
	return names[result];
}

void filter_clear(filter_t *filter)
{
	prefix_map_destroy(filter->queriers);
	prefix_map_destroy(filter->originators);
	*filter = (filter_t) { 0 };
}

static number_t to_number(const address_t *address)
{
	return (number_t)be64toh(address->words[0]) << 64 | be64toh(address->words[1]);
}

static address_t to_address(number_t number)
{
	return (address_t) { .words = { htobe64((uint64_t)(number >> 64)), htobe64((uint64_t)number) } };
}

status_t filter_add_range(prefix_map_t *map, const address_t *from, const address_t *to)
{
	number_t next = to_number(from), last = to_number(to);
	status_t status = STATUS_OK;
	bool more = next <= last;
	while (more && status == STATUS_OK) {
		/* The largest prefix that begins here and does not go beyond the end. */
		unsigned host = 0;
		while (host < 128 && (next >> host & 1) == 0 &&
		       (((number_t)1 << host << 1) - 1) <= last - next) {
			host++;
		}
		prefix_t prefix = { to_address(next), (uint8_t)(128 - host) };
		status = prefix_map_add(map, &prefix, 0);
		number_t size_less_one = host == 128 ? ~(number_t)0 : ((number_t)1 << host) - 1;
		more = last - next > size_less_one;
		next += size_less_one + 1;
	}
	return status;
}

void filter_sample(filter_t *filter, uint32_t rate, const hash_key_t *key)
{
	filter->sample_rate = rate;
	filter->key = *key;
	filter->key.words[1] ^= SAMPLE_KEY;
}

static bool holds(const prefix_map_t *map, const address_t *address)
{
	return map != NULL && prefix_map_find(map, address) != PREFIX_MAP_NONE;
}

bool filter_ignores(const filter_t *filter, const address_t *querier)
{
	return holds(filter->queriers, querier);
}

bool filter_samples(const filter_t *filter, const address_t *originator)
{
	return filter->sample_rate <= 1 ||
	       keyed_hash_address(&filter->key, originator) % filter->sample_rate == 0;
}

filter_result_t filter_judge(const filter_t *filter, const address_t *originator,
                             const address_t *querier)
{
	if (holds(filter->queriers, querier)) {
		return FILTER_QUERIER;
	}
	if (holds(filter->originators, originator)) {
		return FILTER_ORIGINATOR;
	}
	return filter_samples(filter, originator) ? FILTER_PASS : FILTER_SAMPLE;
}
