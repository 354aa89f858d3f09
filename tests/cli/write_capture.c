/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes the capture that tests/cli/replay.sh replays. Raw IP, 2 milliseconds apart:
 *
 *   30 PTR queries from 198.51.100.1 to .30             over IPv4
 *   10 PTR queries from 203.0.113.1 to .10              over IPv4
 *   20 PTR queries from 2001:db8:1::1 to ::14           over IPv6
 *    5 PTR queries from 2001:db8:2::1 to ::5            over IPv6
 *    1 PTR query   from 198.51.100.99                   over TCP, one second before all
 *    7 TXT queries from 198.51.100.1 to .7              over IPv4
 *
 * Each asks 192.0.2.53 or 2001:db8::53 for N.2.0.192.in-addr.arpa.
 */
#include "config.h"

#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define FIRST_SECOND 1790000000
#define SPACING      2000  /* Microseconds. */
#define PTR          12
#define TXT          16

static pcap_dumper_t *dumper;
static unsigned written;

static size_t put16(uint8_t *out, unsigned value)
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
	return 2;
}

static size_t put_message(uint8_t *out, unsigned number, unsigned type)
{
	static const uint8_t zone[] = "\0012\0010\003192\007in-addr\004arpa";
	char label[8];
	int size = snprintf(label, sizeof(label), "%u", number);
	memset(out, 0, 12);
	out[5] = 1;
	uint8_t *at = out + 12;
	*at++ = (uint8_t)size;
	memcpy(at, label, (size_t)size);
	at += size;
	memcpy(at, zone, sizeof(zone));
	at += sizeof(zone);
	at += put16(at, type);
	at += put16(at, 1);
	return (size_t)(at - out);
}

static size_t put_udp(uint8_t *out, size_t message)
{
	put16(out, 40000);
	put16(out + 2, 53);
	put16(out + 4, (unsigned)(8 + message));
	put16(out + 6, 0);
	return 8 + message;
}

static void put_packet(const uint8_t *packet, size_t size, uint64_t moment)
{
	struct pcap_pkthdr header = {
		.ts = { .tv_sec = (long)(moment / 1000000), .tv_usec = (long)(moment % 1000000) },
		.caplen = (unsigned)size, .len = (unsigned)size,
	};
	pcap_dump((u_char *)dumper, &header, packet);
}

static uint64_t next_moment(void)
{
	return FIRST_SECOND * UINT64_C(1000000) + written++ * SPACING;
}

static void put_ipv4_header(uint8_t *out, size_t size, unsigned protocol, const uint8_t source[4])
{
	static const uint8_t server[4] = { 192, 0, 2, 53 };
	memset(out, 0, 20);
	out[0] = 0x45;
	put16(out + 2, (unsigned)size);
	out[8] = 64;
	out[9] = (uint8_t)protocol;
	memcpy(out + 12, source, 4);
	memcpy(out + 16, server, 4);
}

static void ipv4_query(const uint8_t source[4], unsigned number, unsigned type)
{
	uint8_t packet[256];
	size_t size = 20 + put_udp(packet + 20, put_message(packet + 28, number, type));
	put_ipv4_header(packet, size, 17, source);
	put_packet(packet, size, next_moment());
}

static void ipv6_query(unsigned net, unsigned number)
{
	uint8_t packet[256] = { 0x60, [6] = 17, 64, 0x20, 0x01, 0x0d, 0xb8, 0, (uint8_t)net,
	                        [23] = (uint8_t)number, 0x20, 0x01, 0x0d, 0xb8, [39] = 0x53 };
	size_t size = put_udp(packet + 40, put_message(packet + 48, number, PTR));
	put16(packet + 4, (unsigned)size);
	put_packet(packet, 40 + size, next_moment());
}

static void tcp_query(void)
{
	static const uint8_t source[4] = { 198, 51, 100, 99 };
	uint8_t packet[256] = { 0 };
	size_t message = put_message(packet + 42, 99, PTR), size = 42 + message;
	put_ipv4_header(packet, size, 6, source);
	put16(packet + 20, 40001);
	put16(packet + 22, 53);
	packet[32] = 5 << 4;
	packet[33] = 0x18;
	put16(packet + 40, (unsigned)message);
	put_packet(packet, size, (FIRST_SECOND - 1) * UINT64_C(1000000));
}

int main(int argc, char **argv)
{
	pcap_t *pcap = pcap_open_dead(DLT_RAW, 65535);
	dumper = argc == 2 && pcap != NULL ? pcap_dump_open(pcap, argv[1]) : NULL;
	if (dumper == NULL) {
		fprintf(stderr, "usage: %s CAPTURE\n", argv[0]);
		return 1;
	}
	for (unsigned i = 1; i <= 30; i++) {
		ipv4_query((const uint8_t[]) { 198, 51, 100, (uint8_t)i }, i, PTR);
	}
	for (unsigned i = 1; i <= 10; i++) {
		ipv4_query((const uint8_t[]) { 203, 0, 113, (uint8_t)i }, i, PTR);
	}
	for (unsigned i = 1; i <= 20; i++) {
		ipv6_query(1, i);
	}
	for (unsigned i = 1; i <= 5; i++) {
		ipv6_query(2, i);
	}
	tcp_query();
	for (unsigned i = 1; i <= 7; i++) {
		ipv4_query((const uint8_t[]) { 198, 51, 100, (uint8_t)i }, i, TXT);
	}
	pcap_dump_close(dumper);
	pcap_close(pcap);
	return 0;
}
