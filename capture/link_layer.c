/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the front of a frame to its IP header.
 *
 *   Ethernet   | destination 6 | source 6 | type 2 |
 *   cooked     | 14 bytes | type 2 |            cooked 2   | type 2 | 18 bytes |
 *   tag        | control 2 | type 2 |           VN-Tag     | 4 bytes | type 2 |
 *   MPLS       | label 20 bits, class 3, bottom 1, time to live 8 | ... up to the bottom
 *   PPPoE      | version, code 2 | session 2 | length 2 | PPP protocol 1 or 2 |
 *   loopback   | address family 4 |
 *
 * A type leads to the next header or to the end: one loop over a table. Reads behind the end
 * give zeros and leave the cursor failed, which is asked once.
 */
#include "capture/link_layer.h"

#define PPPOE_SESSION_HEAD 6

/* What a type leads to. */
typedef enum {
	STEP_END = 0,
	STEP_TAG,
	STEP_VNTAG,
	STEP_MPLS,
	STEP_PPPOE,
} step_t;

enum {
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_TAG = 0x8100,
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_MPLS = 0x8847,
	ETHERTYPE_MPLS_UPSTREAM = 0x8848,
	ETHERTYPE_PPPOE_SESSION = 0x8864,
	ETHERTYPE_SERVICE_TAG = 0x88a8,
	ETHERTYPE_VNTAG = 0x8926,
	ETHERTYPE_OLD_SERVICE_TAG = 0x9100, /* What switches used before 802.1ad. */
	ETHERTYPE_NONE = 0,                 /* Stands for all that is not looked into. */
};

static step_t step_of(unsigned type)
{
	static const struct { uint16_t type; uint16_t step; } steps[] = {
		{ ETHERTYPE_TAG, STEP_TAG },
		{ ETHERTYPE_SERVICE_TAG, STEP_TAG },
		{ ETHERTYPE_OLD_SERVICE_TAG, STEP_TAG },
		{ ETHERTYPE_VNTAG, STEP_VNTAG },
		{ ETHERTYPE_MPLS, STEP_MPLS },
		{ ETHERTYPE_MPLS_UPSTREAM, STEP_MPLS },
		{ ETHERTYPE_PPPOE_SESSION, STEP_PPPOE },
	};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i].type == type) {
			return (step_t)steps[i].step;
		}
	}
	return STEP_END;
}

/* The type of an IP header by its version; takes nothing. */
static unsigned version_type(cursor_t *cursor)
{
	cursor_t ahead = *cursor;
	unsigned version = cursor_u8(&ahead) >> 4;
	cursor->failed = ahead.failed;
	return version == 4 ? ETHERTYPE_IPV4 : version == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_NONE;
}

/* Labels up to the one that is marked as the bottom of the stack. */
static unsigned mpls_take(cursor_t *cursor)
{
	bool bottom;
	do {
		bottom = cursor_be32(cursor) & 0x100;
	} while (!bottom && !cursor->failed);
	return version_type(cursor);
}

/* The protocol of PPP has one byte if that is odd (RFC 1661, section 6.5). */
static unsigned pppoe_take(cursor_t *cursor)
{
	(void)cursor_take(cursor, PPPOE_SESSION_HEAD);
	unsigned protocol = cursor_u8(cursor);
	if (protocol % 2 == 0) {
		protocol = protocol << 8 | cursor_u8(cursor);
	}
	switch (protocol) {
	case 0x0021:
		return ETHERTYPE_IPV4;
	case 0x0057:
		return ETHERTYPE_IPV6;
	case 0x0281:
		return ETHERTYPE_MPLS;
	case 0x0283:
		return ETHERTYPE_MPLS_UPSTREAM;
	default:
		return ETHERTYPE_NONE;
	}
}

static unsigned step_take(cursor_t *cursor, step_t step)
{
	switch (step) {
	case STEP_TAG:
		(void)cursor_be16(cursor);
		return cursor_be16(cursor);
	case STEP_VNTAG:
		(void)cursor_be32(cursor);
		return cursor_be16(cursor);
	case STEP_MPLS:
		return mpls_take(cursor);
	case STEP_PPPOE:
		return pppoe_take(cursor);
	case STEP_END:
		break;
	}
	return ETHERTYPE_NONE;
}

/* Goes on by an Ethernet type; headers may be stacked as deep as the frame is. */
static link_content_t type_follow(cursor_t *cursor, unsigned type)
{
	step_t step;
	while (!cursor->failed && (step = step_of(type)) != STEP_END) {
		type = step_take(cursor, step);
	}
	if (cursor->failed) {
		return LINK_HOLDS_CUT;
	}
	return type == ETHERTYPE_IPV4 ? LINK_HOLDS_IPV4 : type == ETHERTYPE_IPV6 ? LINK_HOLDS_IPV6
	                                                                          : LINK_HOLDS_OTHER;
}

/* The address family of BSD loopback frames: 2 is IPv4 on all, IPv6 differs by system. */
static unsigned family_type(cursor_t *cursor, bool host_order)
{
	uint32_t family = cursor_be32(cursor);
	/* DLT_NULL is in the order of the host that captured; families are small numbers. */
	if (host_order && family > 0xffff) {
		family = __builtin_bswap32(family);
	}
	switch (family) {
	case 2:
		return ETHERTYPE_IPV4;
	case 10: /* Linux */
	case 24: /* NetBSD, OpenBSD */
	case 28: /* FreeBSD */
	case 30: /* Darwin */
		return ETHERTYPE_IPV6;
	default:
		return ETHERTYPE_NONE;
	}
}

link_content_t link_layer_take(cursor_t *cursor, link_type_t link)
{
	unsigned type = ETHERTYPE_NONE;
	switch (link) {
	case LINK_ETHERNET:
		(void)cursor_take(cursor, 12);
		type = cursor_be16(cursor);
		break;
	case LINK_LINUX_COOKED:
		(void)cursor_take(cursor, 14);
		type = cursor_be16(cursor);
		break;
	case LINK_LINUX_COOKED2:
		type = cursor_be16(cursor);
		(void)cursor_take(cursor, 18);
		break;
	case LINK_NULL:
	case LINK_LOOP:
		type = family_type(cursor, link == LINK_NULL);
		break;
	case LINK_RAW:
		type = version_type(cursor);
		break;
	case LINK_OTHER:
	case LINK_DNSTAP:
		return LINK_HOLDS_OTHER;
	}
	return type_follow(cursor, type);
}
