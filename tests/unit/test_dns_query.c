/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DNS messages built by hand, cut at each length. */
#include "capture/dns_query.h"

#include <stdlib.h>

#include "tests/tap.h"

#define MESSAGE_MAX 600

static const uint8_t name[] = "\0014\0013\0012\0011\007IN-addr\004arpa";

/* Header, name, type PTR, class IN; returns the size. */
static size_t build(uint8_t *out, const void *qname, size_t size)
{
	static const uint8_t header[DNS_HEADER] = { 0x12, 0x34, 0x01, 0x00, 0, 1 };
	static const uint8_t tail[] = { 0, 12, 0, 1 };
	memcpy(out, header, sizeof(header));
	memcpy(out + DNS_HEADER, qname, size);
	memcpy(out + DNS_HEADER + size, tail, sizeof(tail));
	return DNS_HEADER + size + sizeof(tail);
}

/* Parses bytes that lie at the very end of their memory. */
static dns_query_kind_t parse(const uint8_t *message, size_t size, dns_query_t *query)
{
	uint8_t *bytes = malloc(size + 1);
	memcpy(bytes + 1, message, size);
	dns_query_kind_t kind = dns_query_parse(bytes + 1, size, query);
	if (kind == DNS_QUERY_GOOD) {
		query->qname = message + (query->qname - (bytes + 1));
	}
	free(bytes);
	return kind;
}

static void test_good(void)
{
	uint8_t message[MESSAGE_MAX];
	dns_query_t query;
	size_t size = build(message, name, sizeof(name));
	is_int(parse(message, size, &query), DNS_QUERY_GOOD, "a query");
	is_int(query.id, 0x1234, "its ID");
	is_int(query.flags, 0x0100, "its flags");
	is_int(query.qtype, 12, "its type");
	is_int(query.qclass, 1, "its class");
	is_int(query.qname_size, sizeof(name), "size of its name");
	ok(query.qname == message + DNS_HEADER, "its name is in the message");
	is_int(query.question_end, size, "end of its question");
	memset(message + size, 0xff, 40);
	is_int(parse(message, size + 40, &query), DNS_QUERY_GOOD, "what follows is not looked at");
	is_int(query.question_end, size, "and is not in the question");
	size = build(message, "", 1);
	is_int(parse(message, size, &query), DNS_QUERY_GOOD, "the root");
	is_int(query.qname_size, 1, "has a name of one byte");
}

static void test_cuts(void)
{
	uint8_t message[MESSAGE_MAX];
	dns_query_t query;
	size_t size = build(message, name, sizeof(name)), wrong = 0;
	for (size_t cut = 0; cut < size; cut++) {
		wrong += parse(message, cut, &query) != DNS_QUERY_SHORT;
	}
	is_int(wrong, 0, "cut at each length: short");
	message[2] = 0x80;
	is_int(parse(message, 11, &query), DNS_QUERY_SHORT, "a cut header tells nothing");
	is_int(parse(message, 12, &query), DNS_QUERY_RESPONSE, "a header alone tells a response");
}

static void test_kinds(void)
{
	static const struct {
		size_t offset;
		uint8_t value;
		dns_query_kind_t kind;
		const char *what;
	} changes[] = {
		{ 2, 0x81, DNS_QUERY_RESPONSE, "QR 1" },
		{ 2, 0x08, DNS_QUERY_OTHER, "inverse query" },
		{ 2, 0x20, DNS_QUERY_OTHER, "NOTIFY" },
		{ 2, 0x28, DNS_QUERY_OTHER, "UPDATE" },
		{ 2, 0x78, DNS_QUERY_OTHER, "OPCODE 15" },
		{ 2, 0x07, DNS_QUERY_GOOD, "AA, TC and RD" },
		{ 3, 0xff, DNS_QUERY_GOOD, "all flags of the second byte" },
		{ 5, 0, DNS_QUERY_OTHER, "no question" },
		{ 5, 2, DNS_QUERY_OTHER, "two questions" },
		{ 4, 1, DNS_QUERY_OTHER, "257 questions" },
		{ 12, 0xc0, DNS_QUERY_MALFORMED, "a pointer at the front" },
		{ 14, 0xc0, DNS_QUERY_MALFORMED, "a pointer behind a label" },
		{ 12, 0x40, DNS_QUERY_MALFORMED, "an extended label" },
		{ 12, 0x80, DNS_QUERY_MALFORMED, "a reserved label" },
		{ 12, 63, DNS_QUERY_SHORT, "a label beyond the message" },
	};
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		uint8_t message[MESSAGE_MAX];
		dns_query_t query;
		size_t size = build(message, name, sizeof(name));
		message[changes[i].offset] = changes[i].value;
		dns_query_kind_t kind = parse(message, size, &query);
		ok(kind == changes[i].kind, "%s: %s", changes[i].what, dns_query_kind_name(kind));
	}
}

/* Labels of 63 bytes, then one of `last` bytes, then the root. */
static size_t long_name(uint8_t *out, size_t labels, uint8_t last)
{
	size_t size = 0;
	for (size_t i = 0; i < labels; i++) {
		out[size] = DNS_LABEL_MAX;
		memset(out + size + 1, 'x', DNS_LABEL_MAX);
		size += DNS_LABEL_MAX + 1;
	}
	out[size] = last;
	memset(out + size + 1, 'x', last);
	size += last + 1u;
	out[size++] = 0;
	return size;
}

static void test_long_names(void)
{
	uint8_t message[MESSAGE_MAX], qname[MESSAGE_MAX];
	dns_query_t query;
	size_t size = build(message, qname, long_name(qname, 3, 61));
	is_int(parse(message, size, &query), DNS_QUERY_GOOD, "a name of 255 bytes");
	is_int(query.qname_size, DNS_NAME_MAX, "has its size");
	size = build(message, qname, long_name(qname, 3, 62));
	is_int(parse(message, size, &query), DNS_QUERY_MALFORMED, "a name of 256 bytes");
	size = build(message, qname, long_name(qname, 6, 63));
	is_int(parse(message, size, &query), DNS_QUERY_MALFORMED, "a name of 449 bytes");
}

int main(void)
{
	test_good();
	test_cuts();
	test_kinds();
	test_long_names();
	return tap_done();
}
