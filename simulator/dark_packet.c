/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets to a telescope: first what is behind the IP header, then that. */
#include "simulator/dark_packet.h"

#define TCP_SIZE 20
#define OFFSET_BITS 0x1fff
#define ZMAP_ID 54321

static unsigned checksum(const dark_packet_t *packet, const uint8_t *start, size_t size)
{
	/* ICMP of IPv4 has no pseudo-header. */
	uint32_t sum = packet->ip.protocol == DARK_ICMP ? 0 : wire_sum_pseudo(&packet->ip, size);
	return wire_sum_close(wire_sum(sum, start, size));
}

static size_t put_tcp(const dark_packet_t *packet, uint8_t *start)
{
	uint8_t *at = wire_put16(start, packet->source_port);
	at = wire_put16(at, packet->destination_port);
	at = wire_put32(at, packet->sequence);
	at = wire_put32(at, packet->flags & DARK_ACK ? packet->acknowledgement : 0);
	at = wire_put8(at, TCP_SIZE / 4 << 4);
	at = wire_put8(at, packet->flags);
	at = wire_put16(at, packet->window);
	uint8_t *sum = at;
	at = wire_put32(at, 0);
	at = wire_put_bytes(at, packet->payload, packet->payload_size);
	wire_put16(sum, checksum(packet, start, (size_t)(at - start)));
	return (size_t)(at - start);
}

static size_t put_udp(const dark_packet_t *packet, uint8_t *start)
{
	uint8_t *at = wire_put16(start, packet->source_port);
	at = wire_put16(at, packet->destination_port);
	at = wire_put16(at, (unsigned)(WIRE_UDP_SIZE + packet->payload_size));
	uint8_t *sum = at;
	at = wire_put16(at, 0);
	at = wire_put_bytes(at, packet->payload, packet->payload_size);
	if ((packet->ip.fragment & DARK_MORE_FRAGMENTS) == 0) {
		unsigned value = checksum(packet, start, (size_t)(at - start));
		/* Zero would say that there is no checksum. */
		wire_put16(sum, value == 0 ? 0xffff : value);
	}
	return (size_t)(at - start);
}

static size_t put_icmp(const dark_packet_t *packet, uint8_t *start)
{
	uint8_t *at = wire_put8(start, packet->icmp_type);
	at = wire_put8(at, packet->icmp_code);
	uint8_t *sum = at;
	at = wire_put16(at, 0);
	at = wire_put32(at, packet->icmp_rest);
	at = wire_put_bytes(at, packet->payload, packet->payload_size);
	wire_put16(sum, checksum(packet, start, (size_t)(at - start)));
	return (size_t)(at - start);
}

static size_t put_transport(const dark_packet_t *packet, uint8_t *start)
{
	if ((packet->ip.fragment & OFFSET_BITS) == 0) {
		switch (packet->ip.protocol) {
		case DARK_TCP:
			return put_tcp(packet, start);
		case DARK_UDP:
			return put_udp(packet, start);
		case DARK_ICMP:
		case DARK_ICMPV6:
			return put_icmp(packet, start);
		default:
			break;
		}
	}
	wire_put_bytes(start, packet->payload, packet->payload_size);
	return packet->payload_size;
}

size_t dark_packet_write(const dark_packet_t *packet, uint8_t frame[DARK_PACKET_MAX])
{
	uint8_t *ip = wire_put_ethernet(frame, address_is_ipv4(&packet->ip.source));
	uint8_t *transport = ip + wire_ip_size(&packet->ip);
	size_t size = put_transport(packet, transport);
	wire_put_ip(ip, &packet->ip, size);
	return (size_t)(transport - frame) + size;
}

static uint32_t destination_number(const dark_packet_t *packet)
{
	const uint8_t *octets = packet->ip.destination.bytes + 12;
	return (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 |
	       octets[3];
}

void dark_mark_zmap(dark_packet_t *packet)
{
	packet->ip.id = ZMAP_ID;
}

void dark_mark_masscan(dark_packet_t *packet)
{
	packet->ip.id = (uint16_t)(destination_number(packet) ^ packet->destination_port ^
	                           packet->sequence);
}

void dark_mark_mirai(dark_packet_t *packet)
{
	packet->sequence = destination_number(packet);
}

void dark_packet_quote(const dark_packet_t *packet, uint8_t *quote)
{
	uint8_t transport[TCP_SIZE + DARK_PAYLOAD_MAX];
	size_t size = put_transport(packet, transport);
	uint8_t *at = wire_put_ip(quote, &packet->ip, size);
	wire_put_bytes(at, transport, DARK_QUOTE_SIZE - WIRE_IPV4_SIZE);
}
