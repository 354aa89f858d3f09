/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What arrives at a telescope as Ethernet frames: TCP, UDP, ICMP, fragments and others.
 *
 * RFC 791, RFC 792, RFC 9293, RFC 768; RFC 8200 and RFC 4443 for IPv6. Checksums are right.
 * The marks of scanning tools are those that are published (M. Antonakakis et al.:
 * Understanding the Mirai Botnet, USENIX Security 2017; Z. Durumeric et al.: An Internet-Wide
 * View of Internet-Wide Scanning, USENIX Security 2014). They are set here apart from
 * darknet/fingerprint.c, which reads them: a test holds the two together.
 */
#pragma once

#include "simulator/wire.h"

/*! Most bytes behind the last header that is written. */
#define DARK_PAYLOAD_MAX 64
/*! Longest frame written: Ethernet, IPv6, TCP and the payload. */
#define DARK_PACKET_MAX (14 + 40 + 20 + DARK_PAYLOAD_MAX)

/*! IP protocols whose headers are written; of all others only the payload is. */
enum { DARK_ICMP = 1, DARK_TCP = 6, DARK_UDP = 17, DARK_ICMPV6 = 58 };

/*! Flags of TCP. */
enum { DARK_SYN = 0x02, DARK_RST = 0x04, DARK_ACK = 0x10 };

/*! Flag of wire_ip_t.fragment: more fragments follow. The offset is below it. */
#define DARK_MORE_FRAGMENTS 0x2000

/*! A packet. What its protocol does not have is not looked at. */
typedef struct {
	wire_ip_t ip;
	uint16_t source_port;
	uint16_t destination_port;
	uint32_t sequence;          /*!< TCP. */
	uint32_t acknowledgement;   /*!< TCP, with DARK_ACK. */
	uint16_t window;            /*!< TCP. */
	uint8_t flags;              /*!< TCP. */
	uint8_t icmp_type;
	uint8_t icmp_code;
	uint32_t icmp_rest;         /*!< ICMP: identifier and number of an echo; else as the type has it. */
	const uint8_t *payload;
	size_t payload_size;        /*!< At most DARK_PAYLOAD_MAX. */
} dark_packet_t;

/*!
 * Writes the frame of a packet. Thread-safe.
 *
 * A fragment with an offset is its payload alone. The UDP checksum of a first fragment is 0
 * ("none"), as it would be over bytes that stand in other packets.
 *
 * \return Bytes written, at most DARK_PACKET_MAX.
 */
size_t dark_packet_write(const dark_packet_t *packet, uint8_t frame[DARK_PACKET_MAX]);

/*! ZMap before 4.1: the IP identification is 54321. */
void dark_mark_zmap(dark_packet_t *packet);

/*!
 * masscan: the IP identification is destination address xor destination port xor TCP sequence,
 * the low 16 bits. IPv4 only; all three must be set.
 */
void dark_mark_masscan(dark_packet_t *packet);

/*! Mirai: the TCP sequence is the destination address. IPv4 only. */
void dark_mark_mirai(dark_packet_t *packet);

/*!
 * Writes what an ICMP error quotes of the packet that it answers: its IPv4 header and the first
 * 8 bytes behind it (RFC 792).
 *
 * \param packet  The packet that is answered: IPv4, TCP or UDP.
 * \param quote   Out: DARK_QUOTE_SIZE bytes.
 */
void dark_packet_quote(const dark_packet_t *packet, uint8_t *quote);

/*! Bytes of a quote. */
#define DARK_QUOTE_SIZE (WIRE_IPV4_SIZE + 8)
