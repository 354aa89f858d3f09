/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SipHash against the published vectors, and against a second implementation
 * that is written from the paper byte by byte: it pads the message first and
 * collects words by shifting, and takes its rounds from the paper's figure 2.1.
 */
#include "common/generator.h"
#include "common/keyed_hash.h"
#include "tests/tap.h"

#define MESSAGE_MAX 256

static uint64_t left(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static uint64_t word_of(const uint8_t *bytes)
{
	uint64_t word = 0;
	for (int i = 7; i >= 0; i--) {
		word = word * 256 + bytes[i];
	}
	return word;
}

static void paper_rounds(uint64_t *v0, uint64_t *v1, uint64_t *v2, uint64_t *v3, unsigned rounds)
{
	while (rounds-- > 0) {
		*v0 += *v1;
		*v2 += *v3;
		*v1 = left(*v1, 13) ^ *v0;
		*v3 = left(*v3, 16) ^ *v2;
		*v0 = left(*v0, 32);
		*v2 += *v1;
		*v0 += *v3;
		*v1 = left(*v1, 17) ^ *v2;
		*v3 = left(*v3, 21) ^ *v0;
		*v2 = left(*v2, 32);
	}
}

static uint64_t paper_siphash(const uint8_t key[16], const uint8_t *message, size_t size,
                              unsigned c, unsigned d)
{
	/* Section 2.2: zero bytes up to 7 modulo 8, then the size modulo 256. */
	uint8_t padded[MESSAGE_MAX + 8] = { 0 };
	size_t words = size / 8 + 1;
	memcpy(padded, message, size);
	padded[8 * words - 1] = (uint8_t)size;

	const char *constant = "somepseudorandomlygeneratedbytes";
	uint64_t v[4];
	for (int i = 0; i < 4; i++) {
		v[i] = word_of(key + 8 * (i % 2));
		for (int j = 0; j < 8; j++) {
			v[i] ^= (uint64_t)(uint8_t)constant[8 * i + j] << (56 - 8 * j);
		}
	}
	for (size_t i = 0; i < words; i++) {
		v[3] ^= word_of(padded + 8 * i);
		paper_rounds(v, v + 1, v + 2, v + 3, c);
		v[0] ^= word_of(padded + 8 * i);
	}
	v[2] ^= 255;
	paper_rounds(v, v + 1, v + 2, v + 3, d);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static hash_key_t key_of(const uint8_t bytes[16])
{
	return (hash_key_t) { { word_of(bytes), word_of(bytes + 8) } };
}

/* Key 00 01 ... 0f, message 00 01 ... of the given size. */
static void test_published(void)
{
	static const struct { size_t size; uint64_t wanted; const char *source; } vectors[] = {
		{ 0, 0x726fdb47dd0e0e31, "the authors' vectors.h" },
		{ 1, 0x74f839c593dc67fd, "the authors' vectors.h" },
		{ 2, 0x0d6c8009d9a94f5a, "the authors' vectors.h" },
		{ 3, 0x85676696d7fb7e2d, "the authors' vectors.h" },
		{ 8, 0x93f5f5799a932462, "the authors' vectors.h" },
		{ 15, 0xa129ca6149be45e5, "the paper, appendix A" },
		{ 63, 0x958a324ceb064572, "the authors' vectors.h" },
	};
	uint8_t bytes[64];
	for (unsigned i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (uint8_t)i;
	}
	hash_key_t key = key_of(bytes);
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		ok(keyed_hash(&key, bytes, vectors[i].size, 2, 4) == vectors[i].wanted,
		   "SipHash-2-4 of %zu bytes as in %s", vectors[i].size, vectors[i].source);
	}
}

static void test_against_paper(void)
{
	static const struct { unsigned c, d; } rounds[] = { { 2, 4 }, { 1, 3 }, { 2, 3 }, { 1, 4 } };
	generator_t generator = generator_make(6, 0);
	uint8_t key_bytes[16], message[MESSAGE_MAX + 8];
	int wrong = 0;
	for (size_t size = 0; size < MESSAGE_MAX; size++) {
		for (size_t i = 0; i < sizeof(message); i++) {
			message[i] = (uint8_t)generator_next(&generator);
			key_bytes[i % 16] = (uint8_t)generator_next(&generator);
		}
		hash_key_t key = key_of(key_bytes);
		for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++) {
			/* From an odd place in memory, too. */
			const uint8_t *data = message + size % 8;
			wrong += keyed_hash(&key, data, size, rounds[i].c, rounds[i].d) !=
			         paper_siphash(key_bytes, data, size, rounds[i].c, rounds[i].d);
		}
	}
	is_int(wrong, 0, "sizes 0 to %d, four pairs of rounds, as a naive reading of the paper",
	       MESSAGE_MAX - 1);
}

static void test_address_hash(void)
{
	generator_t generator = generator_make(7, 0);
	int wrong = 0;
	for (int i = 0; i < 1000; i++) {
		hash_key_t key = { { generator_next(&generator), generator_next(&generator) } };
		address_t address = { .words = { generator_next(&generator), generator_next(&generator) } };
		if (i % 2 == 0) {
			address = address_from_ipv4(address.bytes);
		}
		wrong += keyed_hash_address(&key, &address) != keyed_hash(&key, address.bytes, 16, 1, 3);
	}
	is_int(wrong, 0, "keyed_hash_address() is keyed_hash() with 1 and 3 rounds over its bytes");

	hash_key_t zero = { { 0, 0 } }, one = { { 1, 0 } };
	address_t address = { .words = { 0, 0 } };
	ok(keyed_hash_address(&zero, &address) != keyed_hash_address(&one, &address), "the key counts");
}

static void test_checksum(void)
{
	static const char text[] = "forest";
	static const uint8_t zero[16];
	ok(checksum(text, 6) == paper_siphash(zero, (const uint8_t *)text, 6, 2, 4),
	   "checksum() is SipHash-2-4 under the zero key");
	uint64_t whole = checksum(text, 6);
	int same = 0;
	for (int bit = 0; bit < 8 * 6; bit++) {
		char damaged[6];
		memcpy(damaged, text, 6);
		damaged[bit / 8] ^= (char)(1 << bit % 8);
		same += checksum(damaged, 6) == whole;
	}
	is_int(same, 0, "every turned bit is seen");
	ok(checksum(text, 5) != whole && checksum(NULL, 0) == checksum("", 0),
	   "so is a cut; nothing is fine");
}

int main(void)
{
	test_published();
	test_against_paper();
	test_address_hash();
	test_checksum();
	return tap_done();
}
