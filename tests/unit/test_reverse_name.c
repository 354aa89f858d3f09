/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reverse names on the wire form, against a table, against themselves and against a naive twin. */
#include <ctype.h>
#include <strings.h>

#include "common/generator.h"
#include "common/reverse_name.h"
#include "tests/tap.h"
#include "tests/unit/reverse_reference.h"

#define RANDOM_ADDRESSES 20000
#define RANDOM_NAMES     60000
#define WIRE_MAX         600

/* Text without escapes to wire form; returns the size with the root. */
static size_t wire_from_text(const char *text, uint8_t *wire)
{
	size_t size = 0;
	while (*text != '\0') {
		size_t length = strcspn(text, ".");
		wire[size++] = (uint8_t)length;
		memcpy(wire + size, text, length);
		size += length;
		text += length + (text[length] == '.');
	}
	wire[size++] = 0;
	return size;
}

/* Parses a copy of exact size, so that the sanitizer sees a read behind the end. */
static reverse_name_t parse_exact(const uint8_t *wire, size_t size)
{
	uint8_t *copy = malloc(size + (size == 0));
	memcpy(copy, wire, size);
	reverse_name_t name = reverse_name_parse(copy, size);
	free(copy);
	return name;
}

static reverse_name_t parse_text(const char *text)
{
	uint8_t wire[WIRE_MAX];
	return parse_exact(wire, wire_from_text(text, wire));
}

/* Text of the prefix that the name gives. */
static const char *prefix_text(const reverse_name_t *name)
{
	static char text[PREFIX_TEXT_MAX];
	char part[ADDRESS_TEXT_MAX];
	snprintf(text, sizeof(text), "%s/%u", address_format(&name->address, part), name->length);
	return text;
}

#define N8  "0.0.0.0.0.0.0.0."
#define DOC "8.b.d.0.1.0.0.2.ip6.arpa"

