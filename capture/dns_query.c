/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Header and question of a DNS message.
 *
 *   0    2      4        6        8        10       12
 *   | ID | bits | QDCOUNT | ANCOUNT | NSCOUNT | ARCOUNT | QNAME ... | QTYPE | QCLASS |
 */
#include "capture/dns_query.h"

#include <stddef.h>
#include <string.h>

#include "common/cursor.h"

#define BIT_RESPONSE 0x8000
#define OPCODE       0x7800

/*
 * Steps over labels of one byte, four at a time: the reverse name of an IPv6 address has 32 of
 * them, each of which would wait for the one before.
 */
static const uint8_t *short_labels_skip(const uint8_t *at, const uint8_t *end)
{
	static const uint8_t lengths[8] = { 1, 0, 1, 0, 1, 0, 1, 0 };
	static const uint8_t where[8] = { 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0 };
	uint64_t wanted, mask, word;
	memcpy(&wanted, lengths, sizeof(wanted));
	memcpy(&mask, where, sizeof(mask));
	for (; end - at >= (ptrdiff_t)sizeof(word); at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		if ((word & mask) != wanted) {
			break;
		}
	}
	return at;
}

/* Steps over a name: returns its kind of trouble, DNS_QUERY_GOOD if there is none. */
static dns_query_kind_t name_take(cursor_t *cursor, dns_query_t *query)
{
	const uint8_t *front = cursor->at, *end = cursor->end;
	const uint8_t *limit = end - front > DNS_NAME_MAX ? front + DNS_NAME_MAX : end;
	const uint8_t *at = short_labels_skip(front, limit);
	for (;;) {
		unsigned length = at < end ? *at : 0;
		/* The two high bits mark a pointer, which has nothing before it to point to. */
		if (length > DNS_LABEL_MAX) {
			return DNS_QUERY_MALFORMED;
		}
		if (end - at <= (ptrdiff_t)length) {
			return DNS_QUERY_SHORT;
		}
		at += 1 + length;
		if (at - front > DNS_NAME_MAX) {
			return DNS_QUERY_MALFORMED;
		}
		if (length == 0) {
			break;
		}
	}
	cursor->at = at;
	query->qname = front;
	query->qname_size = (size_t)(at - front);
	return DNS_QUERY_GOOD;
}

dns_query_kind_t dns_query_parse(const uint8_t *message, size_t size, dns_query_t *query)
{
	cursor_t cursor = cursor_make(message, size);
	dns_query_t parsed = { .id = cursor_be16(&cursor) };
	parsed.flags = cursor_be16(&cursor);
	uint16_t questions = cursor_be16(&cursor);
	(void)cursor_take(&cursor, DNS_HEADER - 6);
	if (cursor.failed) {
		return DNS_QUERY_SHORT;
	}
	if (parsed.flags & BIT_RESPONSE) {
		return DNS_QUERY_RESPONSE;
	}
	if ((parsed.flags & OPCODE) != 0 || questions != 1) {
		return DNS_QUERY_OTHER;
	}
	dns_query_kind_t kind = name_take(&cursor, &parsed);
	if (kind != DNS_QUERY_GOOD) {
		return kind;
	}
	parsed.qtype = cursor_be16(&cursor);
	parsed.qclass = cursor_be16(&cursor);
	if (cursor.failed) {
		return DNS_QUERY_SHORT;
	}
	parsed.question_end = (size_t)(cursor.at - message);
	*query = parsed;
	return DNS_QUERY_GOOD;
}

const char *dns_query_kind_name(dns_query_kind_t kind)
{
	static const char *const names[] = {
		[DNS_QUERY_GOOD] = "good",
		[DNS_QUERY_RESPONSE] = "response",
		[DNS_QUERY_OTHER] = "other",
		[DNS_QUERY_SHORT] = "short",
		[DNS_QUERY_MALFORMED] = "malformed",
	};
	_Static_assert(sizeof(names) / sizeof(names[0]) == DNS_QUERY_KINDS, "one name for each kind");
	return names[kind];
}
