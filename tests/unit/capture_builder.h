/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Packet files built by hand, in either byte order.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"

/*! Appends the bytes that are given as values. */
#define PUT(out, ...) do { \
	const uint8_t put_[] = { __VA_ARGS__ }; \
	buffer_append((out), put_, sizeof(put_)); \
} while (0)

/*! Two bytes in network order. */
#define HIGH_LOW(value) (uint8_t)((value) >> 8), (uint8_t)(value)

#define LINKTYPE_ETHERNET 1
#define LINKTYPE_RAW      101

/*! Appends 16 bits; \a big is the big end first. */
__attribute__((unused))
static void put16(buffer_t *out, uint16_t value, bool big)
{
	buffer_u8(out, (uint8_t)(big ? value >> 8 : value));
	buffer_u8(out, (uint8_t)(big ? value : value >> 8));
}

/*! Appends 32 bits. */
__attribute__((unused))
static void put32(buffer_t *out, uint32_t value, bool big)
{
	buffer_le32(out, big ? __builtin_bswap32(value) : value);
}

/*! Appends 64 bits. */
__attribute__((unused))
static void put64(buffer_t *out, uint64_t value, bool big)
{
	buffer_le64(out, big ? __builtin_bswap64(value) : value);
}

/*! The header of a classic pcap file. */
__attribute__((unused))
static void pcap_begin(buffer_t *out, uint32_t magic, uint32_t link, bool big)
{
	put32(out, magic, big);
	put16(out, 2, big);
	put16(out, 4, big);
	put64(out, 0, big);
	put32(out, 65535, big);
	put32(out, link, big);
}

/*! A record of it: \a fraction in the unit of the file; \a kept of the bytes were captured. */
__attribute__((unused))
static void pcap_packet(buffer_t *out, uint32_t seconds, uint32_t fraction, const buffer_t *packet,
                        size_t kept, bool big)
{
	put32(out, seconds, big);
	put32(out, fraction, big);
	put32(out, (uint32_t)kept, big);
	put32(out, (uint32_t)packet->size, big);
	buffer_append(out, packet->data, kept);
}

/*! A pcapng block with any body, which is padded. */
__attribute__((unused))
static void pcapng_block(buffer_t *out, uint32_t type, const buffer_t *body, bool big)
{
	uint32_t length = (uint32_t)(12 + ((body->size + 3) & ~(size_t)3));
	put32(out, type, big);
	put32(out, length, big);
	buffer_append(out, body->data, body->size);
	for (size_t i = body->size; i % 4 != 0; i++) {
		buffer_u8(out, 0);
	}
	put32(out, length, big);
}

/*! Appends the block and clears its body. */
__attribute__((unused))
static void pcapng_block_end(buffer_t *out, uint32_t type, buffer_t *body, bool big)
{
	pcapng_block(out, type, body, big);
	buffer_clear(body);
}

/*! A section header of version 1.0. */
__attribute__((unused))
static void pcapng_section(buffer_t *out, bool big)
{
	buffer_t body = { 0 };
	put32(&body, 0x1a2b3c4d, big);
	put16(&body, 1, big);
	put16(&body, 0, big);
	put64(&body, UINT64_MAX, big);
	pcapng_block_end(out, 0x0a0d0d0a, &body, big);
}

/*! An interface; without its options if \a resolution is 6 and \a offset 0. */
__attribute__((unused))
static void pcapng_interface(buffer_t *out, uint16_t link, uint32_t snap, uint8_t resolution,
                             int64_t offset, bool big)
{
	buffer_t body = { 0 };
	put16(&body, link, big);
	put16(&body, 0, big);
	put32(&body, snap, big);
	if (resolution != 6 || offset != 0) {
		put16(&body, 2, big); /* its name, which nobody asks for */
		put16(&body, 3, big);
		PUT(&body, 'e', 't', 'h', 0);
		put16(&body, 9, big);
		put16(&body, 1, big);
		PUT(&body, resolution, 0, 0, 0);
		put16(&body, 14, big);
		put16(&body, 8, big);
		put64(&body, (uint64_t)offset, big);
		put32(&body, 0, big);
	}
	pcapng_block_end(out, 1, &body, big);
}

/*! An enhanced packet block, or an old packet block (\a old). */
__attribute__((unused))
static void pcapng_packet(buffer_t *out, uint32_t interface, uint64_t units, const buffer_t *packet,
                          size_t kept, bool old, bool big)
{
	buffer_t body = { 0 };
	if (old) {
		put16(&body, (uint16_t)interface, big);
		put16(&body, 7, big);
	} else {
		put32(&body, interface, big);
	}
	put32(&body, (uint32_t)(units >> 32), big);
	put32(&body, (uint32_t)units, big);
	put32(&body, (uint32_t)kept, big);
	put32(&body, (uint32_t)packet->size, big);
	buffer_append(&body, packet->data, kept);
	pcapng_block_end(out, old ? 2 : 6, &body, big);
}

/*! A simple packet block. */
__attribute__((unused))
static void pcapng_simple(buffer_t *out, const buffer_t *packet, size_t kept, bool big)
{
	buffer_t body = { 0 };
	put32(&body, (uint32_t)packet->size, big);
	buffer_append(&body, packet->data, kept);
	pcapng_block_end(out, 3, &body, big);
}