static const struct {
	const char *text;
	reverse_kind_t kind;
	const char *prefix;  /* NULL: not looked at */
} table[] = {
	/* Complete */
	{ "4.3.2.1.in-addr.arpa", REVERSE_COMPLETE, "1.2.3.4/32" },
	{ "0.0.0.0.in-addr.arpa", REVERSE_COMPLETE, "0.0.0.0/32" },
	{ "255.255.255.255.in-addr.arpa", REVERSE_COMPLETE, "255.255.255.255/32" },
	{ "200.99.10.9.in-addr.arpa", REVERSE_COMPLETE, "9.10.99.200/32" },
	{ "4.3.2.1.IN-ADDR.ARPA", REVERSE_COMPLETE, "1.2.3.4/32" },
	{ "4.3.2.1.iN-aDDr.aRPa", REVERSE_COMPLETE, "1.2.3.4/32" },
	{ "1.0.0.0.0.0.0.0." N8 N8 DOC, REVERSE_COMPLETE, "2001:db8::1/128" },
	{ "F.e.D.c.0.0.0.0." N8 N8 "8.B.d.0.1.0.0.2.IP6.Arpa", REVERSE_COMPLETE, "2001:db8::cdef/128" },
	/* Where subnets stand: nobody has such an address. */
	{ "1.0.0.0.0.0.0.0." N8 "0.0.0.0.0.0.0.0.0.0.0.0.0.f.f.f.ip6.arpa", REVERSE_MALFORMED, NULL },
	{ "1.0.0.0.0.0.0.0." N8 "1.0.0.0.0.0.0.0.0.0.0.0.0.f.f.f.ip6.arpa", REVERSE_COMPLETE,
	  "fff0:0:0:1::1/128" },
	/* Partial */
	{ "3.2.1.in-addr.arpa", REVERSE_PARTIAL, "1.2.3.0/24" },
	{ "2.1.in-addr.arpa", REVERSE_PARTIAL, "1.2.0.0/16" },
	{ "1.in-addr.arpa", REVERSE_PARTIAL, "1.0.0.0/8" },
	{ "in-addr.arpa", REVERSE_PARTIAL, "0.0.0.0/0" },
	{ "In-Addr.Arpa", REVERSE_PARTIAL, "0.0.0.0/0" },
	{ "ip6.arpa", REVERSE_PARTIAL, "::/0" },
	{ DOC, REVERSE_PARTIAL, "2001:db8::/32" },
	{ "0.0.0.0.0.0.0." N8 N8 DOC, REVERSE_PARTIAL, "2001:db8::/124" },
	/* Not an octet, not a nibble */
	{ "04.3.2.1.in-addr.arpa", REVERSE_MALFORMED, "1.2.3.0/24" },
	{ "00.3.2.1.in-addr.arpa", REVERSE_MALFORMED, "1.2.3.0/24" },
	{ "4.3.2.01.in-addr.arpa", REVERSE_MALFORMED, "0.0.0.0/0" },
	{ "256.3.2.1.in-addr.arpa", REVERSE_MALFORMED, "1.2.3.0/24" },
	{ "999.3.2.1.in-addr.arpa", REVERSE_MALFORMED, "1.2.3.0/24" },
	{ "1000.3.2.1.in-addr.arpa", REVERSE_MALFORMED, "1.2.3.0/24" },
	{ "4294967297.3.2.1.in-addr.arpa", REVERSE_MALFORMED, "1.2.3.0/24" },
	{ "-1.3.2.1.in-addr.arpa", REVERSE_MALFORMED, "1.2.3.0/24" },
	{ "+1.3.2.1.in-addr.arpa", REVERSE_MALFORMED, "1.2.3.0/24" },
	{ "1 .3.2.1.in-addr.arpa", REVERSE_MALFORMED, "1.2.3.0/24" },
	{ "a.3.2.1.in-addr.arpa", REVERSE_MALFORMED, "1.2.3.0/24" },
	{ "*.3.2.1.in-addr.arpa", REVERSE_MALFORMED, "1.2.3.0/24" },
	{ "5.4.3.2.1.in-addr.arpa", REVERSE_MALFORMED, "1.2.3.4/32" },
	{ "www.4.3.2.1.in-addr.arpa", REVERSE_MALFORMED, "1.2.3.4/32" },
	{ "g." DOC, REVERSE_MALFORMED, "2001:db8::/32" },
	{ "10." DOC, REVERSE_MALFORMED, "2001:db8::/32" },
	{ "00." DOC, REVERSE_MALFORMED, "2001:db8::/32" },
	{ "0.1.0.0.0.0.0.0.0." N8 N8 DOC, REVERSE_MALFORMED, "2001:db8::1/128" },
	/* Mapped IPv4 in the wrong tree: all of it malformed, its prefix still a prefix */
	{ "1.0.2.0.0.0.0.c.f.f.f.f.0.0.0.0." N8 "0.0.0.0.0.0.0.0.ip6.arpa", REVERSE_MALFORMED, NULL },
	{ "f.f.f.f.0.0.0.0." N8 "0.0.0.0.0.0.0.0.ip6.arpa", REVERSE_PARTIAL, "0.0.0.0/96" },
	/* RFC 2317 */
	{ "0/25.2.0.192.in-addr.arpa", REVERSE_CLASSLESS, "192.0.2.0/24" },
	{ "0-127.2.0.192.in-addr.arpa", REVERSE_CLASSLESS, "192.0.2.0/24" },
	{ "128_255.2.0.192.in-addr.arpa", REVERSE_CLASSLESS, "192.0.2.0/24" },
	{ "1.0/25.2.0.192.in-addr.arpa", REVERSE_CLASSLESS, "192.0.2.0/24" },
	{ "0/17.0.192.in-addr.arpa", REVERSE_CLASSLESS, "192.0.0.0/16" },
	{ "0/25.1.2.0.192.in-addr.arpa", REVERSE_MALFORMED, "192.0.2.1/32" },
	{ "0/.2.0.192.in-addr.arpa", REVERSE_MALFORMED, "192.0.2.0/24" },
	{ "/25.2.0.192.in-addr.arpa", REVERSE_MALFORMED, "192.0.2.0/24" },
	{ "0/2/5.2.0.192.in-addr.arpa", REVERSE_MALFORMED, "192.0.2.0/24" },
	{ "0:25.2.0.192.in-addr.arpa", REVERSE_MALFORMED, "192.0.2.0/24" },
	{ "a-127.2.0.192.in-addr.arpa", REVERSE_MALFORMED, "192.0.2.0/24" },
	{ "0-b.2.0.192.in-addr.arpa", REVERSE_MALFORMED, "192.0.2.0/24" },
	{ "0-f." DOC, REVERSE_MALFORMED, "2001:db8::/32" },
	{ "0-7." DOC, REVERSE_MALFORMED, "2001:db8::/32" },
	/* Services: RFC 6763, section 11 */
	{ "b._dns-sd._udp.0.2.0.192.in-addr.arpa", REVERSE_SERVICE, "192.0.2.0/32" },
	{ "_dns-sd._udp.2.0.192.in-addr.arpa", REVERSE_SERVICE, "192.0.2.0/24" },
	{ "lb._dns-sd._UDP.1.0.0.0.0.0.0.0." N8 N8 DOC, REVERSE_SERVICE, "2001:db8::1/128" },
	{ "_udp.ip6.arpa", REVERSE_SERVICE, "::/0" },
	{ "_.4.3.2.1.in-addr.arpa", REVERSE_SERVICE, "1.2.3.4/32" },
	{ "_dns-sd.udp.4.3.2.1.in-addr.arpa", REVERSE_MALFORMED, "1.2.3.4/32" },
	{ "b_d.4.3.2.1.in-addr.arpa", REVERSE_MALFORMED, "1.2.3.4/32" },
	/* Outside */
	{ "", REVERSE_OUTSIDE, NULL },
	{ "arpa", REVERSE_OUTSIDE, NULL },
	{ "in-addr", REVERSE_OUTSIDE, NULL },
	{ "4.3.2.1.in-addr", REVERSE_OUTSIDE, NULL },
	{ "4.3.2.1.in-addr.arpa.example", REVERSE_OUTSIDE, NULL },
	{ "4.3.2.1.in_addr.arpa", REVERSE_OUTSIDE, NULL },
	{ "4.3.2.1.xin-addr.arpa", REVERSE_OUTSIDE, NULL },
	{ "4.3.2.1.in-addr.arpaa", REVERSE_OUTSIDE, NULL },
	{ "1.ip6.int", REVERSE_OUTSIDE, NULL },
	{ "1.ip4.arpa", REVERSE_OUTSIDE, NULL },
	{ "www.example.com", REVERSE_OUTSIDE, NULL },
};

