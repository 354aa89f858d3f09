/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each rule of the taxonomy by packets in words; both families. */
#include "tests/unit/scenario.h"

#include <inttypes.h>

#include "common/moment.h"
#include "tests/tap.h"

/* A scenario and its events: "EVENT PROTOCOL PACKETS TARGETS PORTS", divided by "; ". */
typedef struct {
	const char *rule;    /* If it is a parameter ("N2=10"), that is set. */
	const char *packets;
	const char *events;
} rule_t;

static const rule_t rules[] = {
	/* Port scan. */
	{ "5 ports of an address", "syn 1 80-84", "port-scan-light tcp 5 1 5" },
	{ "4 ports are none", "syn 1 80-83", "small-syn tcp 4 1 4" },
	{ "N1=4", "syn 1 80-83", "port-scan-light tcp 4 1 4" },
	{ "a port twice is one port", "syn 1 80-83 x2", "small-syn tcp 8 1 4" },
	{ "5 ports over two addresses are none", "syn 1 80-82; syn 2 83-84", "small-syn tcp 5 2 5" },
	{ "by UDP, too", "udp 1 1000-1004", "port-scan-light udp 5 1 5" },
	{ "not by two protocols together", "syn 1 80-82; udp 1 83-84",
	  "small-syn tcp 3 1 3; small-udp udp 2 1 2" },
	{ "more than 3 packets per port", "syn 1 80-84 x4", "port-scan-heavy tcp 20 1 5" },
	{ "3 packets per port", "syn 1 80-84 x3", "port-scan-light tcp 15 1 5" },
	{ "3.2 packets per port", "syn 1 80-83 x3; syn 1 84 x4", "port-scan-heavy tcp 16 1 5" },
	{ "M=4", "syn 1 80-84 x4", "port-scan-light tcp 20 1 5" },
	{ "two addresses, 5 ports each", "syn 1 80-84; syn 2 90-94", "port-scan-light tcp 10 2 10" },
	{ "any TCP of the rest scans", "ack 1 80-84", "port-scan-light tcp 5 1 5" },
	{ "port 0 is a port", "syn 1 0-4", "port-scan-light tcp 5 1 5 port0" },
	/* Network scan. */
	{ "5 addresses of a port", "syn 1-5 23", "network-scan-light tcp 5 5 1" },
	{ "4 addresses are none", "syn 1-4 23", "small-syn tcp 4 4 1" },
	{ "N2=4", "syn 1-4 23", "network-scan-light tcp 4 4 1" },
	{ "N2=6", "syn 1-5 23", "small-syn tcp 5 5 1" },
	{ "5 addresses over two ports are none", "syn 1-3 23; syn 4-5 24", "small-syn tcp 5 5 2" },
	{ "more than 3 packets per address", "syn 1-5 23 x4", "network-scan-heavy tcp 20 5 1" },
	{ "echo requests are one port", "ping 1-5 -", "network-scan-light icmp 5 5 0" },
	{ "other requests are none", "timestamp 1-5 -", "other icmp 5 5 0" },
	{ "no network scan by another protocol", "gre 1-9 -", "other other 9 9 0" },
	{ "UDP", "udp 1-9 500", "network-scan-light udp 9 9 1" },
	{ "two ports scanned", "syn 1-5 23; syn 1-5 2323", "network-scan-light tcp 10 5 2" },
	{ "a target is an address with a port", "syn 1-5 21-24",
	  "network-scan-light tcp 20 5 4" },
	/* Both scans, and what is left of them. */
	{ "a block is both", "syn 1-5 80-84",
	  "port-scan-light tcp 25 5 5; network-scan-light tcp 25 5 5" },
	{ "one scan heavy, one light", "syn 1 80-84 x9; syn 1-20 80",
	  "port-scan-heavy tcp 46 1 5; network-scan-light tcp 29 20 1" },
	{ "what is in no scan is left", "syn 1-5 23; syn 9 99",
	  "network-scan-light tcp 5 5 1; small-syn tcp 1 1 1" },
	{ "what is in a scan is not left", "syn 1-5 23; syn 1 99 x20",
	  "network-scan-light tcp 5 5 1; one-flow tcp 20 1 1" },
	{ "a flow of a scanned port is no flow of its own", "syn 1-5 23; syn 1 23 x20",
	  "network-scan-heavy tcp 25 5 1" },
	/* One flow. */
	{ "more than 15 packets of one flow", "udp 1 99 x16", "one-flow udp 16 1 1" },
	{ "15 are none", "udp 1 99 x15", "small-udp udp 15 1 1" },
	{ "N3=20", "udp 1 99 x16", "small-udp udp 16 1 1" },
	{ "two such flows", "udp 1 99 x16; udp 2 98 x20", "one-flow udp 36 2 2" },
	{ "and the rest", "udp 1 99 x16; udp 2 98 x2", "one-flow udp 16 1 1; small-udp udp 2 1 1" },
	{ "of pings", "ping 1 - x16", "one-flow icmp 16 1 0" },
	{ "not of what has no port", "gre 1 - x16", "other other 16 1 0" },
	{ "of data", "ack 1 99 x16", "one-flow tcp 16 1 1" },
	/* Small, other. */
	{ "one SYN", "syn 1 80", "small-syn tcp 1 1 1" },
	{ "a SYN with ECN", "syn-ece 1 80", "small-syn tcp 1 1 1" },
	{ "a SYN with FIN", "syn-fin 1 80", "small-syn tcp 1 1 1" },
	{ "SYN and other TCP", "syn 1 80 x2; ack 1 80", "other tcp 3 1 1" },
	{ "SYN and other TCP elsewhere", "syn 1 80; fin 2 81", "other tcp 2 2 2" },
	{ "other TCP in a scan leaves the rest SYN", "ack 1-5 23; syn 9 80",
	  "network-scan-light tcp 5 5 1; small-syn tcp 1 1 1" },
	{ "no flags", "null 1 80", "other tcp 1 1 1" },
	{ "one UDP", "udp 1 80", "small-udp udp 1 1 1" },
	{ "one ping", "ping 1 -", "small-ping icmp 1 1 0" },
	{ "ping and timestamp", "ping 1 -; timestamp 1 -", "other icmp 2 1 0" },
	{ "each protocol by itself", "syn 1 80; udp 1 80; ping 1 -; gre 1 -",
	  "small-syn tcp 1 1 1; small-udp udp 1 1 1; small-ping icmp 1 1 0; other other 1 1 0" },
	{ "a cut header has no port", "cuttcp 1-9 -", "other tcp 9 9 0" },
	{ "cut and whole", "cutudp 1 -; udp 1 0", "other udp 2 1 1 port0" },
	/* Set aside. */
	{ "SYN+ACK", "synack 1-9 1025", "backscatter tcp 9 9 1" },
	{ "RST", "rst 1 80-89", "backscatter tcp 10 1 10" },
	{ "RST+ACK", "rstack 1 80 x99", "backscatter tcp 99 1 1" },
	{ "RST with SYN", "synrst 1 80", "backscatter tcp 1 1 1" },
	{ "answers of name servers", "udp53 1-9 40000", "backscatter udp 9 9 1" },
	{ "to a low port", "udp53 1-9 80", "network-scan-light udp 9 9 1" },
	{ "to another service", "udp53 1-9 11211", "network-scan-light udp 9 9 1" },
	{ "from port 11211", "udp11211 1 1024-1026", "backscatter udp 3 1 3" },
	{ "NTP to NTP is a probe", "udp123 1-9 123", "network-scan-light udp 9 9 1" },
	{ "echo replies", "pong 1-9 -", "backscatter icmp 9 9 0" },
	{ "ICMP errors", "unreach 1-9 -; timexc 1 -", "backscatter icmp 10 9 0" },
	{ "fragments", "frag 1-9 -", "ip-fragment udp 9 9 0" },
	{ "a first fragment has ports", "firstfrag 1-9 80; frag 1-9 -", "ip-fragment udp 18 9 1" },
	{ "backscatter comes before fragments", "firstfrag53 1 40000; frag 1 -",
	  "backscatter udp 1 1 1; ip-fragment udp 1 1 0" },
	{ "what is set aside makes no scan", "syn 1-3 80; synack 4-9 80; syn 4 80",
	  "backscatter tcp 6 6 1; small-syn tcp 4 4 1" },
	/* Sources. */
	{ "two sources", "syn 1-3 80; syn 4-6 80 from 2", "small-syn tcp 3 3 1; small-syn tcp 3 3 1" },
	/* Tools. */
	{ "zmap", "zmap 1-9 80", "network-scan-light tcp 9 9 1 zmap before 4.1" },
	{ "zmap by UDP", "zmapudp 1-2 53", "small-udp udp 2 2 1 zmap before 4.1" },
	{ "one packet is not enough for it", "zmap 1 80", "small-syn tcp 1 1 1" },
	{ "one packet speaks against it", "zmap 1-9 80; syn 10 80", "network-scan-light tcp 10 10 1" },
	{ "backscatter does not speak against it", "zmap 1-9 80; synack 1 80",
	  "network-scan-light tcp 9 9 1 zmap before 4.1; backscatter tcp 1 1 1" },
	{ "another protocol does not", "zmap 1-9 80; udp 1 80",
	  "network-scan-light tcp 9 9 1 zmap before 4.1; small-udp udp 1 1 1" },
	{ "masscan", "masscan 1-9 80", "network-scan-light tcp 9 9 1 masscan" },
	{ "mirai", "mirai 1-9 23", "network-scan-light tcp 9 9 1 mirai" },
	{ "one packet is enough for it", "mirai 1 23", "small-syn tcp 1 1 1 mirai" },
	{ "Conficker", "syn 1-9 445", "network-scan-light tcp 9 9 1 conficker" },
	{ "as small SYN", "syn 1 445", "small-syn tcp 1 1 1 conficker" },
	{ "not heavy", "syn 1-9 445 x4", "network-scan-heavy tcp 36 9 1" },
	{ "not with another port", "syn 1-9 445; syn 1 80",
	  "network-scan-light tcp 9 9 1; small-syn tcp 1 1 1" },
	{ "another tool comes first", "mirai 1-9 445", "network-scan-light tcp 9 9 1 mirai" },
};

