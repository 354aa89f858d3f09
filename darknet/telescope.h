/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief A network telescope: packets in, in the order of the capture; events out, window by window.
 *
 *     packet ─► is it for the darknet? ─► window of its moment ─► unit (source, protocol, aside)
 *                                                                  └► flow (address, port): packets
 *     end of a window ─► each unit is judged by taxonomy.h ─► events, sorted by source
 *
 * **Windows** are tumbling and begin at multiples of their length since 1970-01-01 UTC. A
 * window stays open until a packet comes that is `slack` or more behind its end; until
 * then packets of the next window are taken into that one. Time may run backwards as it
 * likes within what is open. A packet of a window that is closed is counted as late and
 * left out. Windows without packets give nothing.
 *
 * **Exactness.** A unit (one source, one protocol, set aside as the same or not) counts
 * exactly up to `flows` distinct flows. Beyond, it keeps a uniform sample of the matrix
 * of its addresses and ports: all flows whose address has level >= La and whose port
 * has level >= Lp, where a keyed hash gives level l with probability 2^-(l+1) (P.
 * Gibbons: Distinct sampling, VLDB 2001, in two dimensions). A
 * flow that would pass the bound has the dimension with more distinct values in the
 * sample thinned by half, until there is room. Then
 * - packets of the unit stay exact; those of an event are the unit's in proportion of the
 *   sample's;
 * - targets are the sample's times 2^La, ports the sample's times 2^Lp, with a relative
 *   standard error of about 1/sqrt(values in the sample). A dimension is thinned only while it
 *   has sqrt(flows) values or more, so about half as many are left: at the default bound
 *   at least 128, an error of 9 % at worst; a scan of one port keeps 32768 or more addresses, 0.6 %.
 * - what reached N1 or N2 before it was thinned stays a scan. N1 and N2 are compared with the
 *   sample as it is, not scaled: a scan that is reported did happen, one that is only just
 *   above the threshold may be missed and is then part of what is left.
 * Such events have `exact` false. The same packets in the same order give the same sample.
 *
 * **Memory.** What is open takes at most `memory` bytes, each of the two windows at most half
 * of it, so that no window depends on what is in another. When that is reached, packets that
 * need a new unit are refused and counted; units that are known go on, and one that
 * cannot grow is thinned as if it had reached its bound.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/packet.h"
#include "common/address.h"
#include "common/failure.h"
#include "common/keyed_hash.h"
#include "darknet/fingerprint.h"
#include "darknet/taxonomy.h"

/*! Most parameter sets that are judged at once. */
#define TELESCOPE_SETS_MAX 64
/*! Most prefixes of a darknet. */
#define TELESCOPE_PREFIXES_MAX 4096
/*! Limits of the window's length and the slack, microseconds. */
#define TELESCOPE_WINDOW_MIN (UINT64_C(1) * 1000000)
#define TELESCOPE_WINDOW_MAX (UINT64_C(366) * 86400 * 1000000)
/*! Default and limits of \a flows. */
#define TELESCOPE_FLOWS_DEFAULT 65536
#define TELESCOPE_FLOWS_MIN     16
#define TELESCOPE_FLOWS_MAX     (1 << 24)
/*! Default and least of \a memory, bytes. */
#define TELESCOPE_MEMORY_DEFAULT (UINT64_C(1) << 30)
#define TELESCOPE_MEMORY_MIN     (UINT64_C(4) << 20)

/*! What marks an event besides its tool; bits of event_t.flags. */
enum {
	EVENT_FLAG_PORT_0 = 1, /*!< The unit sent to destination port 0 (TCP, UDP; not set aside). */
	EVENT_FLAG_BOGON = 2,  /*!< The source cannot be: bogon.h, or an address of the darknet. */
};

/*! What a source did in a window. */
typedef struct {
	uint64_t window_start;  /*!< Microseconds since 1970. */
	uint64_t window_length; /*!< Microseconds. */
	address_t source;
	event_kind_t kind;
	protocol_group_t protocol;
	uint64_t packets;
	uint64_t targets;       /*!< Distinct destination addresses. */
	uint64_t ports;         /*!< Distinct destination ports; 0 where there are none. Echo is none. */
	tool_t tool;
	unsigned flags;         /*!< EVENT_FLAG_*. */
	bool exact;             /*!< Else packets, targets and ports are estimates. */
} event_t;

/*! What a closed window held. */
typedef struct {
	uint64_t start, length;    /*!< Microseconds. */
	uint64_t packets;          /*!< Taken into units. */
	uint64_t sources;          /*!< Distinct source addresses. */
	uint64_t refused_packets;  /*!< For want of memory. */
} telescope_window_t;

/*! Who is told. A status other than STATUS_OK ends the call that led here, with that status. */
typedef struct {
	/*!
	 * An event. Those of one set of parameters come in the order of window, source
	 * (address_compare()), protocol and kind; those of different sets are mingled.
	 *
	 * \param set  Number of the set of parameters.
	 */
	status_t (*event)(void *context, size_t set, const event_t *event, failure_t *failure);
	/*! Behind the last event of a window. May be NULL. */
	status_t (*window)(void *context, const telescope_window_t *window, failure_t *failure);
	void *context;
} telescope_sink_t;

