/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The sensor: for each address family the current window and the next one.
 *
 *     family  current ──► window [s, s+l) ──► next [s+l, s+2l)
 *
 * All windows together stay within one number of bytes: of each family there are at most two
 * windows that hold something, the one just closed and the current one, or the current one
 * and the next. So the next one is made by sensor_prepare(), when the closed one is gone. Each
 * is made for as many originators and queriers as the one that closed before had.
 *
 * Hooks read `current` under the RCU read lock and step to the next window when
 * the moment says so; so an observation falls into the right window even in the
 * moments before the owner turns the page. The owner, one thread, closes windows
 * by sensor_turn(), which waits for a grace period: whoever held the old window
 * is then done with it, and it can be read in peace and freed.
 *
 * Memory is slow and the tables are large: what an observation needs can be asked for
 * ahead. A caller that has many observations hands them over as a batch. A hook of a server
 * has one at a time; it asks for the slots when the query comes in and records at the end
 * of the query, when they have come. It could instead keep some observations back and
 * work on each while the next queries come, which hides one miss more. It must not: what is
 * kept back belongs to no thread when the queries stop, the owner would have to take it out
 * of the hands of a worker before each pass and each turn of a page, and counters would lag
 * behind the queries. Here nothing outlives the read-side section in which it was made:
 * windows cannot be touched after their grace period, and order and membership are those of
 * the queries.
 *
 * Windows begin at multiples of their length since 1970-01-01 UTC.
 *
 * Sources of queries over UDP can be forged, at one packet for each querier. A querier is
 * verified in a window when
 *  - a query of it that is counted in the window was proven to come from it: by a handshake
 *    (TCP, TLS, QUIC), or by a server cookie that it gave back (RFC 7873); or
 *  - it was met in the IPv4 window before: with a proven query of any kind, or with an
 *    ordinary one, for a name that is no reverse name. That one can be forged, too, but
 *    costs another packet for each querier, in an earlier window.
 *
 *     met now ──► acquaintances being made ─ turn of IPv4 ─► those of before ─► verified
 *
 * An IPv6 window is longer: there each IPv4 window before the end counts.
 */
#pragma once

#include "sensor/acquaintances.h"
#include "sensor/window.h"

/*! The two families. */
typedef enum { FAMILY_IPV4 = 0, FAMILY_IPV6, FAMILIES } family_t;

/*! "ipv4" or "ipv6". */
const char *family_name(family_t family);

/*! What became of an observation at the sensor. */
typedef enum {
	OBSERVE_COUNTED = SAMPLE_COUNTED,
	OBSERVE_SUPPRESSED = SAMPLE_SUPPRESSED,
	OBSERVE_REFUSED = SAMPLE_REFUSED,
	OBSERVE_CAPPED = SAMPLE_CAPPED,
	OBSERVE_LATE = SAMPLE_RESULTS, /*!< Outside the current and the next window. */
	OBSERVE_RESULTS
} observe_result_t;

/*! How a result other than OBSERVE_COUNTED is called in counters and summaries. */
const char *observe_result_name(observe_result_t result);

/*! Times that were left when the clock was set back: see sensor_set_back(). */
typedef struct {
	uint64_t end[FAMILIES]; /*!< First moment behind all windows that were left; 0: none was. */
	uint64_t count;         /*!< How often that was. */
} sensor_left_t;

/*! Settings; length and memory of windows differ by family, all else is common. */
typedef struct {
	uint64_t window_length[FAMILIES]; /*!< Microseconds. */
	size_t memory;                    /*!< Bytes, for all windows; from SENSOR_MEMORY_MIN on. */
	window_options_t window;          /*!< All but length and memory; expected: of the first. */
} sensor_options_t;

/*! Least and usual memory of a sensor. */
#define SENSOR_MEMORY_MIN     ((size_t)48 << 20)
#define SENSOR_MEMORY_DEFAULT ((size_t)768 << 20)

/*!
 * Memory of one window: a third of the whole for IPv4, a sixth for IPv6, as there may be two
 * of each. Two filters of acquaintances go off first.
 */
size_t sensor_window_memory(size_t memory, family_t family);

/*! A sensor. */
typedef struct sensor sensor_t;

/*!
 * Makes a sensor whose current windows contain a moment.
 *
 * \param now  Moment that the current windows are to contain.
 *
 * \return The sensor, or NULL if the system refuses the memory.
 */
sensor_t *sensor_create(const sensor_options_t *options, uint64_t now);

/*! Frees a sensor; NULL is allowed. No hook may use it any more. */
void sensor_destroy(sensor_t *sensor);

/*! Its options. */
const sensor_options_t *sensor_options(const sensor_t *sensor);

/*! An observation: who asked for whom, and when. */
typedef struct {
	uint64_t moment;
	address_t originator;
	address_t querier;
	bool proven;  /*!< The querier is where it says. */
} sensor_observation_t;

/*! So many observations of a batch are on their way at once. */
#define SENSOR_BATCH 16

/*!
 * Hashes a pair for sensor_observe_pair() and begins to bring its slots in the current
 * window into the cache. Under the RCU read lock, as sensor_observe(). Changes nothing.
 */
window_pair_t sensor_prefetch(const sensor_t *sensor, const address_t *originator,
                              const address_t *querier);

