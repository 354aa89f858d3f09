/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Categories of querier names, the rules as data, and querier files. */
#include <unistd.h>

#include "sensor/querier_directory.h"
#include "tests/tap.h"

static const char *category_name(category_t category)
{
	return category == CATEGORY_UNKNOWN ? "unknown" : feature_names[category];
}

static void test_names(void)
{
	static const struct { const char *name, *querier, *category; } cases[] = {
		{ "", "192.0.2.1", "unknown" },
		{ "!nxdomain", "192.0.2.1", "nxdomain" },
		{ "!unreach", "192.0.2.1", "unreach" },
		{ "mail.ns.example.com", "192.0.2.1", "mail" },
		{ "mail-ns.example.com", "192.0.2.1", "mail" },
		{ "ns.mail.example.com", "192.0.2.1", "ns" },
		{ "host-1-2-3-4.example.com", "192.0.2.1", "home" },
		{ "mail01-a.example.com", "192.0.2.1", "mail" },
		{ "MX1.Example.COM.", "192.0.2.1", "mail" },
		{ "sendgrid7.example.com", "192.0.2.1", "mail" },
		{ "resend.example.com", "192.0.2.1", "other" },
		{ "mailing.example.com", "192.0.2.1", "other" },
		{ "dns2.example.net", "192.0.2.1", "ns" },
		{ "resolv_b.example.net", "192.0.2.1", "ns" },
		{ "fw1.example.net", "192.0.2.1", "fw" },
		{ "ironport.example.net", "192.0.2.1", "antispam" },
		{ "www3.example.net", "192.0.2.1", "www" },
		{ "ntp0.example.net", "192.0.2.1", "ntp" },
		{ "p123.dsl.example.net", "192.0.2.1", "home" },
		{ "a1-2.deploy.akamaitechnologies.com", "192.0.2.1", "cdn" },
		{ "mail.akamaitechnologies.com", "192.0.2.1", "cdn" },
		{ "notakamaitechnologies.com", "192.0.2.1", "other" },
		{ "ec2-1-2-3-4.compute-1.amazonaws.com", "192.0.2.1", "aws" },
		{ "msnbot.search.msn.com", "192.0.2.1", "ms" },
		{ "crawl-1.googlebot.com", "192.0.2.1", "google" },
		{ "x192-0-2-1y.example.jp", "192.0.2.1", "home" },
		{ "1.2.0.192.example.jp", "192.0.2.1", "home" },
		{ "192x000x002x001.example.jp", "192.0.2.1", "home" },
		{ "xc0000201.example.jp", "192.0.2.1", "home" },
		{ "x192-0-2-10.example.jp", "192.0.2.1", "other" },
		{ "x9192-0-2-1.example.jp", "192.0.2.1", "other" },
		{ "mail-192-0-2-1.example.jp", "192.0.2.1", "mail" },
		{ "x192-0-2-1.mail.example.jp", "192.0.2.1", "home" },
		{ "mx.192-0-2-1.example.jp", "192.0.2.1", "mail" },
		{ "v6-20010db8000000000000000000000001.example", "2001:db8::1", "home" },
		{ "v6-2001-0db8-0000-0000-0000-0000-0000-0001.example", "2001:db8::1", "home" },
		{ "gate.example.org", "192.0.2.1", "other" },
		{ "a..b", "192.0.2.1", "other" },
		{ ".", "192.0.2.1", "other" },
	};
	category_rules_t *rules = NULL;
	failure_t failure = { 0 };
	tap_require(category_rules_load(NULL, &rules, &failure) == STATUS_OK, "built-in rules %s",
	            failure.sentence);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		address_t querier;
		tap_require(address_parse(cases[i].querier, &querier), "address %s", cases[i].querier);
		is_text(category_name(category_of_name(rules, cases[i].name, &querier)),
		        cases[i].category, "'%s'", cases[i].name);
	}
	char name[1000];
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	address_t querier = address_from_ipv4((const uint8_t[]) { 192, 0, 2, 1 });
	is_text(category_name(category_of_name(rules, name, &querier)), "other", "a name too long");
	category_rules_destroy(rules);
}

/* Writes a temporary file; returns its name in a static buffer. */
static const char *write_file(const char *text)
{
	static char path[] = "test_category.XXXXXX";
	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	int fd = mkstemp(path);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
		tap_require(false, "temporary file written");
	}
	close(fd);
	return path;
}

