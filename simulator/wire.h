/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Headers of frames as bytes: numbers in network order, checksums, Ethernet and IP.
 *
 * All functions are thread-safe. Lengths are the caller's affair: the room must be there.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/address.h"

/*! Sizes of headers, bytes. */
#define WIRE_ETHERNET_SIZE 14
#define WIRE_IPV4_SIZE 20
#define WIRE_IPV6_SIZE 40
#define WIRE_UDP_SIZE 8

/*! Fields of an IP header that are not the same for all packets. */
typedef struct {
	address_t source;
	address_t destination;   /*!< Of the same family. */
	uint8_t protocol;        /*!< Of what is behind the header (IANA). */
	uint8_t hops;            /*!< TTL or hop limit. */
	uint16_t id;             /*!< IPv4: identification. */
	uint16_t fragment;       /*!< IPv4: flags and offset in units of 8 bytes. */
} wire_ip_t;

/*! Writes one byte; returns the place behind it, as all that write. */
static inline uint8_t *wire_put8(uint8_t *at, unsigned value)
{
	*at = (uint8_t)value;
	return at + 1;
}

/*! Writes 16 bits. */
static inline uint8_t *wire_put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

/*! Writes 32 bits. */
static inline uint8_t *wire_put32(uint8_t *at, uint32_t value)
{
	return wire_put16(wire_put16(at, value >> 16), value & 0xffff);
}

/*! Copies a run of bytes; NULL is allowed for none. */
static inline uint8_t *wire_put_bytes(uint8_t *at, const void *bytes, size_t size)
{
	if (size > 0) {
		memcpy(at, bytes, size);
	}
	return at + size;
}

/*! Adds 16-bit words to a sum, an odd last byte as the high one (RFC 1071). */
static inline uint32_t wire_sum(uint32_t sum, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i + 1 < size; i += 2) {
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	}
	return size % 2 == 0 ? sum : sum + ((uint32_t)bytes[size - 1] << 8);
}

/*! The checksum that belongs to a sum. */
static inline unsigned wire_sum_close(uint32_t sum)
{
	while (sum > 0xffff) {
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return ~sum & 0xffff;
}

/*! Sum of the pseudo-header in front of \a size bytes (RFC 768; RFC 8200, section 8.1). */
static inline uint32_t wire_sum_pseudo(const wire_ip_t *ip, size_t size)
{
	size_t offset = address_is_ipv4(&ip->source) ? 12 : 0;
	uint32_t sum = ip->protocol + (uint32_t)size;
	sum = wire_sum(sum, ip->source.bytes + offset, 16 - offset);
	return wire_sum(sum, ip->destination.bytes + offset, 16 - offset);
}

/*! Bytes of the IP header of a packet. */
static inline size_t wire_ip_size(const wire_ip_t *ip)
{
	return address_is_ipv4(&ip->source) ? WIRE_IPV4_SIZE : WIRE_IPV6_SIZE;
}

/*! Writes the IP header of a packet that has \a size bytes behind it. */
static inline uint8_t *wire_put_ip(uint8_t *start, const wire_ip_t *ip, size_t size)
{
	uint8_t *at;
	if (address_is_ipv4(&ip->source)) {
		at = wire_put16(start, 0x4500);
		at = wire_put16(at, (unsigned)(WIRE_IPV4_SIZE + size));
		at = wire_put16(at, ip->id);
		at = wire_put16(at, ip->fragment);
		at = wire_put8(at, ip->hops);
		at = wire_put8(at, ip->protocol);
		uint8_t *checksum = at;
		at = wire_put16(at, 0);
		at = wire_put_bytes(at, ip->source.bytes + 12, 4);
		at = wire_put_bytes(at, ip->destination.bytes + 12, 4);
		wire_put16(checksum, wire_sum_close(wire_sum(0, start, WIRE_IPV4_SIZE)));
		return at;
	}
	at = wire_put16(start, 0x6000);
	at = wire_put16(at, 0);
	at = wire_put16(at, (unsigned)size);
	at = wire_put8(at, ip->protocol);
	at = wire_put8(at, ip->hops);
	at = wire_put_bytes(at, ip->source.bytes, 16);
	return wire_put_bytes(at, ip->destination.bytes, 16);
}

/*! Writes the Ethernet header of an IP packet, between two addresses of our own. */
static inline uint8_t *wire_put_ethernet(uint8_t *at, bool ipv4)
{
	/* Locally administered: who receives, and the last router. */
	static const uint8_t ethernet[12] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };
	at = wire_put_bytes(at, ethernet, sizeof(ethernet));
	return wire_put16(at, ipv4 ? 0x0800 : 0x86dd);
}