/*! Settings. Start with telescope_defaults(). */
typedef struct {
	const prefix_t *prefixes;  /*!< The darknet; may overlap. Copied. */
	size_t prefix_count;       /*!< 1 to TELESCOPE_PREFIXES_MAX. */
	uint64_t window;           /*!< Length, microseconds. */
	uint64_t slack;            /*!< Microseconds, at most the window's length. */
	const taxonomy_parameters_t *sets; /*!< The same window is judged by each. Copied. */
	size_t set_count;          /*!< 1 to TELESCOPE_SETS_MAX. */
	uint32_t flows;            /*!< Distinct flows of a unit that are counted exactly. */
	uint64_t memory;           /*!< Bytes. */
	hash_key_t key;            /*!< Of the samples beyond that. */
	telescope_sink_t sink;
} telescope_options_t;

/*! No prefix yet; 1 day, 60 s of slack, one set of default parameters, zero key. */
telescope_options_t telescope_defaults(void);

/*! What became of the packets, since the telescope was made. */
typedef enum {
	TELESCOPE_TAKEN = 0,  /*!< In a window. */
	TELESCOPE_OUTSIDE,    /*!< To an address outside of the darknet, from outside. */
	TELESCOPE_SENT,       /*!< From an address of the darknet to one outside: it is not dark. */
	TELESCOPE_NOT_IP,     /*!< PACKET_NOT_IP. */
	TELESCOPE_UNREADABLE, /*!< Cut or damaged before the end of the addresses. */
	TELESCOPE_LATE,       /*!< Of a window that was closed. */
	TELESCOPE_REFUSED,    /*!< For want of memory. */
	TELESCOPE_COUNTS
} telescope_count_t;

/*! Name for messages: "outside of the darknet", ... */
const char *telescope_count_name(telescope_count_t count);

/*! A telescope. Not thread-safe; different ones are independent. */
typedef struct telescope telescope_t;

/*!
 * Makes a telescope.
 *
 * \param telescope  Out; free with telescope_destroy(). NULL on failure.
 *
 * \return STATUS_OK; STATUS_BAD_DATA for an option out of range, with its name;
 *         STATUS_NO_MEMORY.
 */
status_t telescope_create(const telescope_options_t *options, telescope_t **telescope,
                          failure_t *failure);

/*! Frees it; what is open is dropped without events. NULL is allowed. */
void telescope_destroy(telescope_t *telescope);

/*!
 * Takes a packet. Every packet of the capture may be given: those that are not the
 * telescope's are counted.
 *
 * \param moment  Microseconds since 1970.
 * \param packet  As packet_decode() left it. Not kept.
 * \param kind    What packet_decode() returned.
 *
 * \return STATUS_OK; or what the sink returned, when a window was closed. After that only
 *         telescope_destroy() may be called.
 */
status_t telescope_take(telescope_t *telescope, uint64_t moment, const packet_t *packet,
                        packet_kind_t kind, failure_t *failure);

/*!
 * Closes all that is open, oldest window first. More packets may come afterwards; those of
 * the closed windows are late.
 *
 * \return STATUS_OK, or what the sink returned.
 */
status_t telescope_finish(telescope_t *telescope, failure_t *failure);

/*! How many packets met that fate so far. */
uint64_t telescope_count(const telescope_t *telescope, telescope_count_t count);

/*!
 * Start of the oldest open window, microseconds; UINT64_MAX if none is open. What was
 * read before the first packet of that window need not be read again to go on later.
 */
uint64_t telescope_open_since(const telescope_t *telescope);

/*! Bytes in use for what is open. */
uint64_t telescope_memory(const telescope_t *telescope);

/*! Most windows that are open at a time: the current one and, within the slack, the next. */
#define TELESCOPE_OPEN_MAX 2

/*! Where a telescope stands between two packets. Only numbers, so that it can be kept. */
typedef struct {
	uint64_t closed;                   /*!< Windows that begin before are closed. */
	uint64_t open[TELESCOPE_OPEN_MAX]; /*!< Begins of the open ones; UINT64_MAX: none. */
	uint64_t counts[TELESCOPE_COUNTS]; /*!< TELESCOPE_TAKEN and _REFUSED: of closed windows. */
} telescope_mark_t;

/*! Tells where it stands; also from within the sink, then behind the window that is told. */
telescope_mark_t telescope_mark(const telescope_t *telescope);

/*!
 * Goes on where another telescope with the same options stood, before the first packet.
 *
 * The packets that come are then judged as there, but for what the open windows held: these
 * are empty, and the caller must leave their events out. All other windows are as they
 * would have been, whatever the memory: each window has a limit of its own. So whoever
 * starts before the first packet of a window has that window whole.
 *
 * \return STATUS_OK; STATUS_BAD_DATA for a mark that cannot be; STATUS_NO_MEMORY.
 */
status_t telescope_resume(telescope_t *telescope, const telescope_mark_t *mark,
                          failure_t *failure);
