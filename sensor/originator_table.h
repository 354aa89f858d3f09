/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The originators of one window, and the doorkeeper among them: 16 bytes a slot.
 *
 *     slot   key   | tag 40 | period 12 | period 12 |          0: free
 *            value | number 26 | tick 22 | count 16 |          a first sighting, or
 *                  | 0 26      | line of the record |          the record in the arena
 *
 * Most reverse names are asked for by a single querier, and a sweep of the whole reverse
 * tree by one querier makes millions of them: they are not worth a record. So the entry of
 * the first querier, as it would stand in the sample, stands in the slot itself. When a
 * second querier comes, a record is made that has this entry already, and one compare-and-swap
 * of the value puts the record in the place of the entry. So nothing is lost and nothing
 * is counted twice, whatever threads do meanwhile: the value is always the whole truth.
 *
 * What the record needs besides is in which periods the originator appeared. A tick tells
 * its period, and the key has room for two more; whoever comes back in a fourth period gets a
 * record. The periods are written before the value that they belong to.
 *
 * Open addressing in levels (levels.h); a look-up is one or two cache lines. An originator
 * is told by its 40 bits of tag, 24 other bits of the same keyed hash choose where it stands, and
 * a record has the whole address. A first sighting can thus be mistaken for another one once
 * in some 10^11 originators that are new.
 *
 * When all slots from an originator's homes are in use, a first sighting gives way to it: of
 * eight, the one whose querier asks for the most originators, and of these the oldest, unless
 * the newcomer's querier asks for more still. Thus who sweeps displaces himself. A record never
 * gives way. Only then there is a lock, one of many, and it is only tried: who does not get it
 * is refused, as if there were no slot.
 */
#pragma once

#include <stdbool.h>

#include "sensor/levels.h"
#include "sensor/querier_table.h"
#include "sensor/sample.h"

/*! Bytes of a slot. */
#define ORIGINATOR_SLOT_SIZE 16

/*! Periods are numbered in so many bits. */
#define ORIGINATOR_PERIOD_BITS 12

/*! A slot. */
typedef struct {
	_Atomic uint64_t key;
	_Atomic uint64_t value;
} originator_slot_t;

/*! A slot as it was read, and whose it is. */
typedef struct {
	originator_slot_t *slot;
	uint64_t key;
	uint64_t value;
} originator_place_t;

/*! What a search found. */
typedef enum {
	ORIGINATOR_RECORD, /*!< The originator has a record. */
	ORIGINATOR_FIRST,  /*!< It has been seen with one querier only. */
	ORIGINATOR_ADDED,  /*!< It was not there: the given entry is its first sighting now. */
	ORIGINATOR_ABSENT, /*!< It is not there, and was not to be added, or not for this querier. */
	ORIGINATOR_FULL,   /*!< It is not there, and there is no free slot for it. */
} originator_found_t;

/*! What may become a first sighting. */
typedef struct {
	uint64_t entry;                  /*!< Of the querier, as in a sample. */
	uint32_t period;                 /*!< Of the entry's tick. */
	const sample_querier_t *querier; /*!< Its fan-out decides whether it may be added. */
} originator_sighting_t;

/*! A table of originators. */
typedef struct originator_table originator_table_t;

/*!
 * Makes a table.
 *
 * \param expected          Originators, about; 0: not known.
 * \param slots             As levels_plan() has it; of these, some 85 % can be used.
 * \param huge              As mapping_create() has it.
 * \param base              Of the arena of the records; each begins with its originator.
 * \param ticks_per_period  Every period has so many ticks.
 *
 * \return The table, or NULL if the system refuses the memory.
 */
originator_table_t *originator_table_create(size_t expected, size_t slots, bool huge, void *base,
                                            uint32_t ticks_per_period);

/*! Frees a table; NULL is allowed. No other thread may use it any more. */
void originator_table_destroy(originator_table_t *table);

/*! Begins to bring the slots of a hash into the cache. */
void originator_table_prefetch(const originator_table_t *table, uint64_t hash);

