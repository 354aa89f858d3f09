/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Frame Streams and dnstap as servers write them, for tests and benches.
 */
#pragma once

#include <stdint.h>
#include <string.h>

#include "common/address.h"
#include "common/buffer.h"
#include "common/moment.h"

/*! Types of control frames. */
enum { FSTRM_ACCEPT = 1, FSTRM_START, FSTRM_STOP, FSTRM_READY, FSTRM_FINISH };

/*! Content type of dnstap. */
#define DNSTAP_CONTENT "protobuf:dnstap.Dnstap"

/*! A message for dnstap_put_frame(). What is zero or NULL is left out. */
typedef struct {
	unsigned type, family, protocol;
	const void *querier, *server;            /*!< Bytes of the addresses. */
	size_t querier_size, server_size;
	unsigned querier_port, server_port;
	uint64_t seconds;
	uint32_t nanoseconds;                    /*!< Written whenever there are seconds. */
	const void *query;
	size_t query_size;
} dnstap_spec_t;

/*! 32 bits in network order. */
__attribute__((unused))
static void put_be32(buffer_t *out, uint32_t value)
{
	buffer_le32(out, __builtin_bswap32(value));
}

/*! A varint without a tag. */
__attribute__((unused))
static void put_varint(buffer_t *out, uint64_t value)
{
	while (value >= 0x80) {
		buffer_u8(out, (uint8_t)(value | 0x80));
		value >>= 7;
	}
	buffer_u8(out, (uint8_t)value);
}

/*! A field that is a varint. */
__attribute__((unused))
static void put_number(buffer_t *out, unsigned field, uint64_t value)
{
	put_varint(out, field << 3);
	put_varint(out, value);
}

/*! A field that is a run of bytes. */
__attribute__((unused))
static void put_bytes(buffer_t *out, unsigned field, const void *data, size_t size)
{
	put_varint(out, field << 3 | 2);
	put_varint(out, size);
	buffer_append(out, data, size);
}

/*! A field that is 32 bits. */
__attribute__((unused))
static void put_fixed32(buffer_t *out, unsigned field, uint32_t value)
{
	put_varint(out, field << 3 | 5);
	buffer_le32(out, value);
}

/*! The fields of a message. */
__attribute__((unused))
static void dnstap_put_message(buffer_t *out, const dnstap_spec_t *spec)
{
	const struct { unsigned field; uint64_t value; } before[] = {
		{ 1, spec->type }, { 2, spec->family }, { 3, spec->protocol },
	}, between[] = {
		{ 6, spec->querier_port }, { 7, spec->server_port }, { 8, spec->seconds },
	};
	for (size_t i = 0; i < 3; i++) {
		if (before[i].value != 0) {
			put_number(out, before[i].field, before[i].value);
		}
	}
	if (spec->querier != NULL) {
		put_bytes(out, 4, spec->querier, spec->querier_size);
	}
	if (spec->server != NULL) {
		put_bytes(out, 5, spec->server, spec->server_size);
	}
	for (size_t i = 0; i < 3; i++) {
		if (between[i].value != 0) {
			put_number(out, between[i].field, between[i].value);
		}
	}
	if (spec->seconds != 0) {
		put_fixed32(out, 9, spec->nanoseconds);
	}
	if (spec->query != NULL) {
		put_bytes(out, 10, spec->query, spec->query_size);
	}
}

/*! The outermost level around a message, with its type behind it as servers write it. */
__attribute__((unused))
static void dnstap_put_frame(buffer_t *out, const buffer_t *message)
{
	put_bytes(out, 1, "ns1", 3);
	put_bytes(out, 2, "test 1", 6);
	put_bytes(out, 14, message->data, message->size);
	put_number(out, 15, 1);
}

/*! A data frame of Frame Streams. */
__attribute__((unused))
static void fstrm_put_data(buffer_t *out, const void *data, size_t size)
{
	put_be32(out, (uint32_t)size);
	buffer_append(out, data, size);
}

/*! A control frame; \a content, if it is not NULL, is its field of a content type. */
__attribute__((unused))
static void fstrm_put_control(buffer_t *out, uint32_t type, const char *content)
{
	size_t size = content != NULL ? strlen(content) : 0;
	put_be32(out, 0);
	put_be32(out, (uint32_t)(4 + (content != NULL ? 8 + size : 0)));
	put_be32(out, type);
	if (content != NULL) {
		put_be32(out, 1);
		put_be32(out, (uint32_t)size);
		buffer_append(out, content, size);
	}
}
