/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief One frame decoded down to the payload of UDP, TCP or another protocol.
 *
 * link_layer.h (what is before IP), RFC 791 (IPv4), RFC 8200 (IPv6 and its extension
 * headers), RFC 4302 (AH), RFC 768 (UDP), RFC 9293 (TCP), RFC 792 (ICMP), RFC 4443 (ICMPv6).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/capture.h"
#include "common/address.h"

/*! IP protocol numbers that the decoder looks into (IANA). */
enum {
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMPV6 = 58,
};

/*! Flags of a TCP header. */
enum {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20,
};

/*! How far a frame could be decoded. */
typedef enum {
	PACKET_WHOLE = 0, /*!< All headers; of the payload as much as was captured. */
	PACKET_FRAGMENT,  /*!< Addresses and protocol; the transport header is in another fragment. */
	PACKET_TRUNCATED, /*!< The capture ends within a header: what came before it is filled in. */
	PACKET_MALFORMED, /*!< A header contradicts itself: what came before it is filled in. */
	PACKET_NOT_IP,    /*!< ARP, 802.3, ...: nothing is filled in. */
	PACKET_KINDS
} packet_kind_t;

/*! A decoded packet. What it does not have is zero. */
typedef struct {
	address_t source;
	address_t destination;
	uint16_t source_port;       /*!< UDP and TCP, host order. */
	uint16_t destination_port;
	uint8_t protocol;           /*!< Behind the extension headers. */
	uint8_t time_to_live;       /*!< IPv6: hop limit. */
	bool ipv6;
	bool more_fragments;        /*!< Not the last fragment. */
	bool dont_fragment;         /*!< IPv4 only. */
	uint16_t fragment_offset;   /*!< Bytes; 0 in the first fragment and without any. */
	uint32_t identification;    /*!< IPv4: 16 bits. IPv6: of the fragment header. */
	uint32_t ip_length;         /*!< Bytes of the IP packet with its header, as it was sent. */
	uint32_t tcp_sequence;
	uint16_t tcp_window;        /*!< As it is in the header, not scaled. */
	uint8_t tcp_flags;
	uint8_t icmp_type;          /*!< ICMP in IPv4, ICMPv6 in IPv6. */
	uint8_t icmp_code;
	uint16_t icmp_id;           /*!< Identifier of an echo or its reply, in either family. */
	bool transport;             /*!< Ports (UDP), ports, sequence and flags (TCP) or type and code
	                                 (ICMP) are there, however the rest of the header may be. */
	const uint8_t *payload;     /*!< Of ICMP: what is behind its checksum. Else: behind the last header decoded; in the frame's bytes. */
	size_t payload_size;        /*!< Bytes at \a payload. */
	size_t payload_wire_size;   /*!< Bytes that the headers announce; not less. */
} packet_t;

/*!
 * Decodes a frame.
 *
 * Bytes behind the IP packet's own length (padding of Ethernet) do not count. An IPv4
 * total length or an IPv6 payload length of 0, as network cards with segmentation
 * offload leave them and as jumbograms have them, means "up to the end of the frame".
 * A first fragment that holds the whole transport header is PACKET_WHOLE with
 * \a more_fragments set. What is inside a tunnel, or behind ESP, is payload.
 *
 * \param frame   Any bytes.
 * \param packet  Out, always set; points into the frame.
 *
 * \return How far it went. Takes no memory; thread-safe.
 */
packet_kind_t packet_decode(const frame_t *frame, packet_t *packet);

/*! Name of a kind for counters and messages: "whole", "fragment", ... */
const char *packet_kind_name(packet_kind_t kind);
