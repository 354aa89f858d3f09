/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Networks from files: what libmaxminddb answers to a look-up in the file our map answers
 * without it; text as CAIDA writes it; files that are damaged or no such files.
 */
#include <maxminddb.h>
#include <netinet/in.h>

#include "common/generator.h"
#include "sensor/network_map.h"
#include "tests/mmdb_write.h"
#include "tests/tap.h"
#include "tests/unit/scratch.h"

static prefix_t prefix(const char *text)
{
	prefix_t made = { 0 };
	tap_require(prefix_parse(text, &made), "prefix %s", text);
	return made;
}

static const char *write_mmdb(const char *name, const mmdb_t *mmdb)
{
	buffer_t bytes = mmdb_bytes(mmdb);
	const char *path = scratch_write(name, bytes.data, bytes.size);
	buffer_clear(&bytes);
	return path;
}

/* An entry as GeoLite2-ASN has it, or with text; returns its offset. */
static uint32_t put_as(mmdb_t *mmdb, uint32_t number, bool as_text)
{
	uint32_t offset = (uint32_t)mmdb->data.size;
	char text[16];
	mmdb_control(&mmdb->data, MMDB_WRITE_MAP, 2);
	mmdb_text(&mmdb->data, "autonomous_system_organization");
	mmdb_text(&mmdb->data, "Example");
	mmdb_text(&mmdb->data, "autonomous_system_number");
	if (as_text) {
		(void)snprintf(text, sizeof(text), "AS%u", number);
		mmdb_text(&mmdb->data, text);
	} else {
		mmdb_number(&mmdb->data, MMDB_WRITE_UINT32, number);
	}
	return offset;
}

static uint32_t put_country(mmdb_t *mmdb, const char *letters)
{
	uint32_t offset = (uint32_t)mmdb->data.size;
	mmdb_control(&mmdb->data, MMDB_WRITE_MAP, letters != NULL);
	if (letters != NULL) {
		mmdb_text(&mmdb->data, "country");
		mmdb_control(&mmdb->data, MMDB_WRITE_MAP, 1);
		mmdb_text(&mmdb->data, "iso_code");
		mmdb_text(&mmdb->data, letters);
	}
	return offset;
}

static address_t random_address(generator_t *generator, bool ipv4)
{
	address_t address;
	address.words[0] = generator_next(generator);
	address.words[1] = generator_next(generator);
	if (ipv4) {
		uint8_t octets[4];
		memcpy(octets, address.bytes, 4);
		return address_from_ipv4(octets);
	}
	/* Not where a tree has IPv4 a second time, and mostly where the prefixes are. */
	address.bytes[0] = 0x20;
	address.bytes[1] = 0x01;
	address.bytes[2] &= 3;
	address.bytes[3] &= 3;
	return address;
}

/* What libmaxminddb says itself. */
static uint32_t oracle(MMDB_s *database, const address_t *address)
{
	struct sockaddr_storage socket_address;
	MMDB_entry_data_s data;
	int code;
	(void)address_to_sockaddr(address, 0, &socket_address);
	MMDB_lookup_result_s found = MMDB_lookup_sockaddr(database, (struct sockaddr *)&socket_address,
	                                                  &code);
	if (code != MMDB_SUCCESS || !found.found_entry ||
	    MMDB_get_value(&found.entry, &data, "autonomous_system_number", NULL) != MMDB_SUCCESS ||
	    !data.has_data) {
		return 0;
	}
	return data.type == MMDB_DATA_TYPE_UINT32 ? data.uint32 :
	       (uint32_t)strtoul(data.utf8_string + 2, NULL, 10);
}

static void test_against_library(unsigned ip_version, unsigned record_size)
{
	failure_t failure = { 0 };
	generator_t generator = generator_make(11, record_size + ip_version);
	mmdb_t *mmdb = mmdb_begin(ip_version, record_size);
	/* Shorter ones first, and few values, so that neighbours often have the same. */
	for (unsigned length = 4; length <= 64; length += 2) {
		for (unsigned i = 0; i < 12; i++) {
			bool ipv4 = ip_version == 4 || length <= 32;
			address_t address = random_address(&generator, ipv4);
			unsigned bits = ipv4 ? ADDRESS_IPV4_OFFSET + (length <= 32 ? length : 32) : length;
			prefix_t network = { address_network(&address, bits), (uint8_t)bits };
			uint32_t number = 64500 + (uint32_t)generator_below(&generator, 4);
			mmdb_add(mmdb, &network, put_as(mmdb, number, i == 0));
		}
	}
	const char *path = write_mmdb("as.mmdb", mmdb);
	prefix_map_t *map = NULL;
	MMDB_s database;
	tap_require(network_map_load(path, NETWORK_AS, NULL, SIZE_MAX, &map, &failure) == STATUS_OK,
	            "IPv%u, %u bits: read %s", ip_version, record_size, failure.sentence);
	tap_require(MMDB_open(path, MMDB_MODE_MMAP, &database) == MMDB_SUCCESS, "the library reads it");
	unsigned known = 0, same = 0;
	for (unsigned i = 0; i < 20000; i++) {
		address_t address = random_address(&generator, ip_version == 4 || i % 2 == 0);
		uint32_t wanted = oracle(&database, &address);
		known += wanted != 0;
		same += network_map_find(map, &address) == wanted;
	}
	is_int(same, 20000, "all answers are the library's");
	ok(known > 1000, "%u of the addresses are known", known);
	MMDB_close(&database);
	prefix_map_destroy(map);
	mmdb_end(mmdb);
}

