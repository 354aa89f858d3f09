/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes a packet file of PTR queries for measuring a server.
 *
 *     write_queries FILE.pcap ORIGINATORS QUERIERS FIRST COUNT
 *
 * Queries FIRST to FIRST + COUNT - 1 of an endless row: it goes over all IPv4 originators
 * again and again, each time in the same scattered order and with another querier for each
 * of them. So after the first 2 * ORIGINATORS every originator has two queriers.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "common/moment.h"
#include "common/reverse_name.h"
#include "simulator/packet.h"
#include "simulator/pcap_writer.h"

/* Primes: multiplied by one, the numbers below another size come in another order. */
#define SCATTER_ORIGINATORS UINT64_C(2654435761)
#define SCATTER_QUERIERS    UINT64_C(40503001)

static address_t ipv4(uint32_t number)
{
	uint8_t octets[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
	                      (uint8_t)(number >> 8), (uint8_t)number };
	return address_from_ipv4(octets);
}

static void write_query(FILE *file, uint64_t number, uint64_t originators, uint64_t queriers)
{
	uint64_t originator = number % originators * SCATTER_ORIGINATORS % originators;
	uint64_t querier = (originator * 31 + number / originators * SCATTER_QUERIERS) % queriers;
	address_t address = ipv4((uint32_t)(0x0b000000 + originator));
	uint8_t name[REVERSE_NAME_MAX], frame[PACKET_MAX];
	const packet_t packet = {
		.querier = ipv4((uint32_t)(0xc0000000 + querier)),
		.authority = ipv4(0xc0000201),
		.name = name,
		.name_size = reverse_name_write(&address, name),
		.qtype = QTYPE_PTR,
		.port = (uint16_t)(1024 + number % 60000),
		.id = (uint16_t)number,
		.hops = 60,
		.edns_size = 1232,
	};
	pcap_write_packet(file, MICROSECONDS + number, frame, packet_write(&packet, frame));
}

int main(int argc, char **argv)
{
	uint64_t numbers[4];
	for (int i = 0; i < 4 && argc == 6; i++) {
		char *end;
		numbers[i] = strtoull(argv[2 + i], &end, 10);
		if (*end != '\0' || (i < 2 && numbers[i] == 0)) {
			argc = 0;
		}
	}
	if (argc != 6) {
		fputs("usage: write_queries FILE.pcap ORIGINATORS QUERIERS FIRST COUNT\n", stderr);
		return 2;
	}
	FILE *file = fopen(argv[1], "wb");
	if (file == NULL) {
		perror(argv[1]);
		return 1;
	}
	pcap_write_header(file);
	for (uint64_t i = 0; i < numbers[3]; i++) {
		write_query(file, numbers[2] + i, numbers[0], numbers[1]);
	}
	if (ferror(file) || fclose(file) != 0) {
		perror(argv[1]);
		return 1;
	}
	return 0;
}
