/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Writes small MaxMind DBs for tests (MaxMind DB File Format Specification 2.0).
 *
 *     nodes: left | right, 24, 28 or 32 bits each   16 zeros   data   mark   metadata
 *
 * A record below the number of nodes is a node, equal to it nothing, above it data.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "common/buffer.h"

#define MMDB_NODES_MAX 65536
#define MMDB_EMPTY     UINT32_MAX
#define MMDB_DATA_BIT  0x80000000u

/*! A database under construction; begin with mmdb_begin(), free with free(). */
typedef struct {
	unsigned ip_version, record_size;
	uint32_t nodes[MMDB_NODES_MAX][2]; /*!< A node, MMDB_EMPTY, or MMDB_DATA_BIT and an offset. */
	uint32_t count;
	buffer_t data;
} mmdb_t;

__attribute__((unused))
static mmdb_t *mmdb_begin(unsigned ip_version, unsigned record_size)
{
	mmdb_t *mmdb = calloc(1, sizeof(*mmdb));
	mmdb->ip_version = ip_version;
	mmdb->record_size = record_size;
	mmdb->nodes[0][0] = mmdb->nodes[0][1] = MMDB_EMPTY;
	mmdb->count = 1;
	return mmdb;
}

/* Types of data; those above 7 have a second byte. */
enum { MMDB_WRITE_TEXT = 2, MMDB_WRITE_UINT16 = 5, MMDB_WRITE_UINT32 = 6, MMDB_WRITE_MAP = 7,
       MMDB_WRITE_UINT64 = 9, MMDB_WRITE_ARRAY = 11 };

/*! Control bytes: type, and size below 285. */
__attribute__((unused))
static void mmdb_control(buffer_t *to, unsigned type, size_t size)
{
	buffer_u8(to, (uint8_t)((type <= 7 ? type << 5 : 0) | (size < 29 ? size : 29)));
	if (type > 7) {
		buffer_u8(to, (uint8_t)(type - 7));
	}
	if (size >= 29) {
		buffer_u8(to, (uint8_t)(size - 29));
	}
}

__attribute__((unused))
static void mmdb_text(buffer_t *to, const char *text)
{
	mmdb_control(to, MMDB_WRITE_TEXT, strlen(text));
	buffer_append(to, text, strlen(text));
}

__attribute__((unused))
static void mmdb_number(buffer_t *to, unsigned type, uint64_t number)
{
	uint8_t bytes[8];
	size_t size = 0;
	for (int i = 7; i >= 0; i--) {
		if (size > 0 || number >> (8 * i) != 0) {
			bytes[size++] = (uint8_t)(number >> (8 * i));
		}
	}
	mmdb_control(to, type, size);
	buffer_append(to, bytes, size);
}

/*! Leads a prefix to the data at an offset; longer prefixes have to come after shorter ones. */
__attribute__((unused))
static void mmdb_add(mmdb_t *mmdb, const prefix_t *prefix, uint32_t offset)
{
	address_t bits = prefix->address;
	unsigned length = prefix->length;
	if (address_is_ipv4(&bits)) {
		/* In a tree of IPv6 it lies at ::/96. */
		memset(bits.bytes, 0, 12);
		if (mmdb->ip_version == 4) {
			memmove(bits.bytes, bits.bytes + 12, 4);
			length -= ADDRESS_IPV4_OFFSET;
		}
	}
	uint32_t node = 0;
	for (unsigned i = 0; i < length; i++) {
		unsigned side = bits.bytes[i / 8] >> (7 - i % 8) & 1;
		uint32_t next = mmdb->nodes[node][side];
		if (i + 1 == length) {
			mmdb->nodes[node][side] = MMDB_DATA_BIT | offset;
		} else if (next == MMDB_EMPTY || (next & MMDB_DATA_BIT) != 0) {
			/* What held for the whole holds for both halves. */
			uint32_t fresh = mmdb->count++;
			mmdb->nodes[fresh][0] = mmdb->nodes[fresh][1] = next;
			mmdb->nodes[node][side] = fresh;
			node = fresh;
		} else {
			node = next;
		}
	}
}

/* The record as the file has it. */
static uint32_t mmdb_record(const mmdb_t *mmdb, uint32_t record)
{
	return record == MMDB_EMPTY ? mmdb->count :
	       (record & MMDB_DATA_BIT) != 0 ? mmdb->count + 16 + (record & ~MMDB_DATA_BIT) : record;
}

static void mmdb_put_node(const mmdb_t *mmdb, uint32_t node, buffer_t *to)
{
	uint32_t left = mmdb_record(mmdb, mmdb->nodes[node][0]);
	uint32_t right = mmdb_record(mmdb, mmdb->nodes[node][1]);
	if (mmdb->record_size == 32) {
		buffer_u8(to, (uint8_t)(left >> 24));
	}
	buffer_u8(to, (uint8_t)(left >> 16));
	buffer_u8(to, (uint8_t)(left >> 8));
	buffer_u8(to, (uint8_t)left);
	if (mmdb->record_size == 28) {
		buffer_u8(to, (uint8_t)((left >> 24 & 15) << 4 | (right >> 24 & 15)));
	} else if (mmdb->record_size == 32) {
		buffer_u8(to, (uint8_t)(right >> 24));
	}
	buffer_u8(to, (uint8_t)(right >> 16));
	buffer_u8(to, (uint8_t)(right >> 8));
	buffer_u8(to, (uint8_t)right);
}

static void mmdb_put_metadata(const mmdb_t *mmdb, buffer_t *to)
{
	static const char mark[] = "\xab\xcd\xefMaxMind.com";
	const struct { const char *key; unsigned type; uint64_t number; } numbers[] = {
		{ "node_count", MMDB_WRITE_UINT32, mmdb->count },
		{ "record_size", MMDB_WRITE_UINT16, mmdb->record_size },
		{ "ip_version", MMDB_WRITE_UINT16, mmdb->ip_version },
		{ "binary_format_major_version", MMDB_WRITE_UINT16, 2 },
		{ "binary_format_minor_version", MMDB_WRITE_UINT16, 0 },
		{ "build_epoch", MMDB_WRITE_UINT64, 1790000000 },
	};
	size_t count = sizeof(numbers) / sizeof(numbers[0]);
	buffer_append(to, mark, sizeof(mark) - 1);
	mmdb_control(to, MMDB_WRITE_MAP, count + 3);
	for (size_t i = 0; i < count; i++) {
		mmdb_text(to, numbers[i].key);
		mmdb_number(to, numbers[i].type, numbers[i].number);
	}
	mmdb_text(to, "database_type");
	mmdb_text(to, "Test");
	mmdb_text(to, "languages");
	mmdb_control(to, MMDB_WRITE_ARRAY, 0);
	mmdb_text(to, "description");
	mmdb_control(to, MMDB_WRITE_MAP, 0);
}

/*! The bytes of the file; free with buffer_clear(). */
__attribute__((unused))
static buffer_t mmdb_bytes(const mmdb_t *mmdb)
{
	buffer_t bytes = { 0 };
	static const uint8_t zeros[16];
	for (uint32_t i = 0; i < mmdb->count; i++) {
		mmdb_put_node(mmdb, i, &bytes);
	}
	buffer_append(&bytes, zeros, sizeof(zeros));
	buffer_append(&bytes, mmdb->data.data, mmdb->data.size);
	mmdb_put_metadata(mmdb, &bytes);
	return bytes;
}

/*! Frees it. */
__attribute__((unused))
static void mmdb_end(mmdb_t *mmdb)
{
	buffer_clear(&mmdb->data);
	free(mmdb);
}