static uint32_t find(const prefix_map_t *map, const char *text)
{
	address_t address;
	return address_parse(text, &address) ? network_map_find(map, &address) : UINT32_MAX;
}

static void test_country(void)
{
	failure_t failure = { 0 };
	prefix_map_t *map = NULL;
	mmdb_t *mmdb = mmdb_begin(6, 24);
	const struct { const char *prefix, *letters; } lines[] = {
		{ "192.0.2.0/24", "CZ" }, { "198.51.100.0/25", "JP" }, { "198.51.100.128/25", "JP" },
		{ "203.0.113.0/24", NULL }, { "2001:db8::/32", "DE" },
	};
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		prefix_t network = prefix(lines[i].prefix);
		mmdb_add(mmdb, &network, put_country(mmdb, lines[i].letters));
	}
	const char *path = write_mmdb("country.mmdb", mmdb);
	is_int(network_map_load(path, NETWORK_COUNTRY, NULL, SIZE_MAX, &map, &failure), STATUS_OK, "countries %s",
	       failure.sentence);
	is_int(find(map, "192.0.2.9"), 'C' << 8 | 'Z', "IPv4");
	is_int(find(map, "2001:db8::9"), 'D' << 8 | 'E', "IPv6");
	is_int(find(map, "198.51.100.200"), 'J' << 8 | 'P', "the second half");
	is_int(find(map, "203.0.113.1"), 0, "an entry without a country");
	is_int(find(map, "10.0.0.1"), 0, "no entry");
	is_int(find(map, "2002:c000:0209::"), 0, "not through 6to4");
	is_int(prefix_map_count(map), 3, "halves with the same value are one entry");
	prefix_map_destroy(map);
	is_int(network_map_load(path, NETWORK_COUNTRY, "country/name", SIZE_MAX, &map, &failure), STATUS_BAD_DATA,
	       "a path that leads nowhere");
	ok(strstr(failure.sentence, "no entry has 'country/name'") != NULL, "said: %s", failure.sentence);
	is_int(network_map_load(path, NETWORK_COUNTRY, "country", SIZE_MAX, &map, &failure), STATUS_BAD_DATA,
	       "a path that leads to no text");
	is_int(network_map_load(path, NETWORK_AS, "country/iso_code", SIZE_MAX, &map, &failure), STATUS_BAD_DATA,
	       "a country is no AS");
	ok(strstr(failure.sentence, "is no AS number") != NULL, "said: %s", failure.sentence);
	mmdb_end(mmdb);
}

/* A tree whose mapped addresses and 6to4 lead to IPv4 once more, as those of MaxMind do. */
static void test_aliases(void)
{
	failure_t failure = { 0 };
	prefix_map_t *map = NULL;
	mmdb_t *mmdb = mmdb_begin(6, 28);
	prefix_t network = prefix("192.0.2.0/24");
	mmdb_add(mmdb, &network, put_as(mmdb, 64500, false));
	const uint32_t mark = 0x7fff;
	uint32_t ipv4 = 0;
	for (int i = 0; i < 96; i++) {
		ipv4 = mmdb->nodes[ipv4][0];
	}
	const char *const aliases[] = { "::ffff:0:0:0/96", "2002::/16" };
	for (size_t i = 0; i < 2; i++) {
		prefix_t alias = prefix(aliases[i]);
		mmdb_add(mmdb, &alias, mark);
		for (uint32_t j = 0; j < 2 * mmdb->count; j++) {
			uint32_t *record = &mmdb->nodes[j / 2][j % 2];
			*record = *record == (MMDB_DATA_BIT | mark) ? ipv4 : *record;
		}
	}
	const char *path = write_mmdb("alias.mmdb", mmdb);
	tap_require(network_map_load(path, NETWORK_AS, NULL, SIZE_MAX, &map, &failure) == STATUS_OK, "aliases %s",
	            failure.sentence);
	is_int(prefix_map_count(map), 1, "each entry once");
	is_int(find(map, "192.0.2.1"), 64500, "found");
	prefix_map_destroy(map);
	/* A circle: a node below leads to the root. */
	mmdb->nodes[mmdb->count - 1][1] = 0;
	path = write_mmdb("circle.mmdb", mmdb);
	is_int(network_map_load(path, NETWORK_AS, NULL, SIZE_MAX, &map, &failure), STATUS_BAD_DATA, "a circle");
	ok(strstr(failure.sentence, "is damaged") != NULL, "said: %s", failure.sentence);
	mmdb_end(mmdb);
}

