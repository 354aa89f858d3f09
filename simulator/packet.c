/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A query from its end to its front: the headers need the lengths and sums of what they carry. */
#include "simulator/packet.h"

#define ETHERNET_SIZE 14
#define IPV4_SIZE 20
#define IPV6_SIZE 40
#define UDP_SIZE 8
#define DNS_SIZE 12
#define DNS_PORT 53
#define PROTOCOL_UDP 17
#define CLASS_IN 1
#define TYPE_OPT 41

static uint8_t *put8(uint8_t *at, unsigned value)
{
	*at = (uint8_t)value;
	return at + 1;
}

static uint8_t *put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t size)
{
	memcpy(at, bytes, size);
	return at + size;
}

/* Adds the 16-bit words of a run of bytes, an odd last byte as the high one (RFC 1071). */
static uint32_t sum_words(uint32_t sum, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i + 1 < size; i += 2) {
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	}
	return size % 2 == 0 ? sum : sum + ((uint32_t)bytes[size - 1] << 8);
}

static unsigned sum_close(uint32_t sum)
{
	while (sum > 0xffff) {
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return ~sum & 0xffff;
}

static size_t write_dns(const packet_t *packet, uint8_t *dns)
{
	/* An iterative query: no flag is set, recursion is not desired. */
	uint8_t *at = put16(dns, packet->id);
	at = put16(at, 0);
	at = put16(at, 1);
	at = put16(at, 0);
	at = put16(at, 0);
	at = put16(at, packet->edns_size != 0);
	at = put_bytes(at, packet->name, packet->name_size);
	at = put16(at, packet->qtype);
	at = put16(at, CLASS_IN);
	if (packet->edns_size != 0) {
		at = put8(at, 0);
		at = put16(at, TYPE_OPT);
		at = put16(at, packet->edns_size);
		at = put16(at, 0);
		at = put16(at, packet->dnssec_ok ? 0x8000 : 0);
		at = put16(at, 0);
	}
	return (size_t)(at - dns);
}

/* Writes the UDP header in front of `size` bytes of DNS. */
static void write_udp(const packet_t *packet, uint8_t *udp, size_t size)
{
	size_t offset = address_is_ipv4(&packet->querier) ? 12 : 0;
	uint8_t *at = put16(udp, packet->port);
	at = put16(at, DNS_PORT);
	at = put16(at, (unsigned)(UDP_SIZE + size));
	put16(at, 0);
	/* The pseudo-header: both addresses, the protocol and the length. */
	uint32_t sum = PROTOCOL_UDP + (uint32_t)(UDP_SIZE + size);
	sum = sum_words(sum, packet->querier.bytes + offset, 16 - offset);
	sum = sum_words(sum, packet->authority.bytes + offset, 16 - offset);
	unsigned checksum = sum_close(sum_words(sum, udp, UDP_SIZE + size));
	/* Zero would say that there is no checksum. */
	put16(at, checksum == 0 ? 0xffff : checksum);
}

static void write_ipv4(const packet_t *packet, uint8_t *ip, size_t size)
{
	uint8_t *at = put16(ip, 0x4500);
	at = put16(at, (unsigned)(IPV4_SIZE + size));
	at = put16(at, packet->ip_id);
	at = put16(at, 0);
	at = put8(at, packet->hops);
	at = put8(at, PROTOCOL_UDP);
	uint8_t *checksum = at;
	at = put16(at, 0);
	at = put_bytes(at, packet->querier.bytes + 12, 4);
	put_bytes(at, packet->authority.bytes + 12, 4);
	put16(checksum, sum_close(sum_words(0, ip, IPV4_SIZE)));
}

static void write_ipv6(const packet_t *packet, uint8_t *ip, size_t size)
{
	uint8_t *at = put16(ip, 0x6000);
	at = put16(at, 0);
	at = put16(at, (unsigned)size);
	at = put8(at, PROTOCOL_UDP);
	at = put8(at, packet->hops);
	at = put_bytes(at, packet->querier.bytes, 16);
	put_bytes(at, packet->authority.bytes, 16);
}

size_t packet_write(const packet_t *packet, uint8_t frame[PACKET_MAX])
{
	/* Locally administered addresses: the last router, and the authority. */
	static const uint8_t ethernet[12] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };
	bool ipv4 = address_is_ipv4(&packet->querier);
	uint8_t *ip = put_bytes(frame, ethernet, sizeof(ethernet));
	ip = put16(ip, ipv4 ? 0x0800 : 0x86dd);
	uint8_t *udp = ip + (ipv4 ? IPV4_SIZE : IPV6_SIZE);
	size_t size = write_dns(packet, udp + UDP_SIZE);
	write_udp(packet, udp, size);
	if (ipv4) {
		write_ipv4(packet, ip, UDP_SIZE + size);
	} else {
		write_ipv6(packet, ip, UDP_SIZE + size);
	}
	return (size_t)(udp - frame) + UDP_SIZE + size;
}
