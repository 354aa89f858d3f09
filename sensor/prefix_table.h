/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Which prefixes are asked about by partial names, and by how many queriers: of one window.
 *
 * QNAME minimisation (RFC 9156) asks for the parts of a reverse name first; an authority high in
 * the tree may see no more. A part does not tell the originator, but who asks about which
 * prefix: a coarser radar.
 *
 *     slot   id 64 = | keyed hash 61 | kind 3 |, 0: free
 *            ~ bits 64                             the prefix; 0: not written yet
 *            sketch 6 * 64                         distinct queriers, distinct.h
 *     cell   | 40 of an id | mark of a querier 12 | 12 more of its hash |
 *
 * The lengths are /8, /16 and /24, and of IPv6 /32, /48 and /64. A name of another length counts
 * for the longest of them that it lies in, a complete one (of another type than PTR) as well;
 * shorter ones count for none. Complete names of PTR do not count: they have a table of
 * their own (window.h), and would cost each observation three more accesses.
 *
 * A slot is one cache line, found by open addressing among PROBES; a prefix is told by 61 bits of
 * its keyed hash. It takes a slot when its second querier comes. Until then its first one
 * stands in a cell, chosen by the hash, where the next prefix that comes takes its place: so who
 * asks for all prefixes alone, as crawlers of the reverse tree do, takes no slot. The first querier
 * of a prefix may be forgotten that way, which is one less in a number that is
 * approximate anyway. When the slots of a prefix are in use it is refused; those that are known go on.
 *
 * Insert only, lock-free: a slot belongs to whoever sets its id, and whoever finds an id
 * sees to the rest. A known querier of a prefix costs one cache miss, writes nothing, and is not
 * counted anywhere: there is no line that many threads write.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/keyed_hash.h"
#include "common/state_file.h"
#include "sensor/query.h"

/*! Bytes for one prefix: a slot and its share of cells. */
#define PREFIX_ENTRY_SIZE (64 + 4 * 8)

/*! A table. */
typedef struct prefix_table prefix_table_t;

/*!
 * Makes a table.
 *
 * \param memory  Most bytes; at least 64 entries.
 * \param huge    As mapping_create() has it.
 * \param key     Of the window.
 *
 * \return The table, or NULL if the system refuses the memory.
 */
prefix_table_t *prefix_table_create(size_t memory, bool huge, const hash_key_t *key);

/*! Frees a table; NULL is allowed. No other thread may use it any more. */
void prefix_table_destroy(prefix_table_t *table);

/*!
 * The prefix that a partial name counts for.
 *
 * \param judgement  Of a QUERY_PARTIAL.
 *
 * \return false if there is none.
 */
bool prefix_of_name(const query_judgement_t *judgement, prefix_t *prefix);

/*!
 * Counts a querier of a prefix. Any number of threads.
 *
 * \param prefix   From prefix_of_name().
 * \param querier  Keyed hash of the querier, window_querier_hash().
 *
 * \return false if there is no room for the prefix.
 */
bool prefix_table_observe(prefix_table_t *table, const prefix_t *prefix, uint64_t querier);

/*!
 * Next prefix with two queriers or more, in no order. May run while others count.
 *
 * \param slot      Begin with zero.
 * \param queriers  Out: distinct ones, an estimate.
 *
 * \return false at the end.
 */
bool prefix_table_next(const prefix_table_t *table, size_t *slot, prefix_t *prefix,
                       uint64_t *queriers);

/*! Bytes that the table takes as it is now, at most. */
size_t prefix_table_memory(const prefix_table_t *table);

/*! Keeps a table. May run while others count. */
void prefix_table_save(const prefix_table_t *table, state_writer_t *writer);

/*! Brings a table back into an empty one of the same memory and key. \return false: damaged. */
bool prefix_table_restore(prefix_table_t *table, state_reader_t *reader);
