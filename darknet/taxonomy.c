/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of the taxonomy, and what can be said of one packet alone. */
#include "darknet/taxonomy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HIGH_PORT 1024

enum {
	ICMP_ECHO_REQUEST = 8,
	ICMPV6_ECHO_REQUEST = 128,
};

#define PAPER "Liu & Fukuda, TRAC 2014 and JIP 26 (2018)"
#define OURS  "this project's default, the report does not print it"

static const event_info_t events[] = {
	[EVENT_PORT_SCAN_HEAVY] = {
		"port-scan-heavy",
		"one address is sent to N1 or more ports, with more than M packets per port",
		PAPER, true,
	},
	[EVENT_PORT_SCAN_LIGHT] = {
		"port-scan-light",
		"one address is sent to N1 or more ports, with at most M packets per port",
		PAPER, true,
	},
	[EVENT_NETWORK_SCAN_HEAVY] = {
		"network-scan-heavy",
		"one port (or echo) is sent to N2 or more addresses, with more than M packets per address",
		PAPER, true,
	},
	[EVENT_NETWORK_SCAN_LIGHT] = {
		"network-scan-light",
		"one port (or echo) is sent to N2 or more addresses, with at most M packets per address",
		PAPER, true,
	},
	[EVENT_ONE_FLOW] = {
		"one-flow",
		"in no scan: one port of one address is sent more than N3 packets",
		PAPER, false,
	},
	[EVENT_BACKSCATTER] = {
		"backscatter",
		"answers to forged packets: TCP SYN+ACK or RST, UDP from a service port to a high one, "
		"ICMP errors and replies",
		PAPER, false,
	},
	[EVENT_IP_FRAGMENT] = {
		"ip-fragment",
		"no backscatter: fragments of IP packets",
		PAPER, false,
	},
	[EVENT_SMALL_SYN] = {
		"small-syn",
		"all that is left of TCP is SYN",
		PAPER, false,
	},
	[EVENT_SMALL_UDP] = {
		"small-udp",
		"what is left of UDP",
		PAPER, false,
	},
	[EVENT_SMALL_PING] = {
		"small-ping",
		"all that is left of ICMP is echo requests",
		PAPER, false,
	},
	[EVENT_OTHER] = {
		"other",
		"what is left of mixed kinds, of other protocols, or without a whole header",
		PAPER, false,
	},
};
_Static_assert(sizeof(events) / sizeof(events[0]) == EVENT_KINDS, "one row for each event");

static const parameter_info_t parameters[] = {
	[PARAMETER_N1] = {
		"N1", "least ports of one address that make a port scan", OURS, 5, 2, 65536, true,
	},
	[PARAMETER_N2] = {
		"N2", "least addresses of one port that make a network scan", OURS, 5, 2, 1e9, true,
	},
	[PARAMETER_M] = {
		"M", "a scan with more packets than this per target, on average, is heavy", OURS,
		3, 1, 1e9, false,
	},
	[PARAMETER_N3] = {
		"N3", "one flow has more packets than this", OURS, 15, 1, 1e9, true,
	},
};
_Static_assert(sizeof(parameters) / sizeof(parameters[0]) == PARAMETERS, "one row for each");

/* Services that answer one datagram with another: what reflection attacks and forged
   queries make them send. Ascending. */
