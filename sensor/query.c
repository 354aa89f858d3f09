/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a question to its kind. */
#include "sensor/query.h"

#include <stdio.h>

#include "common/reverse_name.h"

#define QTYPE_PTR 12
#define QCLASS_IN 1

static const query_kind_t kinds[REVERSE_KINDS] = {
	[REVERSE_COMPLETE] = QUERY_OBSERVATION,
	[REVERSE_PARTIAL] = QUERY_PARTIAL,
	[REVERSE_CLASSLESS] = QUERY_CLASSLESS,
	[REVERSE_SERVICE] = QUERY_SERVICE,
	[REVERSE_MALFORMED] = QUERY_MALFORMED,
	[REVERSE_OUTSIDE] = QUERY_OUTSIDE,
};

query_judgement_t query_judge(uint16_t qtype, uint16_t qclass, const uint8_t *qname, size_t size)
{
	reverse_name_t name = reverse_name_parse(qname, size);
	query_kind_t kind = kinds[name.kind];
	if (qclass != QCLASS_IN) {
		kind = QUERY_OUTSIDE;
	} else if (kind == QUERY_OBSERVATION && qtype != QTYPE_PTR) {
		kind = QUERY_PARTIAL;
	}
	return (query_judgement_t) {
		.kind = kind,
		.ipv6 = name.ipv6,
		.length = name.length,
		.originator = name.address,
	};
}

const char *query_kind_name(query_kind_t kind)
{
	static const char *const names[QUERY_KINDS] = {
		[QUERY_OBSERVATION] = "observation",
		[QUERY_PARTIAL] = "partial",
		[QUERY_CLASSLESS] = "classless",
		[QUERY_SERVICE] = "service",
		[QUERY_MALFORMED] = "malformed",
		[QUERY_OUTSIDE] = "outside",
	};
	return kind < QUERY_KINDS ? names[kind] : NULL;
}

/* An octet of IPv4 or a nibble of IPv6 is one label. */
#define LABEL_IPV4  8
#define LABEL_IPV6  4
#define DEPTHS_IPV4 (32 / LABEL_IPV4 + 1)
#define DEPTHS_IPV6 (128 / LABEL_IPV6 + 1)
_Static_assert(QUERY_DEPTHS == DEPTHS_IPV4 + DEPTHS_IPV6, "one number for each depth");

_Static_assert(QUERY_LABELS == DEPTHS_IPV6, "as many as the longer family has");

unsigned query_labels(const query_judgement_t *judgement)
{
	return judgement->length / (judgement->ipv6 ? LABEL_IPV6 : LABEL_IPV4);
}

unsigned query_depth(const query_judgement_t *judgement)
{
	return (judgement->ipv6 ? DEPTHS_IPV4 : 0) + query_labels(judgement);
}

char *query_depth_name(unsigned depth, char text[QUERY_DEPTH_NAME_MAX])
{
	bool ipv6 = depth >= DEPTHS_IPV4;
	(void)snprintf(text, QUERY_DEPTH_NAME_MAX, "%s/%u", ipv6 ? "ipv6" : "ipv4",
	               ipv6 ? LABEL_IPV6 * (depth - DEPTHS_IPV4) : LABEL_IPV4 * depth);
	return text;
}
