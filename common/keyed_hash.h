/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Keyed hash: SipHash-1-3 for tables, SipHash-2-4 for checksums.
 *
 * J.-P. Aumasson, D. J. Bernstein: SipHash: a fast short-input PRF, INDOCRYPT
 * 2012. Whoever does not know the key cannot aim collisions at a table. One
 * and three rounds are what hash tables in wide use take for that purpose; the
 * checksum, which is not on a hot path, takes the authors' two and four.
 *
 * The result depends on bytes only, not on the byte order of the machine.
 */
#pragma once

#include <endian.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"

/*! The secret of a table. */
typedef struct {
	uint64_t words[2];
} hash_key_t;

static inline void sip_round(uint64_t v[4])
{
	#define SIP_ROTATE(x, bits) (((x) << (bits)) | ((x) >> (64 - (bits))))
	v[0] += v[1]; v[1] = SIP_ROTATE(v[1], 13); v[1] ^= v[0]; v[0] = SIP_ROTATE(v[0], 32);
	v[2] += v[3]; v[3] = SIP_ROTATE(v[3], 16); v[3] ^= v[2];
	v[0] += v[3]; v[3] = SIP_ROTATE(v[3], 21); v[3] ^= v[0];
	v[2] += v[1]; v[1] = SIP_ROTATE(v[1], 17); v[1] ^= v[2]; v[2] = SIP_ROTATE(v[2], 32);
	#undef SIP_ROTATE
}

static inline void sip_begin(uint64_t v[4], const hash_key_t *key)
{
	/* The constants of the paper, section 2.1: "somepseudorandomlygeneratedbytes". */
	v[0] = key->words[0] ^ 0x736f6d6570736575;
	v[1] = key->words[1] ^ 0x646f72616e646f6d;
	v[2] = key->words[0] ^ 0x6c7967656e657261;
	v[3] = key->words[1] ^ 0x7465646279746573;
}

static inline void sip_word(uint64_t v[4], uint64_t word, unsigned rounds)
{
	v[3] ^= word;
	for (unsigned i = 0; i < rounds; i++) {
		sip_round(v);
	}
	v[0] ^= word;
}

static inline uint64_t sip_end(uint64_t v[4], unsigned rounds)
{
	v[2] ^= 0xff;
	for (unsigned i = 0; i < rounds; i++) {
		sip_round(v);
	}
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/*! SipHash-1-3 of the 16 bytes of an address; for the hot path. */
static inline uint64_t keyed_hash_address(const hash_key_t *key, const address_t *address)
{
	uint64_t v[4];
	sip_begin(v, key);
	sip_word(v, le64toh(address->words[0]), 1);
	sip_word(v, le64toh(address->words[1]), 1);
	sip_word(v, (uint64_t)sizeof(*address) << 56, 1);
	return sip_end(v, 3);
}

/*!
 * SipHash-c-d of any bytes.
 *
 * \param c  Rounds per word: 1 or 2.
 * \param d  Rounds at the end: 3 or 4.
 */
uint64_t keyed_hash(const hash_key_t *key, const void *data, size_t size, unsigned c, unsigned d);

/*! SipHash-2-4 under the zero key: a checksum of files, against damage and not against malice. */
uint64_t checksum(const void *data, size_t size);
