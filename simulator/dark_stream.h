/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The packets of many sources to a darknet, one by one in the order of time.
 *
 * No day is held in memory: of each source only its next visit is known, and of each visit
 * that has begun its next packet. A heap of these gives the earliest.
 *
 *     source ─► next visit ─┐
 *     source ─► next visit ─┼─► heap ─► packet
 *     visit  ─► next packet ┘
 *
 * The visits of a source are a Poisson process whose rate is that of its segments: the time to
 * the next is exponential in the measure of expected visits. What a source sends follows from
 * its own stream of random numbers and not from who else sends; a test holds that, and the
 * order, against each source alone and sorting.
 *
 * Memory: 1.5 KB for each source that comes, 64 bytes for each visit that is under way. Time:
 * the logarithm of their number for each packet.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "simulator/dark_packet.h"
#include "simulator/dark_source.h"

/*! Packets to be. Not thread-safe. */
typedef struct dark_stream dark_stream_t;

/*!
 * Makes a stream without sources.
 *
 * \param darknet  Must outlive the stream.
 * \param day      Number of the day, from 1.
 * \param end      Its end, microseconds since 1970: packets behind it are dropped.
 * \param stream   Out; free with dark_stream_destroy().
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t dark_stream_create(const darknet_t *darknet, uint64_t seed, unsigned day, uint64_t end,
                            dark_stream_t **stream, failure_t *failure);

/*! Frees a stream; NULL is allowed. */
void dark_stream_destroy(dark_stream_t *stream);

/*!
 * Adds a source, before the first packet is taken. One that does not come to the darknet on
 * this day is not kept. A source of the other family than all of the darknet must not be added.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t dark_stream_add(dark_stream_t *stream, const dark_source_t *source, failure_t *failure);

/*!
 * Takes the next packet.
 *
 * \param there   Out: false at the end.
 * \param moment  Out: microseconds since 1970; not before the last one.
 * \param packet  Out: valid until the next call.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t dark_stream_next(dark_stream_t *stream, bool *there, uint64_t *moment,
                          dark_packet_t *packet, failure_t *failure);

/*! How many sources are kept. */
size_t dark_stream_sources(const dark_stream_t *stream);

/*! A source that is kept, in the order in which they were added. */
const dark_source_t *dark_stream_source(const dark_stream_t *stream, size_t index);

/*! Packets that it sent so far. */
uint64_t dark_stream_packets(const dark_stream_t *stream, size_t index);
