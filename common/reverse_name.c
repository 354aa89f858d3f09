/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reverse names: one pass to find the labels, then from the root down.
 *
 * Most names that come are complete, most others partial of IPv4. These are read in one pass from
 * the front, without a list of labels: up to 4 of one to three digits and 14 bytes, or 32 of one
 * digit and 10 bytes. Whatever does not fit goes the long way, which alone knows what the other
 * kinds are.
 */
#include "common/reverse_name.h"

#include <endian.h>
#include <string.h>

/* RFC 1035, section 3.1: a name has at most 255 bytes, a label at most 63. */
#define NAME_MAX_SIZE  255
#define LABEL_MAX_SIZE 63
/* 127 labels of one byte and the root fill 255 bytes; a cut name can begin one more. */
#define LABELS_MAX     128

typedef struct {
	const uint8_t *start[LABELS_MAX];  /*!< Length bytes, leftmost label first. */
	unsigned count;                    /*!< Without the root label. */
} labels_t;

static bool labels_find(const uint8_t *wire, size_t size, labels_t *labels)
{
	size_t limit = size < NAME_MAX_SIZE ? size : NAME_MAX_SIZE;
	size_t at = 0;
	labels->count = 0;
	while (at < limit && wire[at] != 0) {
		if (wire[at] > LABEL_MAX_SIZE) {
			return false;
		}
		labels->start[labels->count++] = wire + at;
		at += 1u + wire[at];
	}
	return at < limit;
}

static uint8_t lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte;
}

/* Compares a label in wire form with text in lower case. */
static bool label_is(const uint8_t *label, const char *text)
{
	size_t size = strlen(text);
	if (label[0] != size) {
		return false;
	}
	for (size_t i = 0; i < size; i++) {
		if (lower(label[1 + i]) != (uint8_t)text[i]) {
			return false;
		}
	}
	return true;
}

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

/* Decimal 0 to 255 without leading zeros; -1 else. */
static int label_octet(const uint8_t *label)
{
	unsigned size = label[0];
	if (size == 0 || size > 3 || (size > 1 && label[1] == '0')) {
		return -1;
	}
	int value = 0;
	for (unsigned i = 1; i <= size; i++) {
		if (!is_digit(label[i])) {
			return -1;
		}
		value = value * 10 + (label[i] - '0');
	}
	return value <= 255 ? value : -1;
}

