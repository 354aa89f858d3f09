/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wanted queriers in LMDB; the layout is in doc/formats/store.md. */
#include "store/store_wanted.h"

#include <string.h>

#include "common/buffer.h"
#include "common/cursor.h"
#include "store/store_internal.h"
#include "store/store_window.h"

#define VERSION_KEY "wanted-version"

/* Entries of all lists that are read at most: those of a hundred zones. */
#define READ_MAX (100 * (size_t)WANTED_MAX)

static void write_list(buffer_t *buffer, uint64_t moment, const wanted_t *wanted)
{
	buffer_le64(buffer, moment);
	for (size_t i = 0; i < wanted->count; i++) {
		const wanted_querier_t *querier = &wanted->queriers[i];
		buffer_append(buffer, querier->querier.bytes, sizeof(querier->querier.bytes));
		buffer_le32(buffer, querier->originators);
	}
}

static status_t put_list(store_t *store, MDB_txn *transaction, family_t family,
                         const char *scope, const buffer_t *list, failure_t *failure)
{
	uint8_t key[1 + STORE_SCOPE_MAX];
	size_t size = strnlen(scope, STORE_SCOPE_MAX - 1);
	key[0] = (uint8_t)family;
	memcpy(key + 1, scope, size);
	uint64_t version;
	status_t status = store_put(store, transaction, store->wanted, key, 1 + size, list->data,
	                            list->size, "cannot write wanted queriers", failure);
	if (status == STATUS_OK) {
		status = store_get_number(store, transaction, VERSION_KEY, &version, failure);
	}
	return status != STATUS_OK ? status :
	       store_put_number(store, transaction, VERSION_KEY, version + 1, failure);
}

status_t store_wanted_put(store_t *store, family_t family, const char *scope, uint64_t moment,
                          const wanted_t *wanted, failure_t *failure)
{
	buffer_t list = { 0 };
	MDB_txn *transaction;
	write_list(&list, moment, wanted);
	status_t status = list.failed ? failure_no_memory(failure, "wanted queriers") :
	                  store_begin(store, 0, &transaction, failure);
	if (status == STATUS_OK) {
		status = put_list(store, transaction, family, scope, &list, failure);
		if (status == STATUS_OK) {
			status = store_commit(store, transaction, failure);
		} else {
			mdb_txn_abort(transaction);
		}
	}
	buffer_clear(&list);
	return status;
}

status_t store_wanted_version(const store_t *store, uint64_t *version, failure_t *failure)
{
	MDB_txn *transaction;
	status_t status = store_begin(store, MDB_RDONLY, &transaction, failure);
	if (status == STATUS_OK) {
		status = store_get_number(store, transaction, VERSION_KEY, version, failure);
		mdb_txn_abort(transaction);
	}
	return status;
}

static status_t read_list(const store_t *store, const MDB_val *value, uint64_t now,
                          wanted_t *wanted, failure_t *failure)
{
	cursor_t at = cursor_make(value->mv_data, value->mv_size);
	uint64_t moment = cursor_le64(&at);
	if (!at.failed && now > moment && now - moment > STORE_WANTED_AGE) {
		return STATUS_OK;
	}
	while (!at.failed && cursor_left(&at) > 0 && wanted->count < READ_MAX) {
		wanted_querier_t querier = { 0 };
		const uint8_t *bytes = cursor_take(&at, sizeof(querier.querier.bytes));
		querier.originators = cursor_le32(&at);
		if (at.failed) {
			break;
		}
		memcpy(querier.querier.bytes, bytes, sizeof(querier.querier.bytes));
		if (wanted_add(wanted, &querier) != STATUS_OK) {
			return failure_no_memory(failure, "wanted queriers");
		}
	}
	return at.failed ? store_damaged(store, "a list of wanted queriers", failure) : STATUS_OK;
}

static status_t read_lists(const store_t *store, MDB_txn *transaction, uint64_t now,
                           wanted_t *wanted, failure_t *failure)
{
	MDB_cursor *cursor;
	MDB_val key, value;
	status_t status = STATUS_OK;
	int error_number = mdb_cursor_open(transaction, store->wanted, &cursor);
	if (error_number == 0) {
		while (status == STATUS_OK &&
		       (error_number = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
			status = read_list(store, &value, now, wanted, failure);
		}
		mdb_cursor_close(cursor);
	}
	return status != STATUS_OK || error_number == 0 || error_number == MDB_NOTFOUND ? status :
	       store_fail(store, error_number, "cannot read wanted queriers", failure);
}

/* Keeps those that are to be resolved now, and says what is known of them. */
static status_t keep_due(const store_t *store, MDB_txn *transaction, uint64_t now,
                         wanted_t *wanted, failure_t *failure)
{
	size_t kept = 0;
	for (size_t i = 0; i < wanted->count; i++) {
		wanted_querier_t *querier = &wanted->queriers[i];
		store_name_state_t state;
		status_t status = store_name_state(store, transaction, &querier->querier, &state, failure);
		if (status != STATUS_OK) {
			return status;
		}
		querier->known = state.known;
		querier->failures = state.failures;
		if (!state.known || (state.due != 0 && state.due <= now)) {
			wanted->queriers[kept++] = *querier;
		}
	}
	wanted->count = kept;
	return STATUS_OK;
}

status_t store_wanted_read(const store_t *store, uint64_t now, wanted_t *wanted,
                           failure_t *failure)
{
	MDB_txn *transaction;
	wanted_t all = { 0 };
	status_t status = store_begin(store, MDB_RDONLY, &transaction, failure);
	if (status != STATUS_OK) {
		return status;
	}
	status = read_lists(store, transaction, now, &all, failure);
	if (status == STATUS_OK) {
		wanted_join(&all);
		status = keep_due(store, transaction, now, &all, failure);
	}
	mdb_txn_abort(transaction);
	all.max = wanted->max;
	wanted_finish(&all);
	wanted_clear(wanted);
	*wanted = all;
	return status;
}
