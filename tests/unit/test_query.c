/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which queries are observations: names in wire form, types and classes. */
#include "common/reverse_name.h"
#include "sensor/query.h"
#include "tests/tap.h"

#define PTR 12
#define IN  1

/* Wire form of a name in text; no escapes. */
static size_t to_wire(const char *text, uint8_t wire[256])
{
	size_t at = 0;
	while (*text != '\0') {
		size_t size = strcspn(text, ".");
		wire[at++] = (uint8_t)size;
		memcpy(wire + at, text, size);
		at += size;
		text += size + (text[size] == '.');
	}
	wire[at++] = 0;
	return at;
}

#define NIBBLES "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"

int main(void)
{
	static const struct {
		const char *name;
		uint16_t qtype, qclass;
		query_kind_t kind;
		bool ipv6;
		unsigned length;
		const char *originator;
	} cases[] = {
		{ "1.2.0.192.in-addr.arpa", PTR, IN, QUERY_OBSERVATION, false, 32, "192.0.2.1" },
		{ "1.2.0.192.IN-ADDR.ArPa", PTR, IN, QUERY_OBSERVATION, false, 32, "192.0.2.1" },
		{ "255.255.255.255.in-addr.arpa", PTR, IN, QUERY_OBSERVATION, false, 32,
		  "255.255.255.255" },
		{ NIBBLES ".ip6.arpa", PTR, IN, QUERY_OBSERVATION, true, 128, "2001:db8::1" },
		{ NIBBLES ".IP6.ARPA", PTR, IN, QUERY_OBSERVATION, true, 128, "2001:db8::1" },
		{ "1.2.0.192.in-addr.arpa", 255, IN, QUERY_PARTIAL, false, 32, NULL },
		{ "1.2.0.192.in-addr.arpa", 1, IN, QUERY_PARTIAL, false, 32, NULL },
		{ NIBBLES ".ip6.arpa", 2, IN, QUERY_PARTIAL, true, 128, NULL },
		{ "1.2.0.192.in-addr.arpa", PTR, 3, QUERY_OUTSIDE, false, 0, NULL },
		{ "2.0.192.in-addr.arpa", PTR, IN, QUERY_PARTIAL, false, 24, NULL },
		{ "0.192.in-addr.arpa", 2, IN, QUERY_PARTIAL, false, 16, NULL },
		{ "192.in-addr.arpa", 1, IN, QUERY_PARTIAL, false, 8, NULL },
		{ "in-addr.arpa", 6, IN, QUERY_PARTIAL, false, 0, NULL },
		{ "ip6.arpa", 2, IN, QUERY_PARTIAL, true, 0, NULL },
		{ "8.b.d.0.1.0.0.2.ip6.arpa", 2, IN, QUERY_PARTIAL, true, 32, NULL },
		{ "0/25.2.0.192.in-addr.arpa", PTR, IN, QUERY_CLASSLESS, false, 0, NULL },
		{ "5.0-127.2.0.192.in-addr.arpa", PTR, IN, QUERY_CLASSLESS, false, 0, NULL },
		{ "b._dns-sd._udp.0.2.0.192.in-addr.arpa", PTR, IN, QUERY_SERVICE, false, 0, NULL },
		{ "lb._dns-sd._udp.2.0.192.in-addr.arpa", PTR, IN, QUERY_SERVICE, false, 0, NULL },
		{ "_dns-sd._udp." NIBBLES ".ip6.arpa", PTR, IN, QUERY_SERVICE, true, 0, NULL },
		{ "1.2.3.4.5.in-addr.arpa", PTR, IN, QUERY_MALFORMED, false, 0, NULL },
		{ "01.2.0.192.in-addr.arpa", PTR, IN, QUERY_MALFORMED, false, 0, NULL },
		{ "256.2.0.192.in-addr.arpa", PTR, IN, QUERY_MALFORMED, false, 0, NULL },
		{ "a.2.0.192.in-addr.arpa", PTR, IN, QUERY_MALFORMED, false, 0, NULL },
		{ "g." NIBBLES ".ip6.arpa", PTR, IN, QUERY_MALFORMED, true, 0, NULL },
		{ "www.example.com", PTR, IN, QUERY_OUTSIDE, false, 0, NULL },
		{ "arpa", PTR, IN, QUERY_OUTSIDE, false, 0, NULL },
		{ "", PTR, IN, QUERY_OUTSIDE, false, 0, NULL },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t wire[256];
		size_t size = to_wire(cases[i].name, wire);
		query_judgement_t got = query_judge(cases[i].qtype, cases[i].qclass, wire, size);
		is_text(query_kind_name(got.kind), query_kind_name(cases[i].kind), "%s type %u class %u",
		        cases[i].name, cases[i].qtype, cases[i].qclass);
		if (cases[i].kind == QUERY_OBSERVATION || cases[i].kind == QUERY_PARTIAL) {
			ok(got.ipv6 == cases[i].ipv6, "family of %s", cases[i].name);
			is_int(got.length, cases[i].length, "depth of %s", cases[i].name);
		}
		if (cases[i].originator != NULL) {
			char text[ADDRESS_TEXT_MAX];
			is_text(address_format(&got.originator, text), cases[i].originator, "originator");
		}
	}
	return tap_done();
}
