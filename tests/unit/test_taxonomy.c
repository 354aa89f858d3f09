/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of the taxonomy, and what is read from text. */
#include "darknet/taxonomy.h"

#include <stdio.h>
#include <stdlib.h>

#include "darknet/bogon.h"
#include "darknet/fingerprint.h"
#include "darknet/sweep.h"
#include "tests/tap.h"

static void test_tables(void)
{
	for (event_kind_t kind = 0; kind < EVENT_KINDS; kind++) {
		const event_info_t *info = event_info(kind);
		is_int(event_find(info->name), kind, "event %s is found", info->name);
		ok(info->rule != NULL && info->source != NULL, "and has a rule and a source");
		is_int(info->scan, strstr(info->name, "scan-") != NULL, "and is a scan if it says so");
	}
	is_int(event_find("nonsense"), EVENT_KINDS, "an event that is none");
	for (tool_t tool = TOOL_NONE + 1; tool < TOOLS; tool++) {
		is_int(tool_find(tool_info(tool)->name), tool, "tool %s is found", tool_info(tool)->name);
	}
	is_int(tool_find("nmap"), TOOLS, "a tool that is none");

	size_t count;
	const service_port_t *services = taxonomy_service_ports(&count);
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++) {
		wrong += i > 0 && services[i - 1].port >= services[i].port;
		wrong += !taxonomy_is_service_port(services[i].port);
	}
	is_int(wrong, 0, "service ports ascend and are found");
	size_t found = 0;
	for (unsigned port = 0; port < 65536; port++) {
		found += taxonomy_is_service_port((uint16_t)port);
	}
	is_int(found, count, "and no others");
	const uint16_t wanted[] = { 53, 123, 161, 389, 1900, 11211, 19, 17, 111, 137, 500, 3702, 5353 };
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		ok(taxonomy_is_service_port(wanted[i]), "port %u is one", wanted[i]);
	}
}

static aside_t aside_of(const packet_t *packet)
{
	packet_nature_t nature;
	taxonomy_nature(packet, &nature);
	return nature.aside;
}

/* Which types of ICMP are set aside, by the table and by the packets. */
static void test_icmp(void)
{
	static const uint8_t answers[] = { 0, 3, 4, 5, 11, 12, 14, 16, 18 };
	size_t wrong = 0;
	for (unsigned type = 0; type < 256; type++) {
		packet_t packet = {
			.protocol = PROTOCOL_ICMP, .transport = true, .icmp_type = (uint8_t)type,
		};
		bool answer = memchr(answers, (int)type, sizeof(answers)) != NULL;
		wrong += (aside_of(&packet) == ASIDE_BACKSCATTER) != answer;
		packet.ipv6 = true;
		wrong += aside_of(&packet) != ASIDE_NOT; /* ICMP of IPv4 in IPv6 */
		packet.protocol = PROTOCOL_ICMPV6;
		wrong += (aside_of(&packet) == ASIDE_BACKSCATTER) != (type < 128 || type == 129);
	}
	is_int(wrong, 0, "all types of ICMP and ICMPv6");
}

static void test_parameters(void)
{
	taxonomy_parameters_t parameters = taxonomy_defaults();
	const double standard[PARAMETERS] = { 5, 5, 3, 15 };
	ok(memcmp(parameters.values, standard, sizeof(standard)) == 0, "N1=5 N2=5 M=3 N3=15");
	parameter_t which;
	failure_t failure;
	is_int(parameter_parse("N2=10", &parameters, &which, &failure), STATUS_OK, "N2=10");
	is_int(which, PARAMETER_N2, "is N2");
	ok(parameters.values[PARAMETER_N2] == 10, "and 10");
	is_int(parameter_parse("M=1.5", &parameters, NULL, &failure), STATUS_OK, "M=1.5");
	ok(parameters.values[PARAMETER_M] == 1.5, "M is a real number");
	static const struct { const char *text, *sentence; } bad[] = {
		{ "N2=1", "parameter N2 takes a whole number from 2 to 1e+09, not '1'" },
		{ "N2=2.5", "parameter N2 takes a whole number from 2 to 1e+09, not '2.5'" },
		{ "N1=", "parameter N1 takes a whole number from 2 to 65536, not ''" },
		{ "N1=0x10", "parameter N1 takes a whole number from 2 to 65536, not '0x10'" },
		{ "M=nan", "parameter M takes a number from 1 to 1e+09, not 'nan'" },
		{ "M=-1", "parameter M takes a number from 1 to 1e+09, not '-1'" },
		{ "N4=1", "'N4=1' is no parameter with its value: N1=, N2=, M= or N3=" },
		{ "N=1", "'N=1' is no parameter with its value: N1=, N2=, M= or N3=" },
		{ "N1", "'N1' is no parameter with its value: N1=, N2=, M= or N3=" },
		{ "", "'' is no parameter with its value: N1=, N2=, M= or N3=" },
	};
	taxonomy_parameters_t before = parameters;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		is_int(parameter_parse(bad[i].text, &parameters, NULL, &failure), STATUS_BAD_DATA,
		       "'%s' is refused", bad[i].text);
		is_text(failure.sentence, bad[i].sentence, "with a sentence");
	}
	ok(memcmp(&before, &parameters, sizeof(before)) == 0, "and nothing has changed");
}

