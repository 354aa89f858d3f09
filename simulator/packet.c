/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A query from its end to its front: the headers need the lengths and sums of what they carry. */
#include "simulator/packet.h"

#include "simulator/wire.h"

#define DNS_SIZE 12
#define DNS_PORT 53
#define PROTOCOL_UDP 17
#define CLASS_IN 1
#define TYPE_OPT 41

static size_t write_dns(const packet_t *packet, uint8_t *dns)
{
	/* An iterative query: no flag is set, recursion is not desired. */
	uint8_t *at = wire_put16(dns, packet->id);
	at = wire_put16(at, 0);
	at = wire_put16(at, 1);
	at = wire_put16(at, 0);
	at = wire_put16(at, 0);
	at = wire_put16(at, packet->edns_size != 0);
	at = wire_put_bytes(at, packet->name, packet->name_size);
	at = wire_put16(at, packet->qtype);
	at = wire_put16(at, CLASS_IN);
	if (packet->edns_size != 0) {
		at = wire_put8(at, 0);
		at = wire_put16(at, TYPE_OPT);
		at = wire_put16(at, packet->edns_size);
		at = wire_put16(at, 0);
		at = wire_put16(at, packet->dnssec_ok ? 0x8000 : 0);
		at = wire_put16(at, 0);
	}
	return (size_t)(at - dns);
}

/* Writes the UDP header in front of `size` bytes of DNS. */
static void write_udp(const packet_t *packet, const wire_ip_t *ip, uint8_t *udp, size_t size)
{
	uint8_t *at = wire_put16(udp, packet->port);
	at = wire_put16(at, DNS_PORT);
	at = wire_put16(at, (unsigned)(WIRE_UDP_SIZE + size));
	wire_put16(at, 0);
	uint32_t sum = wire_sum_pseudo(ip, WIRE_UDP_SIZE + size);
	unsigned checksum = wire_sum_close(wire_sum(sum, udp, WIRE_UDP_SIZE + size));
	/* Zero would say that there is no checksum. */
	wire_put16(at, checksum == 0 ? 0xffff : checksum);
}

size_t packet_write(const packet_t *packet, uint8_t frame[PACKET_MAX])
{
	wire_ip_t header = {
		.source = packet->querier, .destination = packet->authority, .protocol = PROTOCOL_UDP,
		.hops = packet->hops, .id = packet->ip_id,
	};
	uint8_t *ip = wire_put_ethernet(frame, address_is_ipv4(&packet->querier));
	uint8_t *udp = ip + wire_ip_size(&header);
	size_t size = write_dns(packet, udp + WIRE_UDP_SIZE);
	write_udp(packet, &header, udp, size);
	wire_put_ip(ip, &header, WIRE_UDP_SIZE + size);
	return (size_t)(udp - frame) + WIRE_UDP_SIZE + size;
}
