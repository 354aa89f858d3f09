/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Frame Streams (fstrm), the framing in which name servers write dnstap.
 *
 * farsightsec/fstrm, fstrm/control.h: a frame is its length in 32 bits, in network order,
 * and so many bytes. A length of 0 escapes to a control frame, which has a length of its own:
 *
 *   data:     | length 4 | data ...... |
 *   control:  | 0 4 | length 4 | type 4 | field 4 | size 4 | value ... |  field 1: content type
 *
 *   file:             START(content type) data ... STOP
 *   handshake, kept:  READY(types) ACCEPT(types) START(type) data ... STOP FINISH
 *
 * A file may hold several streams, one behind another. One that a running or a killed
 * server left has no STOP: it ends where its last whole frame ends.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/byte_source.h"
#include "common/failure.h"

/*! Most bytes of a data frame, as libfstrm reads them by default; a message has 65535. */
#define FRAME_STREAM_FRAME_MAX ((size_t)1 << 20)

/*! Most bytes of a control frame (FSTRM_CONTROL_FRAME_LENGTH_MAX). */
#define FRAME_STREAM_CONTROL_MAX 512

/*! Bytes that frame_stream_probe() needs. */
#define FRAME_STREAM_PROBE 12

/*! A stream that is read. Not thread-safe; different ones are independent. */
typedef struct frame_stream frame_stream_t;

/*! Tells whether bytes, FRAME_STREAM_PROBE or more, begin with a control frame. */
bool frame_stream_probe(const uint8_t *data, size_t size);

/*!
 * Opens a stream and reads up to its first START.
 *
 * \param source   At its first byte; it stays the caller's, and must outlive the stream.
 * \param content  Content type that the stream must have. A START without one has any.
 * \param stream   Out; free with frame_stream_close(). NULL on failure.
 * \param failure  Out, a sentence with the path.
 *
 * \return STATUS_OK; STATUS_UNSUPPORTED for another content type, which the sentence names;
 *         STATUS_BAD_DATA; STATUS_NO_MEMORY; the failures of byte_source_status().
 */
status_t frame_stream_open(byte_source_t *source, const char *content, frame_stream_t **stream,
                           failure_t *failure);

/*!
 * Reads the next data frame.
 *
 * Of an input that is cut or damaged in the middle, all frames before that place are given
 * first. The failure then stays: each further call returns it again.
 *
 * \param data  Out; the frame's bytes, valid until the next call.
 * \param size  Out; how many, 1 to FRAME_STREAM_FRAME_MAX.
 *
 * \return STATUS_OK; STATUS_END; else as frame_stream_open().
 */
status_t frame_stream_next(frame_stream_t *stream, const uint8_t **data, size_t *size,
                           failure_t *failure);

/*! Frees the stream; NULL is allowed. */
void frame_stream_close(frame_stream_t *stream);
