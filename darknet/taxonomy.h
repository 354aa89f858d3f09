/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The darknet taxonomy as tables: events, rules, parameters, and what is set aside.
 *
 * After J. Liu, K. Fukuda: Towards a taxonomy of darknet traffic (TRAC 2014) and
 * An evaluation of darknet traffic taxonomy (JIP 26, 2018), as K. Fukuda's final
 * KAKENHI report on network scans and DNS backscatter uses it. Help, manual page and
 * doc/darknet.md are held against these tables by tests.
 *
 * The unit that is judged is all that one source sent by one protocol in one window.
 *
 * 1. Each packet by itself: is it BACKSCATTER, else an IP FRAGMENT? These are set aside.
 *    All others are the *rest*.
 * 2. Of the rest, a *flow* is all packets to one address and one port. ICMP echo
 *    requests count as one port of their own; other ICMP, other protocols and packets
 *    whose header is cut have no port, are in no flow and so in no scan.
 *    A flow is in the PORT SCAN if its address has flows to N1 or more ports, and in the
 *    NETWORK SCAN if its port has flows to N2 or more addresses. It may be in both, and
 *    then counts in both. A scan is HEAVY if its packets are more than M times its
 *    flows, else LIGHT: a target of a scan is an address with a port.
 * 3. A flow in no scan with more than N3 packets is in ONE FLOW.
 * 4. What is still left has at most N3 packets in each flow. If all of it is of one
 *    kind, TCP SYN, UDP or ICMP echo, it is SMALL SYN, SMALL UDP or SMALL PING, else
 *    all of it is OTHER.
 *
 * So a unit gives each event at most once, no event depends on the order of packets,
 * and each packet is in exactly one event or in the two scans. doc/darknet.md gives the
 * reasons where the published text leaves a choice.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/packet.h"
#include "common/failure.h"

/*! What a source did. The order is that of events of one source and protocol. */
typedef enum {
	EVENT_PORT_SCAN_HEAVY = 0,
	EVENT_PORT_SCAN_LIGHT,
	EVENT_NETWORK_SCAN_HEAVY,
	EVENT_NETWORK_SCAN_LIGHT,
	EVENT_ONE_FLOW,
	EVENT_BACKSCATTER,
	EVENT_IP_FRAGMENT,
	EVENT_SMALL_SYN,
	EVENT_SMALL_UDP,
	EVENT_SMALL_PING,
	EVENT_OTHER,
	EVENT_KINDS
} event_kind_t;

/*! One row of the table of events. */
typedef struct {
	const char *name;   /*!< In files and options: "network-scan-light". */
	const char *rule;   /*!< One sentence without its full stop; parameters by their names. */
	const char *source; /*!< Where name and rule come from. */
	bool scan;          /*!< It makes its source a scanner. */
} event_info_t;

/*! The row of an event. */
const event_info_t *event_info(event_kind_t kind);

/*! Finds an event by its name; EVENT_KINDS if there is none. */
event_kind_t event_find(const char *name);

/*! By what a unit's packets came. */
typedef enum {
	GROUP_TCP = 0,
	GROUP_UDP,
	GROUP_ICMP,  /*!< ICMP in IPv4, ICMPv6 in IPv6. */
	GROUP_OTHER, /*!< All other protocols together. */
	GROUPS
} protocol_group_t;

/*! "tcp", "udp", "icmp", "other". */
const char *protocol_group_name(protocol_group_t group);

/*! The thresholds. */
typedef enum {
	PARAMETER_N1 = 0,
	PARAMETER_N2,
	PARAMETER_M,
	PARAMETER_N3,
	PARAMETERS
} parameter_t;

/*! One row of the table of parameters. */
typedef struct {
	const char *name;     /*!< "N1". */
	const char *sentence; /*!< What it decides, without a full stop. */
	const char *source;   /*!< Where the default comes from. */
	double standard;      /*!< The default. */
	double least, most;   /*!< Both allowed. */
	bool whole;           /*!< Whole numbers only. */
} parameter_info_t;

/*! The row of a parameter. */
const parameter_info_t *parameter_info(parameter_t parameter);

/*! Values of all parameters; start with taxonomy_defaults(). */
typedef struct {
	double values[PARAMETERS];
} taxonomy_parameters_t;

/*! The defaults of the table. */
taxonomy_parameters_t taxonomy_defaults(void);

/*!
 * Reads one parameter from text.
 *
 * \param text        "NAME=VALUE", as in "N2=10".
 * \param parameters  In and out: that one is changed, on success only.
 * \param which       Out, if not NULL: which one it was.
 *
 * \return STATUS_OK; STATUS_BAD_DATA for a name that is none, or a value that is no number or
 *         out of range, with the range in the sentence.
 */
status_t parameter_parse(const char *text, taxonomy_parameters_t *parameters, parameter_t *which,
                         failure_t *failure);

/*!
 * Reads the value of a known parameter from text, as parameter_parse().
 *
 * \param text  Only the value, up to its final zero.
 */
status_t parameter_value(parameter_t parameter, const char *text, double *value,
                         failure_t *failure);

/*! What becomes of a packet before its source is judged. */
typedef enum {
	ASIDE_NOT = 0,     /*!< It belongs to the rest. */
	ASIDE_BACKSCATTER, /*!< An answer to a packet with a forged source. */
	ASIDE_FRAGMENT,    /*!< More fragments, or an offset. */
	ASIDES
} aside_t;

/*! What a packet is by itself. */
typedef struct {
	protocol_group_t group;
	aside_t aside;
	bool has_port;  /*!< It has a destination port: TCP or UDP whose header is there. */
	bool in_flow;   /*!< Of the rest: it has a port, or is an echo request. */
	bool probe;     /*!< Of the rest, and of the kinds that scans and small events are made of:
	                     TCP SYN without ACK and RST, UDP with ports, echo requests. */
} packet_nature_t;

/*!
 * Rule 1 for one packet. Backscatter is looked for first: a first fragment that holds a
 * transport header may be backscatter, later ones are always fragments.
 *
 * \param packet  Whose addresses are filled in.
 * \param nature  Out. Not returned: put together in registers it cost a stall per packet.
 */
void taxonomy_nature(const packet_t *packet, packet_nature_t *nature);

/*!
 * One row of the table of UDP services whose answers, to a high port, are backscatter.
 *
 * High is a port from 1024 on that is not itself in the table: a packet from port 53 to
 * port 11211 is a probe behind a port that firewalls let through. "Without a request" holds
 * for all of them, as a darknet sends nothing; telescope_counts() tells if one did.
 */
typedef struct {
	uint16_t port;
	const char *service; /*!< Name of the protocol. */
	const char *source;  /*!< Document that assigns the port. */
} service_port_t;

/*! The table, ascending by port. \param count  Out: rows. */
const service_port_t *taxonomy_service_ports(size_t *count);

/*! Whether a UDP port is in that table. */
bool taxonomy_is_service_port(uint16_t port);

/*! One row of the table of ICMP types that are backscatter: a range, both ends included. */
typedef struct {
	bool ipv6;
	uint8_t first, last;
	const char *meaning;
	const char *source;
} icmp_answer_t;

/*! The table. \param count  Out: rows. */
const icmp_answer_t *taxonomy_icmp_answers(size_t *count);
