/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Packet files and query logs as a sequence of frames, whatever their format.
 *
 * A reader of a format knows files and nothing of packets; packet.h knows
 * packets and nothing of files. A frame_t is all that passes between them.
 *
 * What a name server logged as dnstap are no packets: its frames are of a link type of
 * their own, LINK_DNSTAP, and come decoded. Who needs packets refuses them.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "capture/byte_source.h"
#include "capture/dnstap_message.h"
#include "common/failure.h"

/*! What a frame begins with. A file that has only other link types is refused. */
typedef enum {
	LINK_ETHERNET,      /*!< Ethernet II, with or without tags. */
	LINK_RAW,           /*!< An IP header; its version field says which (DLT_RAW, _IPV4, _IPV6). */
	LINK_LINUX_COOKED,  /*!< 16 bytes of the Linux "any" device (DLT_LINUX_SLL). */
	LINK_LINUX_COOKED2, /*!< 20 bytes, its second version (DLT_LINUX_SLL2). */
	LINK_NULL,          /*!< BSD loopback: family in the capturing host's order (DLT_NULL). */
	LINK_LOOP,          /*!< OpenBSD loopback: family in network order (DLT_LOOP). */
	LINK_OTHER,         /*!< Of one interface of several, of a type that is not supported. */
	LINK_DNSTAP,        /*!< No packet: a dnstap message. */
} link_type_t;

/*! One captured frame. */
typedef struct {
	uint64_t moment;     /*!< Microseconds since 1970, as the file has it: may run backwards. */
	link_type_t link;
	const uint8_t *data; /*!< The bytes that were kept; valid until the next call. */
	size_t size;         /*!< How many those are. */
	size_t wire_size;    /*!< How many there were on the wire; not less than \a size. */
	const dnstap_frame_t *dnstap; /*!< What it says; set with LINK_DNSTAP only. */
} frame_t;

/*! An open packet file. Not thread-safe; different ones are independent. */
typedef struct capture capture_t;

/*!
 * Opens a packet file, compressed or not (byte_source.h): pcap (microseconds or nanoseconds,
 * either byte order), or pcapng (any interfaces, resolutions and byte orders; blocks that
 * hold no packet are stepped over), or dnstap (Frame Streams). What it is, is told by its
 * first bytes.
 *
 * A pcapng file whose first interfaces are all of link types that are not supported is
 * refused, as pcap is. If only some of them are, or later ones, their frames are given
 * with LINK_OTHER, so that they are counted and nothing else is lost.
 *
 * \param path     File, or "-" for standard input.
 * \param capture  Out; free with capture_close(). NULL on failure.
 * \param failure  Out, a sentence with the path.
 *
 * \return STATUS_OK; STATUS_BAD_DATA if it is no packet file, or is cut or damaged before
 *         its first packet; STATUS_UNSUPPORTED for another link type, format, version or
 *         compression, which the sentence names; STATUS_SYSTEM; STATUS_NO_MEMORY.
 */
status_t capture_open(const char *path, capture_t **capture, failure_t *failure);

/*!
 * The same for a source that is open, but of which nothing was taken.
 *
 * \param source  Belongs to the capture from here on, and is closed on failure.
 */
status_t capture_open_source(byte_source_t *source, capture_t **capture, failure_t *failure);

/*!
 * Reads the next frame.
 *
 * Of a file that is cut or damaged in the middle, all frames before that place are
 * given first. The failure then stays: each further call returns it again.
 *
 * \param frame  Out; its bytes belong to \a capture.
 *
 * The moment of a frame is rounded down to microseconds. A pcapng packet without a time
 * (in a simple packet block) has that of the packet before it, and so has a dnstap frame
 * without one. Times outside of 1970 to the year 586912 become the nearest.
 *
 * \return STATUS_OK; STATUS_END behind the last frame; STATUS_BAD_DATA; for a source that
 *         failed what byte_source_status() says.
 */
status_t capture_next(capture_t *capture, frame_t *frame, failure_t *failure);

/*! Closes the file; NULL is allowed. Standard input stays open. */
void capture_close(capture_t *capture);

/*! The path, for messages; lives as long as the capture. */
const char *capture_path(const capture_t *capture);

/*! Name of its format, "pcap", "pcapng" or "dnstap"; lives for ever. */
const char *capture_format(const capture_t *capture);

/*! Bytes of the file read so far, compressed as they are. */
uint64_t capture_position(const capture_t *capture);

/*! Bytes of the whole file, or 0 if that is not known (a pipe). */
uint64_t capture_size(const capture_t *capture);
