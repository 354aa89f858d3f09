/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What the files of store/ share.
 */
#pragma once

#include <lmdb.h>
#include <stdint.h>

#include "common/address.h"
#include "store/store.h"

/*! Version of the layout in doc/formats/store.md. */
#define STORE_VERSION 1

struct store {
	MDB_env *environment;
	MDB_dbi meta;
	MDB_dbi windows;
	MDB_dbi originators;
	MDB_dbi queriers;
	MDB_dbi wanted;
	MDB_dbi prefixes;        /* 0: a store that is read, and lacks it */
	char *folder;
	uint64_t device, inode;  /* who the folder is, whatever its path */
	unsigned users;
	bool writes;
	struct store *next;      /* in the list of this process */
};

/*! Records what LMDB says as "store '<folder>': <what>: <reason>". */
status_t store_fail(const store_t *store, int error_number, const char *what, failure_t *failure);

/*! Begins a transaction. \a flags is 0 or MDB_RDONLY. */
status_t store_begin(const store_t *store, unsigned flags, MDB_txn **transaction,
                     failure_t *failure);

/*! Commits. Frees the transaction in every case. */
status_t store_commit(const store_t *store, MDB_txn *transaction, failure_t *failure);

/*! Records that the value of a key is not what the layout says. */
status_t store_damaged(const store_t *store, const char *what, failure_t *failure);

/*! Reads a number of the meta table; 0 if it is not there. */
status_t store_get_number(const store_t *store, MDB_txn *transaction, const char *key,
                          uint64_t *number, failure_t *failure);

/*! Writes a number of the meta table. */
status_t store_put_number(const store_t *store, MDB_txn *transaction, const char *key,
                          uint64_t number, failure_t *failure);

/*! Writes a value; \a what names it in the failure. */
status_t store_put(const store_t *store, MDB_txn *transaction, MDB_dbi table, const void *key,
                   size_t key_size, const void *value, size_t value_size, const char *what,
                   failure_t *failure);

/*! What the store knows of a querier's name. */
typedef struct {
	bool known;       /*!< The name, or that it has none, or that nobody answers. */
	uint64_t due;     /*!< Moment from which on it is to be looked up again; 0: never. */
	uint8_t failures; /*!< Look-ups in a row that nobody answered. */
} store_name_state_t;

/*! Reads what is known of a querier's name; all zero if it is not there. */
status_t store_name_state(const store_t *store, MDB_txn *transaction, const address_t *querier,
                          store_name_state_t *state, failure_t *failure);

/*! Helpers for keys: numbers with the high end first sort as numbers. */
static inline uint8_t *key_be(uint8_t *at, uint64_t value, unsigned bytes)
{
	for (unsigned i = bytes; i-- > 0;) {
		*at++ = (uint8_t)(value >> (8 * i));
	}
	return at;
}