/* One hexadecimal digit; -1 else. */
static int label_nibble(const uint8_t *label)
{
	/* Digits by their value and one more, so that all other bytes are zero. */
	static const int8_t digits[256] = {
		['0'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
		['a'] = 11, 12, 13, 14, 15, 16,
		['A'] = 11, 12, 13, 14, 15, 16,
	};
	return label[0] == 1 ? digits[label[1]] - 1 : -1;
}

/* "0/25", "0-127", "128_255": digits, one separator, digits (RFC 2317, section 4). */
static bool label_is_classless(const uint8_t *label)
{
	unsigned size = label[0], i = 1;
	while (i <= size && is_digit(label[i])) {
		i++;
	}
	if (i == 1 || i >= size || (label[i] != '/' && label[i] != '-' && label[i] != '_')) {
		return false;
	}
	for (i++; i <= size; i++) {
		if (!is_digit(label[i])) {
			return false;
		}
	}
	return true;
}

/* What the name is when `left` labels stand before the part that was understood. */
static reverse_kind_t judge_rest(const labels_t *labels, unsigned left, bool full, bool ipv6)
{
	if (left == 0) {
		return full ? REVERSE_COMPLETE : REVERSE_PARTIAL;
	}
	const uint8_t *next = labels->start[left - 1];
	if (next[0] > 0 && next[1] == '_') {
		return REVERSE_SERVICE;
	}
	if (!ipv6 && !full && label_is_classless(next)) {
		return REVERSE_CLASSLESS;
	}
	return REVERSE_MALFORMED;
}

static reverse_name_t parse_ipv4(const labels_t *labels, unsigned left)
{
	uint8_t octets[4] = { 0 };
	unsigned count = 0;
	while (left > 0 && count < 4) {
		int octet = label_octet(labels->start[left - 1]);
		if (octet < 0) {
			break;
		}
		octets[count++] = (uint8_t)octet;
		left--;
	}
	return (reverse_name_t) {
		.kind = judge_rest(labels, left, count == 4, false),
		.length = (uint8_t)(8 * count),
		.address = address_from_ipv4(octets),
	};
}

/* What our type of address takes for IPv4 or a subnet is no address that has a name. */
static bool is_ipv6(const address_t *address)
{
	return !address_is_ipv4(address) && !address_is_subnet(address);
}

static reverse_name_t parse_ipv6(const labels_t *labels, unsigned left)
{
	uint8_t bytes[16] = { 0 };
	unsigned count = 0;
	while (left > 0 && count < 32) {
		int nibble = label_nibble(labels->start[left - 1]);
		if (nibble < 0) {
			break;
		}
		bytes[count / 2] |= (uint8_t)(count % 2 == 0 ? nibble << 4 : nibble);
		count++;
		left--;
	}
	reverse_name_t name = {
		.kind = judge_rest(labels, left, count == 32, true),
		.ipv6 = true,
		.length = (uint8_t)(4 * count),
		.address = address_from_ipv6(bytes),
	};
	if (name.kind == REVERSE_COMPLETE && !is_ipv6(&name.address)) {
		name.kind = REVERSE_MALFORMED;
	}
	return name;
}

/* Ends of complete names, and the bit that makes their letters small. */
#define END_IPV4      "\7in-addr\4arpa"
#define END_IPV4_CASE "\0\x20\x20\0\x20\x20\x20\x20\0\x20\x20\x20\x20"
#define END_IPV6      "\3ip6\4arpa"
#define END_IPV6_CASE "\0\x20\x20\0\0\x20\x20\x20\x20"

static uint64_t load8(const void *bytes)
{
	uint64_t word;
	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* Compares 8 to 16 bytes, with their root label, with text, by their first and last eight. */
static inline bool end_is(const uint8_t *wire, const char *text, const char *letters, size_t size)
{
	size_t last = size - sizeof(uint64_t);
	return (load8(wire) | load8(letters)) == load8(text) &&
	       (load8(wire + last) | load8(letters + last)) == load8(text + last);
}

/*
 * Reads an octet from a label at the front of four bytes: all its digits at once. They are moved
 * so that the last is in the highest of three bytes, with zeros before the first.
 *
 *     3 1 2 7   size and digits        2 7 . .
 *       1 2 7   moved by 0 bytes       0 0 7   by 2
 *
 * \return Its size in bytes with the length; 0 if it is no octet.
 */
static inline unsigned front_octet(const uint8_t *label, uint32_t *octet)
{
	uint32_t word;
	memcpy(&word, label, sizeof(word));
	word = le32toh(word);
	unsigned size = word & 0xff;
	if (size - 1 > 2) {
		return 0;
	}
	uint32_t digits = (((word >> 8) ^ 0x303030) << (8 * (3 - size))) & 0xffffff;
	uint32_t ordered = __builtin_bswap32(digits) >> 8;  /* 127 is 0x010207 */
	uint32_t least = (1u << (8 * (size - 1))) & ~1u;    /* 0, 10 or 100: no leading zeros */
	bool decimal = (((digits + 0x767676) | digits) & 0x808080) == 0;
	*octet = digits * (1 + (10 << 8) + (100 << 16)) >> 16 & 0xff;
	return decimal && ordered >= least && ordered <= 0x020505 ? 1 + size : 0;
}

/* Up to four octets and the end: a complete name, or a partial one. */
static bool plain_ipv4(const uint8_t *wire, size_t size, reverse_name_t *name)
{
	const size_t label_least = 2;
	uint32_t address = 0, octet;
	unsigned count = 0;
	size_t at = 0;
	/* From the least octet on: each moves those before it down. */
	for (; count < 4 && size - at >= label_least + sizeof(END_IPV4); count++) {
		unsigned step = front_octet(wire + at, &octet);
		if (step == 0) {
			break;
		}
		address = address >> 8 | octet << 24;
		at += step;
	}
	if (size - at < sizeof(END_IPV4) || !end_is(wire + at, END_IPV4, END_IPV4_CASE,
	                                            sizeof(END_IPV4))) {
		return false;
	}
	uint8_t octets[4] = {
		(uint8_t)(address >> 24), (uint8_t)(address >> 16), (uint8_t)(address >> 8),
		(uint8_t)address,
	};
	*name = (reverse_name_t) {
		.kind = count == 4 ? REVERSE_COMPLETE : REVERSE_PARTIAL,
		.length = (uint8_t)(8 * count), .address = address_from_ipv4(octets),
	};
	return true;
}

static bool complete_ipv6(const uint8_t *wire, size_t size, reverse_name_t *name)
{
	const size_t end = 2 * 32;
	uint8_t bytes[16];
	if (size < end + sizeof(END_IPV6) || !end_is(wire + end, END_IPV6, END_IPV6_CASE,
	                                             sizeof(END_IPV6))) {
		return false;
	}
	for (unsigned i = 0; i < 16; i++) {
		int low = label_nibble(wire + 4 * i), high = label_nibble(wire + 4 * i + 2);
		if ((low | high) < 0) {
			return false;
		}
		bytes[15 - i] = (uint8_t)(high << 4 | low);
	}
	*name = (reverse_name_t) {
		.kind = REVERSE_COMPLETE, .ipv6 = true, .length = 128,
		.address = address_from_ipv6(bytes),
	};
	return is_ipv6(&name->address);
}

/* All other names; false if it is outside. */
static bool parse_long(const uint8_t *wire, size_t size, reverse_name_t *name)
{
	labels_t labels;
	if (!labels_find(wire, size, &labels) || labels.count < 2 ||
	    !label_is(labels.start[labels.count - 1], "arpa")) {
		return false;
	}
	unsigned left = labels.count - 2;
	if (label_is(labels.start[left], "in-addr")) {
		*name = parse_ipv4(&labels, left);
		return true;
	}
	if (label_is(labels.start[left], "ip6")) {
		*name = parse_ipv6(&labels, left);
		return true;
	}
	return false;
}

reverse_name_t reverse_name_parse(const uint8_t *wire, size_t size)
{
	/* One object on all ways, so that it is made where the caller wants it. */
	reverse_name_t name;
	if (!plain_ipv4(wire, size, &name) && !complete_ipv6(wire, size, &name) &&
	    !parse_long(wire, size, &name)) {
		name = (reverse_name_t) { .kind = REVERSE_OUTSIDE };
	}
	return name;
}

static uint8_t *write_octet(uint8_t *to, unsigned octet)
{
	uint8_t *label = to++;
	if (octet >= 100) {
		*to++ = (uint8_t)('0' + octet / 100);
	}
	if (octet >= 10) {
		*to++ = (uint8_t)('0' + octet / 10 % 10);
	}
	*to++ = (uint8_t)('0' + octet % 10);
	*label = (uint8_t)(to - label - 1);
	return to;
}

static uint8_t *write_nibble(uint8_t *to, unsigned nibble)
{
	*to++ = 1;
	*to++ = (uint8_t)"0123456789abcdef"[nibble & 15];
	return to;
}

size_t reverse_name_write(const address_t *address, uint8_t wire[REVERSE_NAME_MAX])
{
	static const uint8_t ipv4_end[] = "\7in-addr\4arpa";
	static const uint8_t ipv6_end[] = "\3ip6\4arpa";
	uint8_t *to = wire;
	/* The zero that ends the string literal is the root label. */
	if (address_is_ipv4(address)) {
		for (int i = 15; i >= 12; i--) {
			to = write_octet(to, address->bytes[i]);
		}
		memcpy(to, ipv4_end, sizeof(ipv4_end));
		return (size_t)(to - wire) + sizeof(ipv4_end);
	}
	for (int i = 15; i >= 0; i--) {
		to = write_nibble(to, address->bytes[i]);
		to = write_nibble(to, address->bytes[i] >> 4);
	}
	memcpy(to, ipv6_end, sizeof(ipv6_end));
	return (size_t)(to - wire) + sizeof(ipv6_end);
}

const char *reverse_kind_name(reverse_kind_t kind)
{
	static const char *const names[REVERSE_KINDS] = {
		[REVERSE_COMPLETE] = "complete",
		[REVERSE_PARTIAL] = "partial",
		[REVERSE_CLASSLESS] = "classless",
		[REVERSE_SERVICE] = "service",
		[REVERSE_MALFORMED] = "malformed",
		[REVERSE_OUTSIDE] = "outside",
	};
	return kind < REVERSE_KINDS ? names[kind] : NULL;
}