static void test_table(void)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		reverse_name_t name = parse_text(table[i].text);
		is_text(reverse_kind_name(name.kind), reverse_kind_name(table[i].kind), "kind of '%s'",
		        table[i].text);
		if (table[i].prefix != NULL) {
			is_text(prefix_text(&name), table[i].prefix, "prefix of '%s'", table[i].text);
			const char *end = table[i].text + strlen(table[i].text) - strlen("ip6.arpa");
			is_int(name.ipv6, strcasecmp(end, "ip6.arpa") == 0, "family of '%s'", table[i].text);
		}
	}
}

static void test_every_depth(void)
{
	static const char ipv4[] = "4.3.2.1.in-addr.arpa";
	static const char ipv6[] = "f.e.d.c.b.a.9.8.7.6.5.4.3.2.1.0.f.e.d.c.b.a.9.8." DOC;
	int wrong = 0;
	address_t whole4 = parse_text(ipv4).address, whole6 = parse_text(ipv6).address;
	for (unsigned cut = 0; cut <= 4; cut++) {
		reverse_name_t name = parse_text(ipv4 + 2 * cut);
		address_t wanted = address_network(&whole4, 96 + 32 - 8 * cut);
		wrong += name.kind != (cut == 0 ? REVERSE_COMPLETE : REVERSE_PARTIAL) || name.ipv6 ||
		         name.length != 32 - 8 * cut || !address_equal(&name.address, &wanted);
	}
	is_int(wrong, 0, "in-addr.arpa at every depth");
	wrong = 0;
	for (unsigned cut = 0; cut <= 32; cut++) {
		reverse_name_t name = parse_text(ipv6 + 2 * cut);
		address_t wanted = address_network(&whole6, 128 - 4 * cut);
		wrong += name.kind != (cut == 0 ? REVERSE_COMPLETE : REVERSE_PARTIAL) || !name.ipv6 ||
		         name.length != 128 - 4 * cut || !address_equal(&name.address, &wanted);
	}
	is_int(wrong, 0, "ip6.arpa at every depth");
}