/*! Line of a record that may be that of a hash, for prefetching it; 0: none seen. */
uint32_t originator_table_peek(const originator_table_t *table, uint64_t hash);

/*!
 * Finds an originator, or adds it. Lock-free, any number of threads.
 *
 * \param hash      Keyed hash of \a originator.
 * \param sighting  Its first sighting if it is to be added; NULL: only look.
 * \param place     Out, for ORIGINATOR_RECORD and ORIGINATOR_FIRST: where it stands.
 */
originator_found_t originator_table_seek(originator_table_t *table, const address_t *originator,
                                         uint64_t hash, const originator_sighting_t *sighting,
                                         originator_place_t *place);

/*!
 * Puts a first sighting in the place of another one, after ORIGINATOR_FULL.
 *
 * \param queriers  Those of the window.
 *
 * \return ORIGINATOR_ADDED; ORIGINATOR_FULL if none gave way; or what another thread has
 *         added meanwhile, as originator_table_seek().
 */
originator_found_t originator_table_displace(originator_table_t *table,
                                             const address_t *originator, uint64_t hash,
                                             const originator_sighting_t *sighting,
                                             const querier_table_t *queriers,
                                             originator_place_t *place);

/*! What became of one more query of the querier of a first sighting. */
typedef enum {
	SIGHTING_COUNTED,
	SIGHTING_SUPPRESSED, /*!< Repeated too soon. */
	SIGHTING_CHANGED,    /*!< Another thread was faster: seek anew. */
	SIGHTING_CROWDED,    /*!< One period too many: make a record. */
} sighting_result_t;

/*!
 * Counts one more query of the querier of a first sighting.
 *
 * \param place     As sought: ORIGINATOR_FIRST, with an entry of this querier.
 * \param sighting  The tick and its period; the rest does not matter.
 * \param dedup     Ticks within which a repetition is not counted.
 */
sighting_result_t originator_table_repeat(const originator_table_t *table,
                                          const originator_place_t *place,
                                          const originator_sighting_t *sighting, uint32_t dedup);

/*!
 * Puts a record in the place of a first sighting.
 *
 * \param line  Of a record with originator, entry and periods of \a place.
 *
 * \return false if another thread was faster: seek anew.
 */
bool originator_table_promote(const originator_place_t *place, uint32_t line);

/*! The periods of a first sighting. \param periods  Out: three, the same one several times if fewer. */
void originator_place_periods(const originator_table_t *table, const originator_place_t *place,
                              uint32_t periods[3]);

/*! Line of the record of a place that was found as ORIGINATOR_RECORD. */
static inline uint32_t originator_place_line(const originator_place_t *place)
{
	return (uint32_t)place->value;
}

/*! A place in the walk over the slots; begin with zero. */
typedef struct {
	size_t slot;
	uint64_t first_sightings; /*!< That were passed so far. */
} originator_walk_t;

/*!
 * Next record, in no order. May run while others add.
 *
 * \return Its line, or 0 at the end.
 */
uint32_t originator_table_next(const originator_table_t *table, originator_walk_t *walk);

/*! How many slots there are. */
size_t originator_table_slots(const originator_table_t *table);

/*!
 * Copies a slot, for keeping the table. May run while others add, if slots are copied from
 * the last to the first: a key stands behind all slots that it found in use, so none is copied
 * as free whose followers were copied as in use.
 *
 * \param key    Out: 0: free.
 * \param value  Out: 0 if it has none, or is just changing hands.
 *
 * \return false if the slot is free.
 */
bool originator_table_copy(const originator_table_t *table, size_t slot, uint64_t *key,
                           uint64_t *value);

/*! Whether a value is the line of a record. */
bool originator_value_is_record(uint64_t value);

/*! Sets a slot in a table that nobody uses yet, of the same expectations and slots. */
void originator_table_restore(originator_table_t *table, size_t slot, uint64_t key, uint64_t value);

/*! Bytes that the table takes as it is now. */
size_t originator_table_memory(const originator_table_t *table);
