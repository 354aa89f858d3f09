/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SipHash over any number of bytes. */
#include "common/keyed_hash.h"

#include <string.h>

uint64_t keyed_hash(const hash_key_t *key, const void *data, size_t size, unsigned c, unsigned d)
{
	uint64_t v[4];
	sip_begin(v, key);
	const uint8_t *at = data;
	size_t left = size;
	for (; left >= 8; left -= 8, at += 8) {
		uint64_t word;
		memcpy(&word, at, 8);
		sip_word(v, le64toh(word), c);
	}
	uint64_t last = (uint64_t)size << 56;
	for (size_t i = 0; i < left; i++) {
		last |= (uint64_t)at[i] << (8 * i);
	}
	sip_word(v, last, c);
	return sip_end(v, d);
}

uint64_t checksum(const void *data, size_t size)
{
	static const hash_key_t zero = { { 0, 0 } };
	return keyed_hash(&zero, data, size, 2, 4);
}
