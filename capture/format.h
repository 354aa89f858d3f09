/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What a reader of one format gives to capture.c, and what it is given.
 *
 * To add a format: a file with its capture_format_t, and a line in the table of capture.c.
 * Only capture.c and the formats include this.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/byte_source.h"
#include "capture/capture.h"

/*! Bytes of a file's front that a format is told by, if the file has as many. */
#define FORMAT_HEAD_MAX 512

/*! The reader of one format. */
typedef struct {
	const char *name;   /*!< As users know it. */

	/*! Tells by the first bytes, FORMAT_HEAD_MAX or all if there are fewer. */
	bool (*probe)(const uint8_t *head, size_t size);

	/*!
	 * Reads what stands before the first frame, and sets capture_t::state. What it sets is
	 * freed by \a close, also after a failure.
	 *
	 * \return STATUS_OK, or what format_failure() returned.
	 */
	status_t (*open)(capture_t *capture, failure_t *failure);

	/*!
	 * Reads a frame; capture.c counts it, and keeps a failure for ever.
	 *
	 * \return STATUS_OK, STATUS_END, or what format_failure() or format_end() returned.
	 */
	status_t (*next)(capture_t *capture, frame_t *frame, failure_t *failure);

	/*! Frees the state, which may be NULL. */
	void (*close)(capture_t *capture);
} capture_format_t;

/*! An open packet file. */
struct capture {
	const capture_format_t *format;
	byte_source_t *source;
	void *state;        /*!< The format's own. */
	uint64_t frames;    /*!< Read before this one. */
	failure_t failure;  /*!< Of the place where the file is damaged. */
};

/*! Classic pcap. */
extern const capture_format_t format_pcap;
/*! pcapng. */
extern const capture_format_t format_pcapng;
/*! dnstap in Frame Streams. */
extern const capture_format_t format_dnstap;

/*!
 * Reads 32 bits in the order of a file. Always inlined, as are the cursor's reads within, so
 * that the cursor stays in registers: packets go through here.
 *
 * \param big  The big end is first.
 */
static inline __attribute__((always_inline)) uint32_t format_u32(cursor_t *cursor, bool big)
{
	uint32_t value = cursor_le32(cursor);
	return big ? __builtin_bswap32(value) : value;
}

/*! The same with 16 bits. */
static inline __attribute__((always_inline)) uint16_t format_u16(cursor_t *cursor, bool big)
{
	uint16_t value = cursor_be16(cursor);
	return big ? value : __builtin_bswap16(value);
}

/*!
 * Says why a file cannot be read (any further): "capture 'x' cannot be read behind packet
 * 7: ...".
 *
 * \return \a status.
 */
status_t format_failure(const capture_t *capture, failure_t *failure, status_t status,
                        const char *format, ...) __attribute__((cold, format(printf, 4, 5)));

/*!
 * Says why there are fewer bytes than a frame or a header needs, after byte_source_need().
 *
 * \param whole  At this place the file may end: it does if nothing is left.
 *
 * \return STATUS_END; STATUS_BAD_DATA if the file is cut; what byte_source_status() returned.
 */
status_t format_end(const capture_t *capture, bool whole, failure_t *failure)
	__attribute__((cold));

/*!
 * Finds the name of a format that is not read.
 *
 * \param head  The file's first bytes, as for capture_format_t::probe.
 *
 * \return NULL if the bytes look like nothing known. Thread-safe.
 */
const char *format_unread(const uint8_t *head, size_t size);
