/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The prefixes of all ASes, sorted, as two tables. */
#include "simulator/network_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	prefix_t prefix;
	uint16_t network;
} row_t;

#define ROWS_MAX (WORLD_NETWORKS * (NETWORK_BLOCKS_MAX + 1))

static int compare_rows(const void *left, const void *right)
{
	const row_t *a = left, *b = right;
	bool a_ipv4 = address_is_ipv4(&a->prefix.address), b_ipv4 = address_is_ipv4(&b->prefix.address);
	return a_ipv4 != b_ipv4 ? b_ipv4 - a_ipv4 :
	       address_compare(&a->prefix.address, &b->prefix.address);
}

/* All prefixes, to be freed; NULL if memory is short. */
static row_t *make_rows(const world_t *world, size_t *count)
{
	row_t *rows = calloc(ROWS_MAX, sizeof(*rows));
	*count = 0;
	for (unsigned i = 0; rows != NULL && i < WORLD_NETWORKS; i++) {
		const network_t *network = world_network(world, i);
		for (unsigned block = 0; block < network->block_count; block++) {
			const uint8_t octets[4] = { network->blocks[block][0], network->blocks[block][1] };
			rows[(*count)++] = (row_t) {
				{ address_from_ipv4(octets), ADDRESS_IPV4_OFFSET + 16 }, (uint16_t)i,
			};
		}
		uint8_t bytes[16] = { 0 };
		memcpy(bytes, network->ipv6, sizeof(network->ipv6));
		rows[(*count)++] = (row_t) { { address_from_ipv6(bytes), 32 }, (uint16_t)i };
	}
	if (rows != NULL) {
		qsort(rows, *count, sizeof(*rows), compare_rows);
	}
	return rows;
}

static status_t write_rows(const world_t *world, FILE *file, bool country, failure_t *failure)
{
	size_t count;
	row_t *rows = make_rows(world, &count);
	if (rows == NULL) {
		return failure_no_memory(failure, "the networks of the simulation");
	}
	for (size_t i = 0; i < count; i++) {
		char prefix[PREFIX_TEXT_MAX];
		*strchr(prefix_format(&rows[i].prefix, prefix), '/') = '\t';
		const network_t *network = world_network(world, rows[i].network);
		fprintf(file, "%s\t", prefix);
		if (country) {
			fprintf(file, "%s\n", world_country_code(network->country));
		} else {
			fprintf(file, "%" PRIu32 "\n", network->number);
		}
	}
	free(rows);
	return STATUS_OK;
}

status_t network_file_write_ases(const world_t *world, FILE *file, failure_t *failure)
{
	return write_rows(world, file, false, failure);
}

status_t network_file_write_countries(const world_t *world, FILE *file, failure_t *failure)
{
	return write_rows(world, file, true, failure);
}
