/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What stands in front of the IP header: link headers, tags, labels, sessions.
 *
 * IEEE 802.1Q and 802.1ad (tags, any number of them), 802.1BR and VN-Tag, RFC 3032 and
 * RFC 5462 (MPLS), RFC 2516 (PPPoE) with RFC 1661 (PPP); LINKTYPE_* of tcpdump.org. They
 * may stand in each other.
 */
#pragma once

#include "capture/capture.h"
#include "common/cursor.h"

/*! What comes behind the headers that were stepped over. */
typedef enum {
	LINK_HOLDS_IPV4,  /*!< So it says. */
	LINK_HOLDS_IPV6,  /*!< So it says. */
	LINK_HOLDS_OTHER, /*!< ARP, 802.3, PPPoE discovery, Ethernet over MPLS, ... */
	LINK_HOLDS_CUT,   /*!< The frame ends within these headers. */
} link_content_t;

/*!
 * Steps over all that stands before the IP header.
 *
 * What is behind MPLS labels is told by its first four bits, as routers guess it (RFC 4928):
 * 4 and 6 are IP; a pseudowire is not looked into.
 *
 * \param cursor  At the front of a frame; moved to the IP header if there is one.
 *
 * \return What it holds. Takes no memory; thread-safe.
 */
link_content_t link_layer_take(cursor_t *cursor, link_type_t link);