static void test_sweeps(void)
{
	sweep_plan_t plan;
	failure_t failure;
	is_int(sweep_parse("N2=2,3,50", &plan, &failure), STATUS_OK, "N2=2,3,50");
	ok(plan.kind == SWEEP_PARAMETER && plan.parameter == PARAMETER_N2 && plan.count == 3 &&
	   plan.values[2] == 50, "three values of N2");
	is_text(plan.texts[2], "50", "as written");
	is_int(sweep_parse("window=1h,1d", &plan, &failure), STATUS_OK, "window=1h,1d");
	ok(plan.kind == SWEEP_WINDOW && plan.values[0] == 3600 && plan.values[1] == 86400, "seconds");
	is_int(sweep_parse("darknet=/16,/24", &plan, &failure), STATUS_OK, "darknet=/16,/24");
	ok(plan.kind == SWEEP_DARKNET && plan.values[0] == 16 && plan.values[1] == 24, "bits");
	static const struct { const char *text, *part; } bad[] = {
		{ "", "no sweep" }, { "N2", "no sweep" }, { "N9=1", "no sweep" },
		{ "N2=", "takes a whole number" }, { "N2=2,", "takes a whole number" },
		{ "N2=2,2", "has 2 twice" }, { "window=0", "lasts from" }, { "window=1y", "lasts from" },
		{ "darknet=16", "written as in /20" }, { "darknet=/129", "written as in /20" },
		{ "darknet=/16x", "written as in /20" }, { "window=1h,60m", "has 60m twice" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		is_int(sweep_parse(bad[i].text, &plan, &failure), STATUS_BAD_DATA, "'%s' is refused",
		       bad[i].text);
		ok(strstr(failure.sentence, bad[i].part) != NULL, "%s", failure.sentence);
	}
}

static void test_bogons(void)
{
	size_t count, wrong = 0;
	const bogon_t *bogons = bogon_table(&count);
	for (size_t i = 0; i < count; i++) {
		prefix_t prefix;
		char text[PREFIX_TEXT_MAX];
		/* Strict: no bits behind the length, and written as we write it. */
		wrong += !prefix_parse(bogons[i].prefix, &prefix) ||
		         strcmp(prefix_format(&prefix, text), bogons[i].prefix) != 0 ||
		         !bogon_source(&prefix.address);
	}
	is_int(wrong, 0, "all rows are prefixes, and their addresses are bogons");
	static const struct { const char *address; bool bogon; } cases[] = {
		{ "10.1.2.3", true }, { "11.0.0.0", false }, { "100.63.255.255", false },
		{ "100.64.0.0", true }, { "172.15.255.255", false }, { "172.31.255.255", true },
		{ "172.32.0.0", false }, { "192.168.1.1", true }, { "198.20.0.0", false },
		{ "223.255.255.255", false }, { "224.0.0.1", true }, { "255.255.255.255", true },
		{ "8.8.8.8", false }, { "::1", true }, { "::", true }, { "fe80::1", true },
		{ "fc00::1", true }, { "ff02::1", true }, { "2001:db8::1", true }, { "2001:4860::1", false },
		{ "2a00::1", false }, { "3fff:1000::1", false }, { "3fff:fff::1", true },
		{ "4000::1", true },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		address_t address;
		(void)address_parse(cases[i].address, &address);
		is_int(bogon_source(&address), cases[i].bogon, "%s", cases[i].address);
	}
}

/* Lines of doc/darknet.md that are to be there: one for each row of each table. */
static void test_document(void)
{
	const char *top = getenv("top_srcdir");
	char path[512], row[512];
	static char text[65536];
	(void)snprintf(path, sizeof(path), "%s/doc/darknet.md", top != NULL ? top : ".");
	FILE *file = fopen(path, "r");
	tap_require(file != NULL, "%s is there", path);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	#define HAS_ROW(...) do { \
		(void)snprintf(row, sizeof(row), __VA_ARGS__); \
		ok(strstr(text, row) != NULL, "it has: %s", row); \
	} while (0)
	size_t count;
	for (event_kind_t i = 0; i < EVENT_KINDS; i++) {
		HAS_ROW("| %s | %s |\n", event_info(i)->name, event_info(i)->rule);
	}
	for (parameter_t i = 0; i < PARAMETERS; i++) {
		const parameter_info_t *info = parameter_info(i);
		HAS_ROW("| %s | %g | %g | %g | %s |\n", info->name, info->standard, info->least, info->most,
		        info->sentence);
	}
	for (tool_t i = TOOL_NONE + 1; i < TOOLS; i++) {
		HAS_ROW("| %s | %s | %s |\n", tool_info(i)->name, tool_info(i)->mark, tool_info(i)->source);
	}
	const service_port_t *services = taxonomy_service_ports(&count);
	for (size_t i = 0; i < count; i++) {
		HAS_ROW("| %u | %s | %s |\n", services[i].port, services[i].service, services[i].source);
	}
	const icmp_answer_t *answers = taxonomy_icmp_answers(&count);
	for (size_t i = 0; i < count; i++) {
		HAS_ROW(" | %s | %s |\n", answers[i].meaning, answers[i].source);
	}
	const bogon_t *bogons = bogon_table(&count);
	for (size_t i = 0; i < count; i++) {
		HAS_ROW("| %s | %s | %s |\n", bogons[i].prefix, bogons[i].meaning, bogons[i].source);
	}
}

int main(void)
{
	test_tables();
	test_icmp();
	test_parameters();
	test_sweeps();
	test_bogons();
	test_document();
	return tap_done();
}