static const service_port_t services[] = {
	{ 7, "echo", "RFC 862" },
	{ 17, "qotd", "RFC 865" },
	{ 19, "chargen", "RFC 864" },
	{ 53, "dns", "RFC 1035" },
	{ 69, "tftp", "RFC 1350" },
	{ 111, "portmapper", "RFC 1833" },
	{ 123, "ntp", "RFC 5905" },
	{ 137, "netbios-ns", "RFC 1002" },
	{ 161, "snmp", "RFC 3417" },
	{ 389, "cldap", "RFC 1798" },
	{ 427, "slp", "RFC 2608" },
	{ 443, "quic", "RFC 9000" },
	{ 500, "ike", "RFC 7296" },
	{ 520, "rip", "RFC 2453" },
	{ 623, "ipmi-rmcp", "IANA: asf-rmcp" },
	{ 1194, "openvpn", "IANA: openvpn" },
	{ 1434, "mssql-resolution", "IANA: ms-sql-m" },
	{ 1701, "l2tp", "RFC 2661" },
	{ 1900, "ssdp", "IANA: ssdp" },
	{ 3283, "apple-remote", "IANA: net-assistant" },
	{ 3389, "rdp-udp", "IANA: ms-wbt-server" },
	{ 3478, "stun", "RFC 8489" },
	{ 3702, "ws-discovery", "IANA: ws-discovery" },
	{ 4500, "ike-nat", "RFC 3947" },
	{ 5060, "sip", "RFC 3261" },
	{ 5093, "sentinel-lm", "IANA: sentinel-lm" },
	{ 5351, "nat-pmp", "RFC 6886" },
	{ 5353, "mdns", "RFC 6762" },
	{ 5683, "coap", "RFC 7252" },
	{ 11211, "memcached", "IANA: memcache" },
	{ 27015, "source-engine", "CISA alert TA14-017A" },
	{ 33848, "jenkins-discovery", "CVE-2020-2100" },
};

static const icmp_answer_t icmp_answers[] = {
	{ false, 0, 0, "echo reply", "RFC 792" },
	{ false, 3, 3, "destination unreachable", "RFC 792" },
	{ false, 4, 4, "source quench", "RFC 792" },
	{ false, 5, 5, "redirect", "RFC 792" },
	{ false, 11, 11, "time exceeded", "RFC 792" },
	{ false, 12, 12, "parameter problem", "RFC 792" },
	{ false, 14, 14, "timestamp reply", "RFC 792" },
	{ false, 16, 16, "information reply", "RFC 792" },
	{ false, 18, 18, "address mask reply", "RFC 950" },
	{ true, 0, 127, "error", "RFC 4443, section 2.1" },
	{ true, 129, 129, "echo reply", "RFC 4443, section 4.2" },
};

const event_info_t *event_info(event_kind_t kind)
{
	return &events[kind];
}

event_kind_t event_find(const char *name)
{
	event_kind_t kind = 0;
	while (kind < EVENT_KINDS && strcmp(events[kind].name, name) != 0) {
		kind++;
	}
	return kind;
}

const char *protocol_group_name(protocol_group_t group)
{
	static const char *const names[] = {
		[GROUP_TCP] = "tcp", [GROUP_UDP] = "udp", [GROUP_ICMP] = "icmp", [GROUP_OTHER] = "other",
	};
	_Static_assert(sizeof(names) / sizeof(names[0]) == GROUPS, "one name for each group");
	return names[group];
}

const parameter_info_t *parameter_info(parameter_t parameter)
{
	return &parameters[parameter];
}

taxonomy_parameters_t taxonomy_defaults(void)
{
	taxonomy_parameters_t defaults;
	for (parameter_t i = 0; i < PARAMETERS; i++) {
		defaults.values[i] = parameters[i].standard;
	}
	return defaults;
}

status_t parameter_value(parameter_t parameter, const char *text, double *value,
                         failure_t *failure)
{
	const parameter_info_t *info = &parameters[parameter];
	char *end;
	double number = strtod(text, &end);
	/* strtod also takes blanks, signs, hexadecimal and "inf". */
	bool plain = text[0] >= '0' && text[0] <= '9' && *end == '\0' &&
	             strpbrk(text, "xXpP") == NULL;
	if (!plain || !(number >= info->least && number <= info->most) ||
	    (info->whole && number != floor(number))) {
		return failure_set(failure, STATUS_BAD_DATA,
		                   "parameter %s takes a %snumber from %g to %g, not '%s'", info->name,
		                   info->whole ? "whole " : "", info->least, info->most, text);
	}
	*value = number;
	return STATUS_OK;
}

status_t parameter_parse(const char *text, taxonomy_parameters_t *values, parameter_t *which,
                         failure_t *failure)
{
	const char *equals = strchr(text, '=');
	size_t size = equals != NULL ? (size_t)(equals - text) : strlen(text);
	for (parameter_t i = 0; equals != NULL && i < PARAMETERS; i++) {
		if (strlen(parameters[i].name) != size || memcmp(parameters[i].name, text, size) != 0) {
			continue;
		}
		if (which != NULL) {
			*which = i;
		}
		return parameter_value(i, equals + 1, &values->values[i], failure);
	}
	return failure_set(failure, STATUS_BAD_DATA,
	                   "'%s' is no parameter with its value: N1=, N2=, M= or N3=", text);
}

