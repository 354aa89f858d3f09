/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prefixes sorted, IPv4 first, with the number of addresses before each. */
#include "simulator/darknet.h"

#include <stdlib.h>
#include <string.h>

#define BITS 128
/* IPv6 guesses: subnets 0 to 3, hosts 1 to 256. */
#define SUBNETS 4
#define HOSTS 256

struct darknet {
	prefix_t prefixes[DARKNET_PREFIXES_MAX];
	uint64_t before[DARKNET_PREFIXES_MAX];   /* IPv4 addresses in the prefixes before */
	size_t count;
	size_t ipv4_count;
	uint64_t size;
};

static bool overlap(const prefix_t *a, const prefix_t *b)
{
	return prefix_contains(a, &b->address) || prefix_contains(b, &a->address);
}

/* Whether an AS has addresses of the prefix; then its number. */
static bool taken(const world_t *world, const prefix_t *prefix, uint32_t *number)
{
	for (unsigned i = 0; i < WORLD_NETWORKS; i++) {
		const network_t *network = world_network(world, i);
		*number = network->number;
		for (unsigned block = 0; block < network->block_count; block++) {
			const uint8_t octets[4] = { network->blocks[block][0], network->blocks[block][1] };
			prefix_t own = { address_from_ipv4(octets), ADDRESS_IPV4_OFFSET + 16 };
			if (overlap(prefix, &own)) {
				return true;
			}
		}
		uint8_t bytes[16] = { 0 };
		memcpy(bytes, network->ipv6, sizeof(network->ipv6));
		prefix_t own = { address_from_ipv6(bytes), 32 };
		if (overlap(prefix, &own)) {
			return true;
		}
	}
	return false;
}

static status_t check(const world_t *world, const prefix_t *prefix, failure_t *failure)
{
	char text[PREFIX_TEXT_MAX];
	uint32_t number;
	bool ipv4 = address_is_ipv4(&prefix->address);
	const uint8_t *bytes = prefix->address.bytes;
	if (prefix->length < (ipv4 ? ADDRESS_IPV4_OFFSET + 8 : 16) || (ipv4 && bytes[12] >= 224) ||
	    (!ipv4 && bytes[0] >> 5 != 1)) {
		return failure_set(failure, STATUS_CALLER, "the darknet %s is no part of a unicast /8 or, "
		                   "in 2000::/3, of a /16", prefix_format(prefix, text));
	}
	if (taken(world, prefix, &number)) {
		return failure_set(failure, STATUS_CALLER, "the darknet %s holds addresses of AS %u of the "
		                   "simulation; 198.0.0.0/8 and 2001:db8::/32 are free",
		                   prefix_format(prefix, text), (unsigned)number);
	}
	return STATUS_OK;
}

/* IPv4 first; of two with one address the larger one first. */
static int compare(const void *left, const void *right)
{
	const prefix_t *a = left, *b = right;
	bool a_ipv4 = address_is_ipv4(&a->address), b_ipv4 = address_is_ipv4(&b->address);
	int order = a_ipv4 != b_ipv4 ? b_ipv4 - a_ipv4 : address_compare(&a->address, &b->address);
	return order != 0 ? order : a->length - b->length;
}

/* Drops what lies in the one before, and counts. */
static void number(darknet_t *darknet)
{
	size_t kept = 0;
	for (size_t i = 0; i < darknet->count; i++) {
		const prefix_t *prefix = &darknet->prefixes[i];
		if (kept > 0 && prefix_contains(&darknet->prefixes[kept - 1], &prefix->address)) {
			continue;
		}
		darknet->prefixes[kept] = *prefix;
		darknet->before[kept++] = darknet->size;
		if (address_is_ipv4(&prefix->address)) {
			darknet->size += UINT64_C(1) << (BITS - prefix->length);
			darknet->ipv4_count++;
		}
	}
	darknet->count = kept;
}

status_t darknet_create(const world_t *world, const prefix_t *prefixes, size_t count,
                        darknet_t **out, failure_t *failure)
{
	if (count < 1 || count > DARKNET_PREFIXES_MAX) {
		return failure_set(failure, STATUS_CALLER, "a darknet has 1 to %d prefixes",
		                   DARKNET_PREFIXES_MAX);
	}
	for (size_t i = 0; i < count; i++) {
		status_t status = check(world, &prefixes[i], failure);
		if (status != STATUS_OK) {
			return status;
		}
	}
	darknet_t *darknet = calloc(1, sizeof(*darknet));
	if (darknet == NULL) {
		return failure_no_memory(failure, "the darknet of the simulation");
	}
	memcpy(darknet->prefixes, prefixes, count * sizeof(*prefixes));
	darknet->count = count;
	qsort(darknet->prefixes, count, sizeof(*prefixes), compare);
	number(darknet);
	*out = darknet;
	return STATUS_OK;
}

void darknet_destroy(darknet_t *darknet)
{
	free(darknet);
}

uint64_t darknet_size(const darknet_t *darknet)
{
	return darknet->size;
}

size_t darknet_ipv6_count(const darknet_t *darknet)
{
	return darknet->count - darknet->ipv4_count;
}

address_t darknet_address(const darknet_t *darknet, uint64_t number)
{
	size_t low = 0, high = darknet->ipv4_count;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		*(darknet->before[middle] <= number ? &low : &high) = middle;
	}
	address_t address = darknet->prefixes[low].address;
	uint64_t rest = number - darknet->before[low];
	for (size_t i = 15; i >= 12; i--, rest >>= 8) {
		address.bytes[i] |= (uint8_t)rest;
	}
	return address;
}

address_t darknet_address_ipv6(const darknet_t *darknet, generator_t *generator)
{
	uint64_t prefix = generator_below(generator, darknet_ipv6_count(darknet));
	address_t address = darknet->prefixes[darknet->ipv4_count + prefix].address;
	uint8_t length = darknet->prefixes[darknet->ipv4_count + prefix].length;
	uint64_t subnet = generator_below(generator, SUBNETS);
	uint64_t host = 1 + generator_below(generator, HOSTS);
	/* As far as the prefix leaves room. */
	address.bytes[7] |= length <= 56 ? (uint8_t)subnet : 0;
	address.bytes[14] |= length <= 112 ? (uint8_t)(host >> 8) : 0;
	address.bytes[15] |= length <= 120 ? (uint8_t)host : 0;
	return address;
}
