/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses and prefixes: text, socket addresses, masks at every length. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "common/address.h"
#include "common/generator.h"
#include "tests/tap.h"

#define RANDOM_ADDRESSES 2000

static address_t address(const char *text)
{
	address_t result = { .words = { 0 } };
	if (!address_parse(text, &result)) {
		ok(false, "the test itself: '%s' is an address", text);
	}
	return result;
}

static void test_families(void)
{
	static const uint8_t octets[4] = { 192, 0, 2, 1 };
	static const uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 1 };
	static const uint8_t nearly[16] = { [10] = 0xff, [11] = 0xfe, 192, 0, 2, 1 };
	address_t ipv4 = address_from_ipv4(octets), same = address_from_ipv6(mapped);
	address_t ipv6 = address_from_ipv6(nearly);
	ok(address_is_ipv4(&ipv4), "an IPv4 address is IPv4");
	ok(!address_is_ipv4(&ipv6), "one bit beside the mapped form is IPv6");
	ok(address_equal(&ipv4, &same), "the mapped form is the IPv4 address");
	ok(!address_equal(&ipv4, &ipv6), "different addresses are not equal");
	ok(address_compare(&ipv4, &same) == 0, "order: equal");
	ok(address_compare(&ipv6, &ipv4) < 0 && address_compare(&ipv4, &ipv6) > 0,
	   "order: the first differing byte decides");

	address_t low = address("10.0.0.2"), high = address("10.0.1.1");
	ok(address_compare(&low, &high) < 0, "order: as bytes, not as words of the machine");
}

