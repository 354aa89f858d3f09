/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every question is the complete reverse name of the originator with labels taken off or put in. */
#include "simulator/question.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "common/reverse_name.h"
#include "simulator/packet.h"

/* QNAME minimisation asks with NS in older resolvers, with A in newer (RFC 9156, section 2.1). */
#define PARTIAL_NS_SHARE 0.6

static void append(question_t *question, const void *bytes, size_t size)
{
	memcpy(question->name + question->name_size, bytes, size);
	question->name_size += size;
}

static void append_label(question_t *question, const char *text)
{
	uint8_t size = (uint8_t)strlen(text);
	append(question, &size, 1);
	append(question, text, size);
}

/* Offset of the label that comes `count` labels behind the front of a valid wire name. */
static size_t skip_labels(const uint8_t *name, unsigned count)
{
	size_t at = 0;
	while (count-- > 0) {
		at += 1u + name[at];
	}
	return at;
}

/* RFC 2317, section 4: the last octet, then the range that was delegated, as "0/26" or "0-63". */
static void append_classless(question_t *question, const address_t *address,
                             generator_t *generator)
{
	unsigned octet = address->bytes[15];
	unsigned bits = 25 + (unsigned)generator_below(generator, 4);
	unsigned size = 1u << (32 - bits), first = octet / size * size;
	char text[16];
	(void)snprintf(text, sizeof(text), "%u", octet);
	append_label(question, text);
	if (generator_below(generator, 2) == 0) {
		(void)snprintf(text, sizeof(text), "%u/%u", first, bits);
	} else {
		(void)snprintf(text, sizeof(text), "%u-%u", first, first + size - 1);
	}
	append_label(question, text);
}

static void mix_case(question_t *question, generator_t *generator)
{
	uint64_t bits = generator_next(generator);
	for (size_t at = 0; question->name[at] != 0;) {
		size_t end = at + 1 + question->name[at];
		for (at++; at < end; at++) {
			if (isalpha(question->name[at]) && (bits >> (at % 64) & 1)) {
				question->name[at] ^= 0x20;
			}
		}
	}
}

/* The name of the server of the zone, which resolvers ask for on their way. */
static void append_ordinary(question_t *question)
{
	append_label(question, "ns1");
	append_label(question, "reverse");
	append_label(question, "example");
	append(question, "", 1);
	question->qtype = QTYPE_A;
}

void question_make(event_kind_t kind, unsigned depth, const address_t *address, bool mixed_case,
                   generator_t *generator, question_t *question)
{
	uint8_t name[REVERSE_NAME_MAX];
	size_t size = reverse_name_write(address, name), skip = 0;
	bool ipv4 = address_is_ipv4(address);
	question->name_size = 0;
	question->qtype = kind == EVENT_ANY ? QTYPE_ANY : QTYPE_PTR;
	switch (kind) {
	case EVENT_ORDINARY:
		append_ordinary(question);
		skip = size;
		break;
	case EVENT_PARTIAL:
		skip = skip_labels(name, (ipv4 ? 4 : 32) - depth);
		question->qtype = generator_uniform(generator) < PARTIAL_NS_SHARE ? QTYPE_NS : QTYPE_A;
		break;
	case EVENT_SERVICE:
		append_label(question, "b");
		append_label(question, "_dns-sd");
		append_label(question, "_udp");
		break;
	case EVENT_CLASSLESS:
		/* Classless delegation is for IPv4; an IPv6 name gets a label too many. */
		if (ipv4) {
			append_classless(question, address, generator);
			skip = skip_labels(name, 1);
			break;
		}
		/* fall through */
	case EVENT_MALFORMED:
		append_label(question, "0");
		break;
	default:
		break;
	}
	append(question, name + skip, size - skip);
	if (mixed_case) {
		mix_case(question, generator);
	}
}
