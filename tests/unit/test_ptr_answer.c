/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers to reverse look-ups, made by hand: what they tell, and that none is believed too far. */
#include "cli/ptr_answer.h"
#include "tests/tap.h"

/* A message under construction. */
typedef struct {
	uint8_t bytes[2048];
	size_t size;
} message_t;

static void add(message_t *message, const void *bytes, size_t size)
{
	memcpy(message->bytes + message->size, bytes, size);
	message->size += size;
}

#define ADD(message, text) add(message, text, sizeof(text) - 1)

/* Header and the question 1.2.0.192.in-addr.arpa PTR; names of records point at byte 12. */
static message_t begin(unsigned rcode, unsigned answers, unsigned authority)
{
	message_t message = { .size = 12 };
	message.bytes[2] = 0x81;
	message.bytes[3] = (uint8_t)(0x80 | rcode);
	message.bytes[5] = 1;
	message.bytes[7] = (uint8_t)answers;
	message.bytes[9] = (uint8_t)authority;
	ADD(&message, "\1" "1\1" "2\1" "0\3" "192\7in-addr\4arpa\0\0\x0c\0\x01");
	return message;
}

static ptr_answer_t read(const message_t *message)
{
	ptr_answer_t answer;
	/* In an allocation of its size, so that a sanitizer sees what is read beyond. */
	uint8_t *copy = malloc(message->size + 1);
	memcpy(copy, message->bytes, message->size);
	ptr_answer_read(copy, message->size, &answer);
	free(copy);
	return answer;
}

#define OWNER "\xc0\x0c"
#define SOA_FRONT "\0\0" "1111222233334444"

enum { NS = 2, CNAME = 5, SOA = 6, PTR = 12 };

/* A record of the question's name. */
static void record(message_t *message, uint8_t type, uint32_t ttl, const char *data, size_t size)
{
	const uint8_t head[12] = {
		0xc0, 12, 0, type, 0, 1, (uint8_t)(ttl >> 24), (uint8_t)(ttl >> 16), (uint8_t)(ttl >> 8),
		(uint8_t)ttl, (uint8_t)(size >> 8), (uint8_t)size,
	};
	add(message, head, sizeof(head));
	add(message, data, size);
}

#define RECORD(message, type, ttl, data) record(message, type, ttl, data, sizeof(data) - 1)

static void test_names(void)
{
	message_t message = begin(0, 1, 0);
	RECORD(&message, PTR, 256, "\4host\2cz\0" "behind");
	is_int(read(&message).kind, PTR_BAD, "a record that is longer than its name");
	message = begin(0, 1, 0);
	RECORD(&message, PTR, 256, "\4host\2cz\0");
	ptr_answer_t answer = read(&message);
	is_int(answer.kind, PTR_NAME, "a name");
	is_text(answer.name, "host.cz", "as text");
	is_int(answer.ttl, 256, "its TTL");
	size_t bad = 0;
	for (size_t size = 0; size < message.size; size++) {
		message_t cut = message;
		cut.size = size;
		bad += read(&cut).kind == PTR_BAD;
	}
	is_int(bad, message.size, "cut anywhere it is none");

	message = begin(0, 2, 0);
	RECORD(&message, PTR, 512, "\2zz\0");
	RECORD(&message, PTR, 256, "\2aa\0");
	answer = read(&message);
	is_text(answer.name, "aa", "of two the first in order");
	is_int(answer.ttl, 256, "and the shorter TTL");

	message = begin(0, 1, 0);
	RECORD(&message, PTR, UINT32_MAX, "\5a.b\n!\0");
	answer = read(&message);
	is_text(answer.name, "a?b??", "odd bytes are no dots, and no words of ours");
	is_int(answer.ttl, 0, "a TTL above 2^31 is 0");

	message = begin(0, 1, 0);
	RECORD(&message, PTR, 256, "\0");
	is_int(read(&message).kind, PTR_NONE, "the root is no name");
}

