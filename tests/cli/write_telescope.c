/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes the captures that tests/cli/label.sh labels: what comes to the darknets
 * 198.51.0.0/16 and 2001:db8::/32, as raw IP, in FILES files FOLDER/telescope-N.pcap.
 *
 *   write_telescope FOLDER FILES DAYS PACKETS
 *
 * Time runs evenly from 2026-01-01T00:00:00Z over DAYS days and PACKETS packets, but every
 * seventh packet is up to 20 minutes older. So windows of a day lie across files, and days
 * across windows. Each source does one thing by its number (see kinds).
 */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/generator.h"

#define FIRST_SECOND UINT64_C(1767225600)
#define SOURCES      400
#define LATEST       (20 * 60 * UINT64_C(1000000))  /* Microseconds. */

static FILE *file;

static void put_bytes(const void *data, size_t size)
{
	if (fwrite(data, 1, size, file) != size) {
		perror("write_telescope");
		exit(1);
	}
}

static void put_le32(uint32_t value)
{
	uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
	                     (uint8_t)(value >> 24) };
	put_bytes(bytes, 4);
}

static void put_be16(uint8_t *out, unsigned value)
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
}

static void begin_file(const char *folder, unsigned number)
{
	char path[512];
	(void)snprintf(path, sizeof(path), "%s/telescope-%u.pcap", folder, number);
	file = fopen(path, "wb");
	if (file == NULL) {
		perror(path);
		exit(1);
	}
	put_le32(0xa1b2c3d4);
	put_le32(2 | 4 << 16);
	put_le32(0);
	put_le32(0);
	put_le32(65535);
	put_le32(101);  /* LINKTYPE_RAW */
}

static void put_packet(uint64_t moment, const uint8_t *packet, size_t size)
{
	put_le32((uint32_t)(moment / 1000000));
	put_le32((uint32_t)(moment % 1000000));
	put_le32((uint32_t)size);
	put_le32((uint32_t)size);
	put_bytes(packet, size);
}

/* What a source sends: protocol, ports (0: any), flags or type, and to how many targets. */
typedef struct {
	uint8_t protocol;
	uint16_t from_port, to_port;
	uint8_t flags;
	unsigned targets;
	bool zmap, fragment;
} kind_t;

static const kind_t kinds[] = {
	{ 6, 0, 23, 0x02, 65536, false, false },   /* network scan */
	{ 6, 0, 443, 0x02, 65536, true, false },   /* the same by ZMap */
	{ 6, 0, 0, 0x02, 1, false, false },        /* port scan */
	{ 17, 0, 161, 0, 65536, false, false },    /* network scan, UDP */
	{ 6, 80, 0, 0x12, 65536, false, false },   /* backscatter */
	{ 1, 0, 0, 8, 65536, false, false },       /* ping */
	{ 6, 0, 445, 0x02, 1, false, false },      /* one flow */
	{ 17, 0, 53, 0, 3, false, true },          /* fragments */
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* The header of the protocol. Returns its size. */
static size_t put_transport(uint8_t *out, const kind_t *kind, generator_t *generator)
{
	if (kind->protocol == 1) {
		out[0] = kind->flags;
		return 8;
	}
	put_be16(out, kind->from_port != 0 ? kind->from_port :
	         1024 + (unsigned)generator_below(generator, 60000));
	put_be16(out + 2, kind->to_port != 0 ? kind->to_port :
	         1024 + (unsigned)generator_below(generator, 3000));
	if (kind->protocol == 17) {
		put_be16(out + 4, 8);
		return 8;
	}
	put_be16(out + 6, (unsigned)generator_below(generator, 65536));
	out[12] = 5 << 4;
	out[13] = kind->flags;
	return 20;
}

static void put_ipv4(uint64_t moment, unsigned source, generator_t *generator)
{
	const kind_t *kind = &kinds[source % KINDS];
	uint8_t packet[64] = { 0x45 };
	size_t size = 20 + put_transport(packet + 20, kind, generator);
	unsigned target = (unsigned)generator_below(generator, kind->targets);
	put_be16(packet + 2, (unsigned)size);
	put_be16(packet + 4, kind->zmap ? 54321 : (unsigned)generator_below(generator, 65536));
	packet[6] = kind->fragment ? 0x20 : 0;
	packet[8] = 60;
	packet[9] = kind->protocol;
	const uint8_t from[4] = { 45, 3, (uint8_t)(source >> 8), (uint8_t)source };
	/* Some packets are not for the darknet. */
	const uint8_t to[4] = { 198, (uint8_t)(generator_below(generator, 50) == 0 ? 18 : 51),
	                        (uint8_t)(target >> 8), (uint8_t)target };
	memcpy(packet + 12, from, 4);
	memcpy(packet + 16, to, 4);
	put_packet(moment, packet, size);
}

/* A scan of one port. */
static void put_ipv6(uint64_t moment, unsigned source, generator_t *generator)
{
	uint8_t packet[64] = { 0x60, [5] = 20, [6] = 6, [7] = 60, [8] = 0x2a, [10] = 1,
	                       [22] = (uint8_t)(source >> 8), [23] = (uint8_t)source,
	                       [24] = 0x20, 0x01, 0x0d, 0xb8 };
	packet[38] = (uint8_t)generator_below(generator, 256);
	packet[39] = (uint8_t)generator_below(generator, 256);
	(void)put_transport(packet + 40, &kinds[0], generator);
	put_packet(moment, packet, 60);
}

int main(int argc, char **argv)
{
	if (argc != 5) {
		fprintf(stderr, "usage: %s FOLDER FILES DAYS PACKETS\n", argv[0]);
		return 1;
	}
	unsigned files = (unsigned)strtoul(argv[2], NULL, 10);
	uint64_t days = strtoull(argv[3], NULL, 10), packets = strtoull(argv[4], NULL, 10);
	generator_t generator = generator_make(11, packets);
	uint64_t done = 0;
	for (unsigned i = 0; i < files; i++) {
		begin_file(argv[1], i);
		for (; done < packets * (i + 1) / files; done++) {
			uint64_t moment = FIRST_SECOND * 1000000 + days * 86400000000 / packets * done;
			if (done % 7 == 6 && done > packets / 10) {
				moment -= generator_below(&generator, LATEST);
			}
			unsigned source = (unsigned)generator_below(&generator, SOURCES);
			if (done % 16 == 15) {
				put_ipv6(moment, source, &generator);
			} else {
				put_ipv4(moment, source, &generator);
			}
		}
		if (fclose(file) != 0) {
			perror("write_telescope");
			return 1;
		}
	}
	return 0;
}