static void test_rules(void)
{
	static const struct { const char *text, *sentence; } bad[] = {
		{ "word mail\n", ":1: words are missing" },
		{ "\n# x\nwords mail mx\n", ":3: 'words' is none of suffix, word, address" },
		{ "word post mx\n", ":1: 'post' is no category" },
		{ "word nxdomain mx\n", ":1: 'nxdomain' is no category" },
		{ "address home x\n", ":1: words behind 'address'" },
		{ "suffix\n", ":1: '' is no category" },
	};
	failure_t failure;
	category_rules_t *rules;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *path = write_file(bad[i].text);
		is_int(category_rules_load(path, &rules, &failure), STATUS_BAD_DATA, "refused");
		is_text(failure.sentence + strlen(path), bad[i].sentence, "sentence");
		unlink(path);
	}
	const char *path = write_file("word ns edge # comment\r\nsuffix mail example.com");
	tap_require(category_rules_load(path, &rules, &failure) == STATUS_OK, "own rules");
	unlink(path);
	address_t querier = address_from_ipv4((const uint8_t[]) { 192, 0, 2, 1 });
	is_text(category_name(category_of_name(rules, "edge.example.net", &querier)), "ns", "own word");
	is_text(category_name(category_of_name(rules, "edge.example.com", &querier)), "mail",
	        "own suffix comes first, wherever it stands");
	is_text(category_name(category_of_name(rules, "mail.example.net", &querier)), "other",
	        "built-in words are not there");
	category_rules_destroy(rules);
	is_int(category_rules_load("/nonexistent/rules", &rules, &failure), STATUS_SYSTEM, "no file");
	ok(strstr(failure.sentence, "/nonexistent/rules") != NULL, "%s", failure.sentence);
}

static void test_files(void)
{
	category_rules_t *rules = NULL;
	querier_directory_t *directory = NULL;
	failure_t failure;
	(void)category_rules_load(NULL, &rules, &failure);
	const char *path = write_file("name,querier,asn,country,remark\n"
	                              "mx.example.com,192.0.2.1,AS64500,cz,x\n"
	                              "!unreach,2001:db8::1,,,\n,192.0.2.2,64501,JP,\n");
	tap_require(querier_directory_load_csv(path, rules, &directory, &failure) == STATUS_OK,
	            "a querier file");
	unlink(path);
	is_int(querier_directory_count(directory), 3, "three entries");
	address_t querier;
	char country[3];
	(void)address_parse("192.0.2.1", &querier);
	querier_info_t info = querier_directory_get(directory, &querier);
	ok(info.category == FEATURE_MAIL && info.as_number == 64500, "category and AS");
	is_text(country_format(info.country, country), "CZ", "country in upper case");
	(void)address_parse("2001:db8::1", &querier);
	info = querier_directory_get(directory, &querier);
	ok(info.category == FEATURE_UNREACH && info.as_number == 0 && info.country == 0, "unreachable");
	(void)address_parse("192.0.2.2", &querier);
	info = querier_directory_get(directory, &querier);
	ok(info.category == CATEGORY_UNKNOWN && info.as_number == 64501, "name not known");
	(void)address_parse("192.0.2.3", &querier);
	info = querier_directory_get(directory, &querier);
	ok(info.category == CATEGORY_UNKNOWN && info.as_number == 0, "not there");
	info = querier_directory_get(NULL, &querier);
	ok(info.category == CATEGORY_UNKNOWN, "no directory");
	for (unsigned i = 0; i < 5000; i++) {
		uint8_t octets[4] = { 10, 0, (uint8_t)(i >> 8), (uint8_t)i };
		querier = address_from_ipv4(octets);
		info.as_number = i;
		(void)querier_directory_put(directory, &querier, info);
	}
	ok(querier_directory_count(directory) == 5003 &&
	   querier_directory_get(directory, &querier).as_number == 4999, "it grows");
	querier_directory_destroy(directory);

	static const struct { const char *text, *sentence; } bad[] = {
		{ "querier,asn\n", ": there is no column 'name'" },
		{ "querier,name\nx,y\n", ":2: 'x' is no address" },
		{ "querier,name,asn\n192.0.2.1,y,-1\n", ":2: '-1' is no AS number" },
		{ "querier,name,asn\n192.0.2.1,y,4294967296\n", ":2: '4294967296' is no AS number" },
		{ "querier,name,country\n192.0.2.1,y,CZE\n", ":2: 'CZE' is no country of two letters" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		path = write_file(bad[i].text);
		is_int(querier_directory_load_csv(path, rules, &directory, &failure), STATUS_BAD_DATA,
		       "refused");
		is_text(failure.sentence + strlen(path), bad[i].sentence, "sentence");
		unlink(path);
	}
	category_rules_destroy(rules);
}

int main(void)
{
	test_names();
	test_rules();
	test_files();
	return tap_done();
}