/* The events as text. */
typedef struct {
	char text[1024];
	size_t length;
	bool ipv6;
	telescope_t *telescope;
	failure_t failure;
} run_t;

static status_t take_event(void *context, size_t set, const event_t *event, failure_t *failure)
{
	(void)set, (void)failure;
	run_t *run = context;
	const char *tool = tool_info(event->tool)->name;
	run->length += (size_t)snprintf(
		run->text + run->length, sizeof(run->text) - run->length,
		"%s%s %s %" PRIu64 " %" PRIu64 " %" PRIu64 "%s%s%s%s%s", run->length > 0 ? "; " : "",
		event_info(event->kind)->name, protocol_group_name(event->protocol), event->packets,
		event->targets, event->ports, event->flags & EVENT_FLAG_PORT_0 ? " port0" : "",
		event->flags & EVENT_FLAG_BOGON ? " bogon" : "", event->exact ? "" : " about",
		*tool != '\0' ? " " : "", tool);
	return STATUS_OK;
}

static void take_packet(void *context, const packet_t *packet, packet_kind_t kind)
{
	run_t *run = context;
	status_t status = telescope_take(run->telescope, 1000 * MICROSECONDS, packet, kind,
	                                 &run->failure);
	if (status != STATUS_OK) {
		printf("# %s\n", run->failure.sentence);
	}
}