static void test_text(void)
{
	static const struct { const char *text, *wanted; } cases[] = {
		{ "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "::", "::" },
		{ "::1", "::1" },
		{ "2001:DB8::A", "2001:db8::a" },
		{ "2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1" },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		address_t got = address(cases[i].text);
		char text[ADDRESS_TEXT_MAX];
		is_text(address_format(&got, text), cases[i].wanted, "'%s' as RFC 5952 writes it",
		        cases[i].text);
	}
}

static void test_bad_text(void)
{
	static const char *const bad[] = {
		"", " ", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4",
		"1.2.3.-4", "0x1.2.3.4", "1.2.3.4/32", ":", ":::", "1::2::3", "12345::", "g::",
		"1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "fe80::1%eth0", "[::1]", "::1 ", "localhost",
		"0000:0000:0000:0000:0000:ffff:255.255.255.2555",
		/* Subnets stand there. */
		"fff0::", "fff0::2001:db8:1:2", "2001:db8:1:2::/64",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		address_t got, before;
		memset(&got, 0x5a, sizeof(got));
		before = got;
		ok(!address_parse(bad[i], &got) && address_equal(&got, &before),
		   "'%s' is no address and touches nothing", bad[i]);
	}
}

static void test_subnets(void)
{
	address_t host = address("2001:db8:1:2:3:4:5:6"), other = address("2001:db8:1:2::");
	address_t beside = address("2001:db8:1:3::");
	address_t subnet = address_subnet(&host), same = address_subnet(&other);
	address_t third = address_subnet(&beside), back = address_subnet_first(&subnet), read;
	char text[ADDRESS_TEXT_MAX];
	ok(address_is_subnet(&subnet), "a subnet is one");
	ok(!address_is_subnet(&host) && !address_is_subnet(&other), "an address is none");
	ok(address_equal(&subnet, &same), "all addresses of a subnet have it");
	ok(!address_equal(&subnet, &third), "those of the next one have another");
	ok(!address_equal(&subnet, &other), "the first address is not the subnet");
	ok(address_equal(&back, &other), "but it is its first address");
	ok(!address_is_ipv4(&subnet), "a subnet is IPv6");
	is_text(address_format(&subnet, text), "2001:db8:1:2::/64", "text");
	ok(address_parse_originator(text, &read) && address_equal(&read, &subnet), "and back");
	ok(address_parse_originator("2001:db8:1:2:3::9/64", &read) && address_equal(&read, &subnet),
	   "bits behind the length do not matter");
	ok(address_parse_originator("2001:db8:1:2::", &read) && address_equal(&read, &other),
	   "an address stays an address");
	is_text(address_format(&read, text), "2001:db8:1:2::", "as text, too");
	static const char *const bad[] = {
		"2001:db8::/63", "2001:db8::/65", "2001:db8::/128", "192.0.2.1/64", "192.0.2.1/32", "/64",
		"fff0::/64", "2001:db8::/64 ", "::ffff:1.2.3.4/96",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ok(!address_parse_originator(bad[i], &read), "'%s' is no originator", bad[i]);
	}
	static const uint8_t zeros[16];
	address_t any = address_from_ipv6(zeros), none = address_subnet(&any);
	is_text(address_format(&none, text), "::/64", "the subnet of ::");
	address_t longest = address("2222:2222:2222:2222::");
	longest = address_subnet(&longest);
	is_text(address_format(&longest, text), "2222:2222:2222:2222::/64", "a long one");
}

static void test_text_round_trip(void)
{
	generator_t generator = generator_make(1, 0);
	int wrong = 0;
	for (int i = 0; i < RANDOM_ADDRESSES; i++) {
		address_t in = { .words = { generator_next(&generator), generator_next(&generator) } };
		if (i % 2 == 0) {
			in = address_from_ipv4(in.bytes);
		} else {
			/* Runs of zeros, so that the "::" falls everywhere. */
			in = address_network(&in, (unsigned)generator_below(&generator, 129));
			in.bytes[15] = (uint8_t)(i % 4 == 1 ? i : 0);
		}
		char text[ADDRESS_TEXT_MAX];
		address_t out;
		wrong += !address_parse(address_format(&in, text), &out) || !address_equal(&in, &out);
	}
	is_int(wrong, 0, "%d random addresses come back from their text", RANDOM_ADDRESSES);
}

static void test_masks(void)
{
	generator_t generator = generator_make(2, 0);
	int wrong = 0;
	for (unsigned length = 0; length <= 128; length++) {
		address_t in = { .words = { generator_next(&generator), generator_next(&generator) } };
		address_t out = address_network(&in, length);
		for (unsigned bit = 0; bit < 128; bit++) {
			unsigned was = in.bytes[bit / 8] >> (7 - bit % 8) & 1;
			unsigned is = out.bytes[bit / 8] >> (7 - bit % 8) & 1;
			wrong += is != (bit < length ? was : 0);
		}
	}
	is_int(wrong, 0, "masks of length 0 to 128, bit by bit");
}

static void test_prefix_text(void)
{
	static const struct { const char *text, *wanted; unsigned length; } cases[] = {
		{ "192.0.2.0/24", "192.0.2.0/24", 120 },
		{ "192.0.2.77/24", "192.0.2.0/24", 120 },
		{ "192.0.2.77", "192.0.2.77/32", 128 },
		{ "10.255.255.255/7", "10.0.0.0/7", 103 },
		{ "1.2.3.4/0", "0.0.0.0/0", 96 },
		{ "2001:db8::/32", "2001:db8::/32", 32 },
		{ "2001:db8:ffff::1/33", "2001:db8:8000::/33", 33 },
		{ "2001:db8::1", "2001:db8::1/128", 128 },
		{ "::/0", "::/0", 0 },
		{ "::ffff:0:0/96", "0.0.0.0/0", 96 },
		{ "::ffff:192.0.2.1/120", "192.0.2.0/24", 120 },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", 128 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		prefix_t prefix;
		tap_require(prefix_parse(cases[i].text, &prefix), "'%s' is a prefix", cases[i].text);
		char text[PREFIX_TEXT_MAX];
		is_text(prefix_format(&prefix, text), cases[i].wanted, "'%s' as text", cases[i].text);
		is_int(prefix.length, cases[i].length, "'%s' as bits of 128", cases[i].text);
	}

	static const char *const bad[] = {
		"", "/", "/24", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/+8",
		"192.0.2.0/ 8", "192.0.2.0/8 ", "192.0.2.0/8/8", "192.0.2/24", "2001:db8::/129",
		"2001:db8::/0x20", "192.0.2.0/18446744073709551640", "::/99999999999999999999999",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/64",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		prefix_t prefix = { .length = 77 };
		ok(!prefix_parse(bad[i], &prefix) && prefix.length == 77,
		   "'%s' is no prefix and touches nothing", bad[i]);
	}
}

static void test_prefix_every_length(void)
{
	generator_t generator = generator_make(3, 0);
	int wrong = 0;
	for (int i = 0; i <= 32 + 128 + 1; i++) {
		bool ipv4 = i <= 32;
		address_t in = { .words = { generator_next(&generator) | 1, generator_next(&generator) } };
		if (ipv4) {
			in = address_from_ipv4(in.bytes);
		}
		char text[PREFIX_TEXT_MAX], network_text[PREFIX_TEXT_MAX], part[ADDRESS_TEXT_MAX];
		int length = ipv4 ? i : i - 33;
		snprintf(text, sizeof(text), "%s/%d", address_format(&in, part), length);
		prefix_t prefix, again;
		if (!prefix_parse(text, &prefix) || !prefix_contains(&prefix, &in) ||
		    !prefix_parse(prefix_format(&prefix, network_text), &again) ||
		    again.length != prefix.length || !address_equal(&again.address, &prefix.address)) {
			wrong++;
			printf("# wrong: %s\n", text);
			continue;
		}
		if (length > 0) {
			/* The last bit inside of the prefix, turned over. */
			in.bytes[(prefix.length - 1) / 8] ^= (uint8_t)(0x80 >> (prefix.length - 1) % 8);
			wrong += prefix_contains(&prefix, &in);
		}
	}
	is_int(wrong, 0, "prefixes of every length of both families: text and membership");
}

static void test_prefix_families(void)
{
	prefix_t all_ipv4, all_ipv6, mapped;
	prefix_parse("0.0.0.0/0", &all_ipv4);
	prefix_parse("::/0", &all_ipv6);
	prefix_parse("::/64", &mapped);
	address_t ipv4 = address("203.0.113.9"), ipv6 = address("2001:db8::9"), low = address("::9");
	ok(prefix_contains(&all_ipv4, &ipv4), "0.0.0.0/0 holds IPv4");
	ok(!prefix_contains(&all_ipv4, &ipv6), "0.0.0.0/0 holds no IPv6");
	ok(prefix_contains(&all_ipv6, &ipv6), "::/0 holds IPv6");
	ok(!prefix_contains(&all_ipv6, &ipv4), "::/0 holds no IPv4");
	ok(prefix_contains(&mapped, &low), "::/64 holds ::9");
	ok(!prefix_contains(&mapped, &ipv4), "::/64 holds no IPv4");
}

static void test_sockaddr(void)
{
	struct sockaddr_storage storage;
	address_t ipv4 = address("198.51.100.7"), ipv6 = address("2001:db8::7"), back;

	is_int(address_to_sockaddr(&ipv4, 53, &storage), sizeof(struct sockaddr_in), "IPv4: size");
	const struct sockaddr_in *in = (const struct sockaddr_in *)&storage;
	ok(in->sin_family == AF_INET && ntohs(in->sin_port) == 53, "IPv4: family and port");
	is_int(ntohl(in->sin_addr.s_addr), 0xc6336407, "IPv4: address");
	ok(address_from_sockaddr(&storage, &back) && address_equal(&back, &ipv4), "IPv4: and back");

	is_int(address_to_sockaddr(&ipv6, 5353, &storage), sizeof(struct sockaddr_in6), "IPv6: size");
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&storage;
	ok(in6->sin6_family == AF_INET6 && ntohs(in6->sin6_port) == 5353, "IPv6: family and port");
	ok(in6->sin6_flowinfo == 0 && in6->sin6_scope_id == 0, "IPv6: nothing else is set");
	ok(address_from_sockaddr(&storage, &back) && address_equal(&back, &ipv6), "IPv6: and back");

	storage.ss_family = AF_UNIX;
	ok(!address_from_sockaddr(&storage, &back), "a Unix socket has no address");
}

int main(void)
{
	test_families();
	test_text();
	test_bad_text();
	test_subnets();
	test_text_round_trip();
	test_masks();
	test_prefix_text();
	test_prefix_every_length();
	test_prefix_families();
	test_sockaddr();
	return tap_done();
}
