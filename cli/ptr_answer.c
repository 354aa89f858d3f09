/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers to reverse look-ups. */
#include "cli/ptr_answer.h"

#include <stdbool.h>
#include <string.h>

#include "common/cursor.h"

#define FLAG_RESPONSE  0x8000
#define RCODE_MASK     0x000f
#define RCODE_GOOD     0
#define RCODE_SERVFAIL 2
#define RCODE_NXDOMAIN 3
#define TYPE_NS        2
#define TYPE_SOA       6
#define TYPE_PTR       12
#define CLASS_IN       1
#define LABEL_MAX      63
#define POINTER        0xc0
/* Longest name in wire form (RFC 1035, section 2.3.4). */
#define WIRE_MAX       255
/* Records that are looked at; an answer for one name has some ten at most. */
#define RECORDS_MAX    200

/* A message and a place in it. */
typedef struct {
	const uint8_t *message;
	cursor_t at;
} reader_t;

/* What the records of an answer say together. */
typedef struct {
	bool named, delegated, negative;
	char name[PTR_NAME_MAX];
	uint32_t ttl, negative_ttl;
} finding_t;

static char plain(uint8_t c)
{
	bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	return letter || (c >= '0' && c <= '9') || c == '-' || c == '_' ? (char)c : '?';
}

static size_t append_label(char text[PTR_NAME_MAX], size_t size, const uint8_t *label,
                           size_t length)
{
	if (size > 0) {
		text[size++] = '.';
	}
	for (size_t i = 0; i < length; i++) {
		text[size++] = plain(label[i]);
	}
	return size;
}

/*
 * Reads a name and steps behind it. A pointer must lead to before the place where the part
 * of the name that it ends began: so each jump goes further to the front, and it ends.
 */
static bool read_name(reader_t *reader, char text[PTR_NAME_MAX])
{
	cursor_t at = reader->at;
	const uint8_t *first = at.at;
	bool jumped = false;
	size_t size = 0, wire = 0;
	for (;;) {
		uint8_t length = cursor_u8(&at);
		if ((length & POINTER) == POINTER) {
			size_t target = (size_t)(length & ~POINTER) << 8 | cursor_u8(&at);
			reader->at = jumped ? reader->at : at;
			jumped = true;
			if (at.failed || target >= (size_t)(first - reader->message)) {
				return false;
			}
			first = reader->message + target;
			at = cursor_make(first, (size_t)(at.end - first));
			continue;
		}
		const uint8_t *label = cursor_take(&at, length);
		wire += 1u + length;
		if (at.failed || length > LABEL_MAX || wire > WIRE_MAX) {
			return false;
		}
		if (length == 0) {
			break;
		}
		size = append_label(text, size, label, length);
	}
	reader->at = jumped ? reader->at : at;
	text[size] = '\0';
	return true;
}

/* A TTL with its highest bit set is taken as 0 (RFC 2181, section 8). */
static uint32_t sane_ttl(uint32_t ttl)
{
	return ttl > INT32_MAX ? 0 : ttl;
}

static bool read_ptr(const reader_t *reader, const uint8_t *data, size_t size, uint32_t ttl,
                     finding_t *finding)
{
	char name[PTR_NAME_MAX];
	reader_t inside = { reader->message, cursor_make(data, size) };
	if (!read_name(&inside, name) || cursor_left(&inside.at) != 0) {
		return false;
	}
	/* The root is no name. */
	if (name[0] != '\0' && (!finding->named || strcmp(name, finding->name) < 0)) {
		strcpy(finding->name, name);
		finding->named = true;
	}
	finding->ttl = ttl < finding->ttl ? ttl : finding->ttl;
	return true;
}

static bool read_soa(const reader_t *reader, const uint8_t *data, size_t size, uint32_t ttl,
                     finding_t *finding)
{
	char name[PTR_NAME_MAX];
	reader_t inside = { reader->message, cursor_make(data, size) };
	if (!read_name(&inside, name) || !read_name(&inside, name)) {
		return false;
	}
	(void)cursor_take(&inside.at, 16); /* serial, refresh, retry, expire */
	uint32_t minimum = sane_ttl(cursor_be32(&inside.at));
	finding->negative = true;
	finding->negative_ttl = ttl < minimum ? ttl : minimum;
	return !inside.at.failed;
}

static bool read_record(reader_t *reader, bool is_answer, finding_t *finding)
{
	char owner[PTR_NAME_MAX];
	if (!read_name(reader, owner)) {
		return false;
	}
	uint16_t type = cursor_be16(&reader->at);
	uint16_t class = cursor_be16(&reader->at);
	uint32_t ttl = sane_ttl(cursor_be32(&reader->at));
	size_t size = cursor_be16(&reader->at);
	const uint8_t *data = cursor_take(&reader->at, size);
	if (data == NULL || class != CLASS_IN) {
		return data != NULL;
	}
	if (is_answer && type == TYPE_PTR) {
		return read_ptr(reader, data, size, ttl, finding);
	}
	if (is_answer) {
		/* An alias on the way: what it leads to holds no longer than it does. */
		finding->ttl = ttl < finding->ttl ? ttl : finding->ttl;
	} else if (type == TYPE_SOA) {
		return read_soa(reader, data, size, ttl, finding);
	} else {
		finding->delegated = finding->delegated || type == TYPE_NS;
	}
	return true;
}

/* Questions, answers and authority; what is behind them does not matter. */
static bool read_records(reader_t *reader, const uint16_t counts[3], finding_t *finding)
{
	char name[PTR_NAME_MAX];
	for (unsigned i = 0; i < counts[0]; i++) {
		if (!read_name(reader, name) || cursor_take(&reader->at, 4) == NULL) {
			return false;
		}
	}
	for (unsigned i = 0; i < (unsigned)counts[1] + counts[2] && i < RECORDS_MAX; i++) {
		if (!read_record(reader, i < counts[1], finding)) {
			return false;
		}
	}
	return true;
}

static void conclude(const finding_t *finding, uint16_t rcode, ptr_answer_t *answer)
{
	if (finding->named && rcode == RCODE_GOOD) {
		answer->kind = PTR_NAME;
		answer->ttl = finding->ttl;
		strcpy(answer->name, finding->name);
	} else if (rcode == RCODE_NXDOMAIN || finding->negative || !finding->delegated) {
		answer->kind = PTR_NONE;
		answer->ttl = finding->negative ? finding->negative_ttl : 0;
	} else {
		/* It points at other servers instead of asking them. */
		answer->kind = PTR_REFUSED;
	}
}

void ptr_answer_read(const uint8_t *message, size_t size, ptr_answer_t *answer)
{
	reader_t reader = { message, cursor_make(message, size) };
	finding_t finding = { .ttl = UINT32_MAX };
	*answer = (ptr_answer_t) { .kind = PTR_BAD };
	(void)cursor_be16(&reader.at); /* ID */
	uint16_t flags = cursor_be16(&reader.at);
	uint16_t counts[3];
	for (int i = 0; i < 3; i++) {
		counts[i] = cursor_be16(&reader.at);
	}
	(void)cursor_be16(&reader.at); /* additional records */
	if (reader.at.failed || (flags & FLAG_RESPONSE) == 0) {
		return;
	}
	uint16_t rcode = flags & RCODE_MASK;
	if (rcode != RCODE_GOOD && rcode != RCODE_NXDOMAIN) {
		answer->kind = rcode == RCODE_SERVFAIL ? PTR_FAILED : PTR_REFUSED;
	} else if (read_records(&reader, counts, &finding)) {
		conclude(&finding, rcode, answer);
	}
}