static void test_no_wire_name(void)
{
	uint8_t wire[WIRE_MAX];
	is_int(reverse_name_parse(NULL, 0).kind, REVERSE_OUTSIDE, "nothing at all");

	static const char *const whole[] = {
		"4.3.2.1.in-addr.arpa", "1.0.0.0.0.0.0.0." N8 N8 DOC, "b._dns-sd._udp.0.2.0.192.in-addr.arpa",
	};
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		size_t size = wire_from_text(whole[i], wire);
		int wrong = 0;
		for (size_t cut = 0; cut < size; cut++) {
			wrong += parse_exact(wire, cut).kind != REVERSE_OUTSIDE;
		}
		is_int(wrong, 0, "'%s' cut at every length is outside", whole[i]);
	}

	size_t size = wire_from_text(whole[0], wire);
	wire[size] = 0xc0;
	wire[size + 1] = 63;
	is_int(parse_exact(wire, size + 2).kind, REVERSE_COMPLETE, "bytes behind the root do not count");
	for (unsigned length = 64; length <= 255; length++) {
		wire[0] = (uint8_t)length;
		if (parse_exact(wire, size).kind != REVERSE_OUTSIDE) {
			ok(false, "length byte %u", length);
		}
	}
	ok(true, "length bytes of 64 to 255 (compression, extension) are outside");

	static const uint8_t pointer[] = "\1" "4\1" "3\1" "2\1" "1\7in-addr\xc0\x0c\4arpa";
	is_int(parse_exact(pointer, sizeof(pointer)).kind, REVERSE_OUTSIDE, "compression pointer inside");
}

/* A name of `labels` labels of one byte, then in-addr.arpa. */
static size_t many_labels(unsigned labels, uint8_t *wire)
{
	size_t size = 0;
	for (unsigned i = 0; i < labels; i++) {
		wire[size++] = 1;
		wire[size++] = 'x';
	}
	return size + wire_from_text("in-addr.arpa", wire + size);
}