static void test_alias(void)
{
	message_t message = begin(0, 2, 0);
	RECORD(&message, CNAME, 32, "\3" "0-9" OWNER);
	RECORD(&message, PTR, 256, "\5alias\0");
	ptr_answer_t answer = read(&message);
	is_int(answer.kind, PTR_NAME, "a name behind an alias");
	is_text(answer.name, "alias", "it is that");
	is_int(answer.ttl, 32, "and holds as long as both");
}

static void test_none(void)
{
	message_t message = begin(3, 0, 1);
	RECORD(&message, SOA, 3600, SOA_FRONT "\0\0\x02\x58");
	ptr_answer_t answer = read(&message);
	is_int(answer.kind, PTR_NONE, "NXDOMAIN");
	is_int(answer.ttl, 600, "holds for the SOA's minimum");
	message = begin(0, 0, 1);
	RECORD(&message, SOA, 60, SOA_FRONT "\0\0\x02\x58");
	answer = read(&message);
	is_int(answer.kind, PTR_NONE, "no record of this type");
	is_int(answer.ttl, 60, "or for the SOA's TTL, if that is less (RFC 2308, section 5)");
	message = begin(3, 0, 0);
	answer = read(&message);
	ok(answer.kind == PTR_NONE && answer.ttl == 0, "NXDOMAIN without SOA");
	message = begin(0, 0, 1);
	RECORD(&message, SOA, 3600, "\0\0" "1111");
	is_int(read(&message).kind, PTR_BAD, "a SOA that is cut");
}

static void test_others(void)
{
	message_t message = begin(2, 0, 0);
	is_int(read(&message).kind, PTR_FAILED, "SERVFAIL");
	message = begin(5, 0, 0);
	is_int(read(&message).kind, PTR_REFUSED, "REFUSED");
	message = begin(4, 0, 0);
	is_int(read(&message).kind, PTR_REFUSED, "NOTIMP");
	message = begin(0, 0, 1);
	RECORD(&message, NS, 3600, "\2ns\0");
	is_int(read(&message).kind, PTR_REFUSED, "a referral");
	message = begin(0, 0, 0);
	message.bytes[2] = 0x01;
	is_int(read(&message).kind, PTR_BAD, "a query");
}

/* Names that point at themselves, in a circle, forward, or are too long. */
static void test_pointers(void)
{
	message_t message = begin(0, 1, 0);
	RECORD(&message, PTR, 256, "\xc0\0");
	uint8_t *target = &message.bytes[message.size - 1];
	*target = (uint8_t)(message.size - 2);
	is_int(read(&message).kind, PTR_BAD, "a pointer to itself");
	++*target;
	is_int(read(&message).kind, PTR_BAD, "forward");
	*target = 12;
	is_text(read(&message).name, "1.2.0.192.in-addr.arpa", "backward is good");

	char name[4 * 64 + 1] = { 0 };
	for (int i = 0; i < 4; i++) {
		memset(name + 64 * i, 'a', 64);
		name[64 * i] = i < 3 ? 63 : 61;
	}
	message = begin(0, 1, 0);
	record(&message, PTR, 256, name, 255);
	message.bytes[message.size - 1] = 0;
	is_int(strlen(read(&message).name), 253, "a name of 255 bytes");
	name[3 * 64] = 62;
	message = begin(0, 1, 0);
	record(&message, PTR, 256, name, 256);
	message.bytes[message.size - 1] = 0;
	is_int(read(&message).kind, PTR_BAD, "one of 256 bytes");
	name[0] = 64;
	message = begin(0, 1, 0);
	record(&message, PTR, 256, name, 67);
	is_int(read(&message).kind, PTR_BAD, "a label of 64 bytes");
}

int main(void)
{
	test_names();
	test_alias();
	test_none();
	test_others();
	test_pointers();
	return tap_done();
}
