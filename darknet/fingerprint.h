/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Fingerprints of scanning tools in the headers of their packets.
 *
 * Sampled are all probes of one source and protocol in one window (taxonomy_nature():
 * TCP SYN, UDP, echo requests; never backscatter or fragments). A tool is reported
 * only when every one of them agrees with its mark and together they agree in 32
 * bits or more, so that chance makes one source in 2^32 look like a tool: two packets
 * for a mark of 16 bits, one for a mark of 32. (Two equal packets, a retransmission,
 * count as two.) Several tools may agree; the first of the table is reported.
 *
 * A mark is where a tool can be told, not that it is honest: others may set it.
 * IPv6 has neither the identification nor an address of 32 bits, so no marks but Conficker's,
 * which is IPv4 only as well.
 */
#pragma once

#include <stdint.h>

#include "capture/packet.h"
#include "darknet/taxonomy.h"

/*! Tools, in the order of precedence. */
typedef enum {
	TOOL_NONE = 0,
	TOOL_MIRAI,
	TOOL_MASSCAN,
	TOOL_ZMAP,
	TOOL_CONFICKER,
	TOOLS
} tool_t;

/*! One row of the table of tools. */
typedef struct {
	const char *name;   /*!< In files: "zmap before 4.1"; "" of TOOL_NONE. */
	const char *mark;   /*!< One sentence without its full stop; NULL of TOOL_NONE. */
	const char *source; /*!< Where the mark is known from. */
	uint8_t bits;       /*!< Bits of one packet that agree; 0: not by chance but by choice. */
} tool_info_t;

/*! The row of a tool. */
const tool_info_t *tool_info(tool_t tool);

/*! Finds a tool by its name ("" is TOOL_NONE); TOOLS if there is none. */
tool_t tool_find(const char *name);

/*! Set of tools, a bit each: 1 << tool. */
typedef uint8_t tool_set_t;

/*! All tools. */
#define TOOL_SET_ALL ((tool_set_t)((1u << TOOLS) - 2))

/*!
 * Tools whose mark a probe has. The set of a source is the intersection over its probes.
 *
 * \param packet  That is a probe.
 */
tool_set_t fingerprint_packet(const packet_t *packet);

/*!
 * The tool of an event.
 *
 * \param set    Intersection over all probes of the unit.
 * \param probes How many there were; counting may stop at 255.
 * \param kind   Conficker is reported for light network scans and small SYN only.
 */
tool_t fingerprint_tool(tool_set_t set, unsigned probes, event_kind_t kind);