static void test_bounds_of_names(void)
{
	uint8_t wire[WIRE_MAX];
	/* 14 bytes of in-addr.arpa and its root leave room for 120 labels of one byte. */
	size_t size = many_labels(120, wire);
	is_int(size, 254, "120 labels before in-addr.arpa have 254 bytes");
	is_int(parse_exact(wire, size).kind, REVERSE_MALFORMED, "254 bytes are a name");
	memmove(wire + 1, wire, size);
	wire[0] = 2;
	is_int(parse_exact(wire, size + 1).kind, REVERSE_MALFORMED, "255 bytes are a name");
	size = many_labels(121, wire);
	is_int(parse_exact(wire, size).kind, REVERSE_OUTSIDE, "256 bytes are not");

	memset(wire, 1, sizeof(wire));
	wire[254] = 0;
	is_int(parse_exact(wire, 255).kind, REVERSE_OUTSIDE, "127 labels of one byte, outside");
	wire[254] = 1;
	is_int(parse_exact(wire, 255).kind, REVERSE_OUTSIDE, "a 128th label, cut");
	is_int(parse_exact(wire, WIRE_MAX).kind, REVERSE_OUTSIDE, "300 labels");

	memset(wire, 'x', sizeof(wire));
	wire[0] = 63;
	wire_from_text("4.3.2.1.in-addr.arpa", wire + 64);
	is_int(parse_exact(wire, 64 + 22).kind, REVERSE_MALFORMED, "a label of 63 bytes");

	/* "1" and a zero byte, and a dot inside of a label: no tricks with text. */
	static const uint8_t zero[] = "\2" "4\0\1" "3\1" "2\1" "1\7in-addr\4arpa";
	static const uint8_t dot[] = "\3" "4.3\1" "2\1" "1\7in-addr\4arpa";
	is_int(parse_exact(zero, sizeof(zero)).kind, REVERSE_MALFORMED, "a zero byte in a label");
	is_int(parse_exact(dot, sizeof(dot)).kind, REVERSE_MALFORMED, "a dot in a label");
}

static address_t random_address(generator_t *generator)
{
	address_t address = { .words = { generator_next(generator), generator_next(generator) } };
	if (generator_below(generator, 2) == 0) {
		return address_from_ipv4(address.bytes);
	}
	return address;
}

static void test_round_trip(void)
{
	generator_t generator = generator_make(4, 0);
	int wrong = 0;
	for (int i = 0; i < RANDOM_ADDRESSES; i++) {
		address_t address = random_address(&generator);
		uint8_t wire[REVERSE_NAME_MAX];
		size_t size = reverse_name_write(&address, wire);
		bool ipv4 = address_is_ipv4(&address);
		wrong += size > REVERSE_NAME_MAX || wire[size - 1] != 0 || (!ipv4 && size != REVERSE_NAME_MAX);
		/* Letters of any case, as resolvers with 0x20 send them. */
		for (size_t at = 0; at < size; at++) {
			if (isalpha(wire[at]) && generator_below(&generator, 2) == 0) {
				wire[at] = (uint8_t)toupper(wire[at]);
			}
		}
		reverse_name_t name = parse_exact(wire, size);
		wrong += name.kind != REVERSE_COMPLETE || name.ipv6 == ipv4 ||
		         name.length != (ipv4 ? 32 : 128) || !address_equal(&name.address, &address);
	}
	is_int(wrong, 0, "%d random addresses come back from the wire", RANDOM_ADDRESSES);

	static const uint8_t wanted[] = "\1" "1\3" "100\2" "51\3" "198\7in-addr\4arpa";
	static const uint8_t octets[4] = { 198, 51, 100, 1 };
	uint8_t wire[REVERSE_NAME_MAX];
	address_t address = address_from_ipv4(octets);
	size_t size = reverse_name_write(&address, wire);
	ok(size == sizeof(wanted) && memcmp(wire, wanted, size) == 0, "198.51.100.1, byte for byte");
}

static const char *random_label(generator_t *generator, char *text)
{
	static const char *const fixed[] = {
		"256", "999", "00", "01", "000", "0/25", "0-127", "1_2", "/", "-", "0-", "0/2/5", "_udp",
		"_", "b", "_dns-sd", "www", "a.b", "in-addr", "ip6", "arpa", "1000", " 1", "1a", "g",
	};
	switch (generator_below(generator, 6)) {
	case 0:
		return fixed[generator_below(generator, sizeof(fixed) / sizeof(fixed[0]))];
	case 1:
	case 2:
		text[0] = "0123456789abcdefABCDEF"[generator_below(generator, 22)];
		text[1] = '\0';
		return text;
	default:
		sprintf(text, "%u", (unsigned)generator_below(generator, 260));
		return text;
	}
}