static void test_text(void)
{
	static const char good[] = "# prefix to AS\n1.0.0.0\t24\t13335\n1.0.4.0\t22\t38803_56203\r\n"
	                           "\n2001:db8::\t32\t64500,64501\n1.0.0.128 25 AS64502";
	const struct { const char *text, *sentence; } bad[] = {
		{ "1.0.0.0\t24\n", ":1: this is no MaxMind DB, and no line of address, length and value" },
		{ "1.0.0.0\t24\t1\n1.0.0.0\t33\t1\n", ":2: this is no address and length" },
		{ "1.0.0.0/8\t24\t1\n", ":1: this is no address and length" },
		{ "1.0.0.0\t24\tmany\n", ":1: this is no AS number" },
		{ "1.0.0.0\t24\t4294967296\n", ":1: this is no AS number" },
		{ "# nothing\n", "has no networks" }, { "", "is empty" },
	};
	failure_t failure = { 0 };
	prefix_map_t *map = NULL;
	const char *path = scratch_write("pfx2as", good, sizeof(good) - 1);
	is_int(network_map_load(path, NETWORK_AS, NULL, SIZE_MAX, &map, &failure), STATUS_OK, "text %s",
	       failure.sentence);
	is_int(find(map, "1.0.0.1"), 13335, "an AS");
	is_int(find(map, "1.0.0.129"), 64502, "the longest prefix holds");
	is_int(find(map, "1.0.7.1"), 38803, "the first of several");
	is_int(find(map, "2001:db8::1"), 64500, "of a set, too");
	is_int(find(map, "9.9.9.9"), 0, "none");
	prefix_map_destroy(map);
	is_int(network_map_load(path, NETWORK_AS, NULL, 3, &map, &failure), STATUS_UNSUPPORTED,
	       "more networks than are allowed");
	ok(strstr(failure.sentence, "has more than 3 networks") != NULL, "said: %s", failure.sentence);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		path = scratch_write("bad", bad[i].text, strlen(bad[i].text));
		is_int(network_map_load(path, NETWORK_AS, NULL, SIZE_MAX, &map, &failure), STATUS_BAD_DATA,
		       "bad text %zu", i);
		ok(strstr(failure.sentence, bad[i].sentence) != NULL, "said: %s", failure.sentence);
	}
	is_int(network_map_load(scratch_path("missing"), NETWORK_AS, NULL, SIZE_MAX, &map, &failure), STATUS_SYSTEM,
	       "no file");
}

/* Cut and altered anywhere, a file is read or refused with a sentence; never more. */
static void test_damage(void)
{
	failure_t failure;
	generator_t generator = generator_make(3, 3);
	mmdb_t *mmdb = mmdb_begin(6, 28);
	for (unsigned i = 0; i < 40; i++) {
		address_t address = random_address(&generator, i % 2 == 0);
		unsigned bits = i % 2 == 0 ? ADDRESS_IPV4_OFFSET + 20 : 40;
		prefix_t network = { address_network(&address, bits), (uint8_t)bits };
		mmdb_add(mmdb, &network, put_as(mmdb, 64500 + i, false));
	}
	buffer_t bytes = mmdb_bytes(mmdb);
	unsigned refused = 0, spoken = 0, read = 0;
	for (unsigned i = 0; i < 1500; i++) {
		uint8_t *copy = malloc(bytes.size);
		memcpy(copy, bytes.data, bytes.size);
		size_t size = i % 3 == 0 ? generator_below(&generator, bytes.size) : bytes.size;
		for (unsigned j = 0; j < i % 3; j++) {
			copy[generator_below(&generator, bytes.size)] = (uint8_t)generator_next(&generator);
		}
		prefix_map_t *map = NULL;
		failure.sentence[0] = '\0';
		const char *path = scratch_write("damaged", copy, size);
		if (network_map_load(path, NETWORK_AS, NULL, SIZE_MAX, &map, &failure) == STATUS_OK) {
			read++;
			prefix_map_destroy(map);
		} else {
			refused++;
			spoken += strstr(failure.sentence, "damaged") != NULL;
		}
		free(copy);
	}
	ok(refused > 500, "%u damaged files are refused, %u are read", refused, read);
	is_int(spoken, refused, "each with the file's name");
	buffer_clear(&bytes);
	mmdb_end(mmdb);
}

static void test_keys(void)
{
	const char *const good[] = { "a", "country/iso_code", "a/0/b", "1/2/3/4/5/6/7/8" };
	const char *const bad[] = { "", "/", "/a", "a/", "a//b", "1/2/3/4/5/6/7/8/9" };
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ok(network_keys_fit(good[i]), "a path of keys: '%s'", good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ok(!network_keys_fit(bad[i]), "none: '%s'", bad[i]);
	}
}

int main(void)
{
	scratch_begin();
	const unsigned sizes[] = { 24, 28, 32 };
	for (size_t i = 0; i < 3; i++) {
		test_against_library(6, sizes[i]);
		test_against_library(4, sizes[i]);
	}
	test_country();
	test_aliases();
	test_text();
	test_damage();
	test_keys();
	scratch_end();
	return tap_done();
}
