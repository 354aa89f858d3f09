/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Numbers of the generator's streams: one for each thing that is drawn on its own.
 *
 * Because an originator's day has a stream of its own, day 1 is the same
 * whether two days are simulated or twenty.
 */
#pragma once

#include "common/generator.h"

/*! What a stream is for. */
typedef enum {
	STREAM_WORLD = 1,   /*!< The world. */
	STREAM_BIRTHS,      /*!< Originators that come on a day (day 0: before the first). */
	STREAM_PROFILE,     /*!< What an originator is like; day is 0. */
	STREAM_REGULARS,    /*!< The queriers that come back every day; day is 0. */
	STREAM_DAY,         /*!< The queriers that an originator has on a day alone. */
	STREAM_SLICE,       /*!< Its lookups in a slice; day is the number of the slice. */
	STREAM_ZONE,        /*!< A zone; day is its height. */
	STREAM_ZONE_TTL,    /*!< Times to live of a zone; day is its height. */
	STREAM_NAME,        /*!< The reverse name of an originator; day is 0. */
	STREAM_RESOLUTION,  /*!< How resolvers find their way on a day. */
	STREAM_NOISE,       /*!< What else arrives on a day. */
	STREAM_FORGERY,     /*!< Queriers that somebody forged; day 0: the victim. */
	STREAM_DRIFT,       /*!< How the classes wander from one day to the next. */
	STREAM_ACTIVITY,    /*!< When an originator is at work on a day. */
	STREAM_CAMPAIGN,    /*!< Tool and ports of a campaign; day is 0. */
	STREAM_PACKETS,     /*!< Ports, identifiers and letters of the packets of a day. */
	STREAM_DARK_SOURCE, /*!< How a campaign sends its probes; day is 0. */
	STREAM_DARK_OTHERS, /*!< Sources of a darknet that are no originators, by their kind. */
	STREAM_DARK_PACKETS, /*!< What a source sends to a darknet on a day. */
} stream_t;

/*!
 * Makes the generator of a stream.
 *
 * \param day     Below 65536.
 * \param serial  Number of the originator, below 2^40; 0 where there is none.
 */
static inline generator_t stream_make(uint64_t seed, stream_t stream, uint64_t day,
                                      uint64_t serial)
{
	return generator_make(seed, (uint64_t)stream << 56 | day << 40 | serial);
}