/*!
 * Records one observation. The calling thread must be registered with liburcu
 * (memb flavour) and inside rcu_read_lock(); in a hook of Knot both hold. Lock-free.
 *
 * \param thread  Own number of the calling thread, below options.window.threads.
 * \param pair    From sensor_prefetch() of the same sensor; it may be of an earlier
 *                read-side section, for it points to nothing.
 */
observe_result_t sensor_observe_pair(sensor_t *sensor, unsigned thread, uint64_t moment,
                                     const window_pair_t *pair);

/*! Both in one. */
observe_result_t sensor_observe(sensor_t *sensor, unsigned thread, uint64_t moment,
                                const address_t *originator, const address_t *querier);

/*!
 * Records observations one after another, as sensor_observe() in a loop would and with the
 * very same effect, but several times as fast where memory is slow: it steps through them
 * in groups of SENSOR_BATCH, first asking for the slots of all of a group, then for all
 * records, and changes both only when they are there. Otherwise as sensor_observe().
 *
 * \param observations  \a count of them, of either family.
 * \param results       Out: room for \a count; NULL if not wanted.
 */
void sensor_observe_batch(sensor_t *sensor, unsigned thread, const sensor_observation_t *observations,
                          size_t count, observe_result_t *results);

/*!
 * Counts a partial name, and its querier for its prefix. As sensor_observe().
 *
 * \param judgement  Of a QUERY_PARTIAL.
 *
 * \return OBSERVE_COUNTED, also if the querier is counted already; OBSERVE_REFUSED if there is
 *         no room for the prefix; OBSERVE_LATE.
 */
observe_result_t sensor_observe_partial(sensor_t *sensor, unsigned thread, uint64_t moment,
                                        const query_judgement_t *judgement,
                                        const address_t *querier);

/*!
 * Says that somebody has been met: with a proven query of any kind, or with an ordinary one.
 * Under the RCU read lock, as sensor_observe().
 *
 * \return false if it was not remembered: there are too many.
 */
bool sensor_meet(sensor_t *sensor, const address_t *querier);

/*!
 * Marks as verified who in the current window of a family was met before; to be called before
 * the queriers of the current window are looked at. sensor_turn() does it itself. Owner only.
 */
void sensor_recognise(sensor_t *sensor, family_t family);

/*! Most bytes that the current windows and the next ones take as they are now. Owner only. */
size_t sensor_memory_used(const sensor_t *sensor);

/*! Current window of a family, for the owner only; valid until its next sensor_turn(). */
const window_t *sensor_current(const sensor_t *sensor, family_t family);

/*!
 * The window that an observation belongs to, the current one or the next. Under the RCU read
 * lock, and valid until its end; or for the owner, valid until its next sensor_turn().
 *
 * \return NULL if the observation is late.
 */
window_t *sensor_window(sensor_t *sensor, const address_t *originator, uint64_t moment);

/*! The window after the current one, for the owner only; NULL if it is not made yet. */
const window_t *sensor_next(const sensor_t *sensor, family_t family);

/*! Who has been met in the current IPv4 window. Owner only. */
acquaintances_t *sensor_met(const sensor_t *sensor);

/*! Who was met in the IPv4 window before. Owner only. */
acquaintances_t *sensor_met_before(const sensor_t *sensor);

/*! What was left so far. Owner only. */
sensor_left_t sensor_left(const sensor_t *sensor);

/*! Options of the windows of a family. */
const window_options_t *sensor_window_options(const sensor_t *sensor, family_t family);

/*! Says what an earlier sensor left, before any window is made for the times to come. */
void sensor_put_left(sensor_t *sensor, const sensor_left_t *left);

/*!
 * Puts windows in the place of those that a sensor was made with, before any thread uses it.
 *
 * \param current  Owned by the sensor from now on, as \a next.
 * \param next     NULL: sensor_prepare() is to follow.
 */
void sensor_put_windows(sensor_t *sensor, family_t family, window_t *current, window_t *next);

/*! How many observations were late so far. Any thread. */
uint64_t sensor_late(const sensor_t *sensor);

/*!
 * Closes the current window of a family: the next one becomes current. Owner only, outside of
 * RCU read-side sections; waits for a grace period. When the closed window is destroyed, call
 * sensor_prepare(): what comes after the end of the current window before that is late.
 *
 * \param now     The moment, for skipping windows in which nothing came.
 * \param closed  Out: the closed window, owned by the caller.
 *
 * \return STATUS_OK, or STATUS_NO_MEMORY: then nothing has changed.
 */
status_t sensor_turn(sensor_t *sensor, family_t family, uint64_t now, window_t **closed);

/*!
 * Makes the window after the current one if there is none: the one that contains \a now if
 * that is later. Owner only.
 *
 * \return STATUS_OK, or STATUS_NO_MEMORY: then nothing has changed.
 */
status_t sensor_prepare(sensor_t *sensor, family_t family, uint64_t now);

/*!
 * Leaves windows that lie ahead of \a now, for a clock that was ahead and has been set
 * back: until then all observations would be late. The current window is then the one
 * that contains \a now, filled from \a now on. Owner only, as sensor_turn(), with
 * sensor_prepare() to follow.
 *
 * A window that is made later for a time that was left has another window_since(), by some
 * microseconds: it is a part of its own and does not pass for the one that was left.
 *
 * \param left  Out: the window that was current and, unless NULL, the one after it; owned by the
 *              caller.
 *
 * \return STATUS_OK, or STATUS_NO_MEMORY: then nothing has changed.
 */
status_t sensor_set_back(sensor_t *sensor, family_t family, uint64_t now, window_t *left[2]);