static void run_rule(const rule_t *rule, bool ipv6, run_t *run)
{
	taxonomy_parameters_t parameters = taxonomy_defaults();
	(void)parameter_parse(rule->rule, &parameters, NULL, NULL);
	prefix_t darknet = scenario_darknet(ipv6);
	telescope_options_t options = telescope_defaults();
	options.prefixes = &darknet;
	options.prefix_count = 1;
	options.sets = &parameters;
	options.sink = (telescope_sink_t) { .event = take_event, .context = run };
	*run = (run_t) { .ipv6 = ipv6 };
	tap_require(telescope_create(&options, &run->telescope, &run->failure) == STATUS_OK,
	            "a telescope for: %s", rule->packets);
	scenario_play(rule->packets, ipv6, take_packet, run);
	(void)telescope_finish(run->telescope, &run->failure);
	telescope_destroy(run->telescope);
}

/* The marks of tools are in IPv4 only. */
static bool needs_ipv4(const rule_t *rule)
{
	return strstr(rule->events, "mirai") != NULL || strstr(rule->events, "masscan") != NULL ||
	       strstr(rule->events, "zmap") != NULL || strstr(rule->events, "conficker") != NULL;
}

int main(void)
{
	run_t run;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		run_rule(&rules[i], false, &run);
		is_text(run.text, rules[i].events, "IPv4: %s: %s", rules[i].rule, rules[i].packets);
		if (!needs_ipv4(&rules[i])) {
			run_rule(&rules[i], true, &run);
			is_text(run.text, rules[i].events, "IPv6: %s: %s", rules[i].rule, rules[i].packets);
		}
	}
	return tap_done();
}