static size_t random_structured(generator_t *generator, uint8_t *wire)
{
	static const char *const ends[] = {
		"in-addr.arpa", "ip6.arpa", "IN-addr.ARPA", "Ip6.aRpA", "in-addr.arpa", "ip6.arpa",
		"arpa", "in-addr", "ip6.in-addr.arpa", "in-addr.ip6.arpa", "example.com", "",
	};
	bool nibbles = generator_below(generator, 2) == 0;
	size_t labels = generator_below(generator, nibbles ? 40 : 7), size = 0;
	for (size_t i = 0; i < labels; i++) {
		char text[16] = { "0123456789abcdefABCDEF"[generator_below(generator, 22)] };
		const char *label = text;
		if (!nibbles || generator_below(generator, 40) == 0) {
			label = random_label(generator, text);
		}
		size_t length = strlen(label);
		wire[size++] = (uint8_t)length;
		memcpy(wire + size, label, length);
		size += length;
	}
	size_t end = nibbles ? 1 : 0;
	if (generator_below(generator, 4) == 0) {
		end = generator_below(generator, sizeof(ends) / sizeof(ends[0]));
	}
	return size + wire_from_text(ends[end], wire + size);
}

static size_t random_name(generator_t *generator, uint8_t *wire)
{
	size_t size;
	if (generator_below(generator, 3) == 0) {
		address_t address = random_address(generator);
		if (generator_below(generator, 8) == 0) {
			memset(address.bytes, 0, 10);
			memset(address.bytes + 10, 0xff, 2);
		}
		size = reverse_name_write(&address, wire);
	} else {
		size = random_structured(generator, wire);
	}
	for (uint64_t changes = generator_below(generator, 4); changes > 1; changes--) {
		size_t at = generator_below(generator, size);
		switch (generator_below(generator, 4)) {
		case 0:
			wire[at] ^= (uint8_t)(1 << generator_below(generator, 8));
			break;
		case 1:
			wire[at] = (uint8_t)generator_next(generator);
			break;
		case 2:
			wire[at] ^= 0x20;
			break;
		default:
			size = at + 1;
		}
	}
	return size;
}

static bool same(const reverse_name_t *a, const reverse_name_t *b)
{
	if (a->kind == REVERSE_OUTSIDE) {
		return b->kind == REVERSE_OUTSIDE;
	}
	return a->kind == b->kind && a->ipv6 == b->ipv6 && a->length == b->length &&
	       address_equal(&a->address, &b->address);
}

static void test_against_reference(void)
{
	generator_t generator = generator_make(5, 0);
	int wrong = 0, seen[REVERSE_KINDS] = { 0 };
	for (int i = 0; i < RANDOM_NAMES; i++) {
		uint8_t wire[WIRE_MAX];
		size_t size = random_name(&generator, wire);
		reverse_name_t got = parse_exact(wire, size), wanted = reverse_reference(wire, size);
		seen[wanted.kind]++;
		if (!same(&got, &wanted)) {
			wrong++;
			printf("# name %d: got %s %s,", i, reverse_kind_name(got.kind), prefix_text(&got));
			printf(" the reference %s %s\n", reverse_kind_name(wanted.kind), prefix_text(&wanted));
		}
	}
	is_int(wrong, 0, "%d random names as the naive reference has them", RANDOM_NAMES);
	for (int kind = 0; kind < REVERSE_KINDS; kind++) {
		ok(seen[kind] >= RANDOM_NAMES / 200, "of them %d %s", seen[kind], reverse_kind_name(kind));
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		uint8_t wire[WIRE_MAX];
		size_t size = wire_from_text(table[i].text, wire);
		wrong += reverse_reference(wire, size).kind != table[i].kind;
	}
	is_int(wrong, 0, "the reference agrees with the table");
}

int main(void)
{
	test_table();
	test_every_depth();
	test_no_wire_name();
	test_bounds_of_names();
	test_round_trip();
	test_against_reference();
	ok(reverse_kind_name(REVERSE_KINDS) == NULL, "no name for what is no kind");
	return tap_done();
}