const service_port_t *taxonomy_service_ports(size_t *count)
{
	*count = sizeof(services) / sizeof(services[0]);
	return services;
}

bool taxonomy_is_service_port(uint16_t port)
{
	size_t low = 0, high = sizeof(services) / sizeof(services[0]);
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (services[middle].port == port) {
			return true;
		}
		if (services[middle].port < port) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return false;
}

const icmp_answer_t *taxonomy_icmp_answers(size_t *count)
{
	*count = sizeof(icmp_answers) / sizeof(icmp_answers[0]);
	return icmp_answers;
}

static bool icmp_is_answer(bool ipv6, uint8_t type)
{
	for (size_t i = 0; i < sizeof(icmp_answers) / sizeof(icmp_answers[0]); i++) {
		const icmp_answer_t *answer = &icmp_answers[i];
		if (answer->ipv6 == ipv6 && type >= answer->first && type <= answer->last) {
			return true;
		}
	}
	return false;
}

static bool udp_is_answer(const packet_t *packet)
{
	return packet->destination_port >= HIGH_PORT &&
	       taxonomy_is_service_port(packet->source_port) &&
	       !taxonomy_is_service_port(packet->destination_port);
}

/* As of the rest; and whether it is an answer. Each for packets whose transport is there. */
static void set_tcp_nature(const packet_t *packet, packet_nature_t *nature, bool *answer)
{
	uint8_t flags = packet->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST);
	*answer = (flags & TCP_RST) != 0 || flags == (TCP_SYN | TCP_ACK);
	*nature = (packet_nature_t) {
		.group = GROUP_TCP, .has_port = true, .in_flow = true, .probe = flags == TCP_SYN,
	};
}

static void set_udp_nature(const packet_t *packet, packet_nature_t *nature, bool *answer)
{
	*answer = udp_is_answer(packet);
	*nature = (packet_nature_t) {
		.group = GROUP_UDP, .has_port = true, .in_flow = true, .probe = true,
	};
}

static void set_icmp_nature(const packet_t *packet, packet_nature_t *nature, bool *answer)
{
	bool echo = packet->icmp_type == (packet->ipv6 ? ICMPV6_ECHO_REQUEST : ICMP_ECHO_REQUEST);
	*answer = icmp_is_answer(packet->ipv6, packet->icmp_type);
	*nature = (packet_nature_t) { .group = GROUP_ICMP, .in_flow = echo, .probe = echo };
}

static protocol_group_t group_of(const packet_t *packet)
{
	switch (packet->protocol) {
	case PROTOCOL_TCP:
		return GROUP_TCP;
	case PROTOCOL_UDP:
		return GROUP_UDP;
	case PROTOCOL_ICMP:
		return packet->ipv6 ? GROUP_OTHER : GROUP_ICMP;
	case PROTOCOL_ICMPV6:
		return packet->ipv6 ? GROUP_ICMP : GROUP_OTHER;
	default:
		return GROUP_OTHER;
	}
}

static void set_nature(const packet_t *packet, protocol_group_t group, packet_nature_t *nature,
                       bool *answer)
{
	switch (packet->transport ? group : GROUP_OTHER) {
	case GROUP_TCP:
		set_tcp_nature(packet, nature, answer);
		break;
	case GROUP_UDP:
		set_udp_nature(packet, nature, answer);
		break;
	case GROUP_ICMP:
		set_icmp_nature(packet, nature, answer);
		break;
	default:
		*answer = false;
		*nature = (packet_nature_t) { .group = group };
	}
}

void taxonomy_nature(const packet_t *packet, packet_nature_t *nature)
{
	bool answer;
	set_nature(packet, group_of(packet), nature, &answer);
	if (answer) {
		nature->aside = ASIDE_BACKSCATTER;
	} else if (packet->more_fragments || packet->fragment_offset != 0) {
		nature->aside = ASIDE_FRAGMENT;
	}
	if (nature->aside != ASIDE_NOT) {
		nature->in_flow = nature->probe = false;
	}
}
