/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queriers in LMDB; the layout is in doc/formats/store.md. */
#include "store/store_querier.h"

#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/cursor.h"
#include "store/store_internal.h"

struct store_querier_batch {
	store_t *store;
	MDB_txn *transaction;
	buffer_t buffer;
};

status_t store_querier_begin(store_t *store, store_querier_batch_t **out, failure_t *failure)
{
	store_querier_batch_t *batch = calloc(1, sizeof(*batch));
	if (batch == NULL) {
		return failure_no_memory(failure, "the store");
	}
	batch->store = store;
	status_t status = store_begin(store, 0, &batch->transaction, failure);
	if (status != STATUS_OK) {
		free(batch);
		return status;
	}
	*out = batch;
	return STATUS_OK;
}

/* An entry as it lies in the store. */
typedef struct {
	uint64_t learned;
	querier_info_t info;
	const uint8_t *name;
	size_t name_size;
	store_name_state_t state;
} entry_t;

static void write_entry(buffer_t *buffer, const entry_t *entry)
{
	buffer->size = 0;
	buffer_le64(buffer, entry->learned);
	buffer_le32(buffer, entry->info.as_number);
	buffer_le32(buffer, entry->info.country);
	buffer_u8(buffer, entry->info.category);
	buffer_u8(buffer, (uint8_t)entry->name_size);
	buffer_append(buffer, entry->name, entry->name_size);
	buffer_le64(buffer, entry->state.due);
	buffer_u8(buffer, entry->state.failures);
}

static bool read_entry(const MDB_val *value, entry_t *entry)
{
	*entry = (entry_t) { 0 };
	cursor_t at = cursor_make(value->mv_data, value->mv_size);
	entry->learned = cursor_le64(&at);
	entry->info.as_number = cursor_le32(&at);
	entry->info.country = (uint16_t)cursor_le32(&at);
	entry->info.category = cursor_u8(&at);
	entry->name_size = cursor_u8(&at);
	entry->name = cursor_take(&at, entry->name_size);
	if (at.failed || (entry->info.category >= FEATURE_STATIC &&
	                  entry->info.category != CATEGORY_UNKNOWN)) {
		return false;
	}
	entry->state.known = entry->info.category != CATEGORY_UNKNOWN;
	/* Entries from before names were looked up end here. */
	if (cursor_left(&at) > 0) {
		entry->state.due = cursor_le64(&at);
		entry->state.failures = cursor_u8(&at);
	}
	return !at.failed;
}

/* Finds the entry of a querier; unknown and empty if there is none. */
static status_t get_entry(const store_t *store, MDB_txn *transaction, const address_t *querier,
                          entry_t *entry, failure_t *failure)
{
	MDB_val key = { sizeof(querier->bytes), (void *)querier->bytes }, value;
	int error_number = mdb_get(transaction, store->queriers, &key, &value);
	if (error_number == MDB_NOTFOUND) {
		*entry = (entry_t) { .info = QUERIER_INFO_UNKNOWN };
		return STATUS_OK;
	}
	if (error_number != 0) {
		return store_fail(store, error_number, "cannot read queriers", failure);
	}
	return read_entry(&value, entry) ? STATUS_OK : store_damaged(store, "a querier", failure);
}

static status_t put_entry(store_querier_batch_t *batch, const address_t *querier,
                          const entry_t *entry, failure_t *failure)
{
	buffer_t *buffer = &batch->buffer;
	write_entry(buffer, entry);
	if (buffer->failed) {
		return failure_no_memory(failure, "the store");
	}
	return store_put(batch->store, batch->transaction, batch->store->queriers, querier->bytes,
	                 sizeof(querier->bytes), buffer->data, buffer->size,
	                 "cannot write a querier", failure);
}

status_t store_querier_put(store_querier_batch_t *batch, const address_t *querier,
                           const char *name, querier_info_t info, uint64_t learned,
                           failure_t *failure)
{
	const entry_t entry = {
		.learned = learned, .info = info, .name = (const uint8_t *)name,
		.name_size = strnlen(name, STORE_NAME_MAX),
	};
	return put_entry(batch, querier, &entry, failure);
}

status_t store_querier_resolved(store_querier_batch_t *batch, const address_t *querier,
                                const char *name, category_t category, uint64_t learned,
                                uint64_t due, uint8_t failures, failure_t *failure)
{
	entry_t entry;
	status_t status = get_entry(batch->store, batch->transaction, querier, &entry, failure);
	if (status != STATUS_OK || (entry.state.known && entry.state.due == 0)) {
		return status;
	}
	entry.learned = learned;
	entry.info.category = category;
	entry.name = (const uint8_t *)name;
	entry.name_size = strnlen(name, STORE_NAME_MAX);
	entry.state = (store_name_state_t) { .due = due, .failures = failures };
	return put_entry(batch, querier, &entry, failure);
}

status_t store_name_state(const store_t *store, MDB_txn *transaction, const address_t *querier,
                          store_name_state_t *state, failure_t *failure)
{
	entry_t entry;
	status_t status = get_entry(store, transaction, querier, &entry, failure);
	*state = entry.state;
	return status;
}

status_t store_querier_end(store_querier_batch_t *batch, bool keep, failure_t *failure)
{
	store_t *store = batch->store;
	MDB_txn *transaction = batch->transaction;
	uint64_t version;
	status_t status = STATUS_OK;
	if (keep && (status = store_get_number(store, transaction, "querier-version", &version,
	                                       failure)) == STATUS_OK) {
		status = store_put_number(store, transaction, "querier-version", version + 1, failure);
	}
	if (keep && status == STATUS_OK) {
		status = store_commit(store, transaction, failure);
	} else {
		mdb_txn_abort(transaction);
	}
	buffer_clear(&batch->buffer);
	free(batch);
	return status;
}

status_t store_querier_version(const store_t *store, uint64_t *version, failure_t *failure)
{
	MDB_txn *transaction;
	status_t status = store_begin(store, MDB_RDONLY, &transaction, failure);
	if (status == STATUS_OK) {
		status = store_get_number(store, transaction, "querier-version", version, failure);
		mdb_txn_abort(transaction);
	}
	return status;
}

static status_t load_all(const store_t *store, MDB_cursor *cursor, size_t most,
                         querier_directory_t *directory, size_t *left_out, failure_t *failure)
{
	MDB_val key, value;
	int error_number;
	while ((error_number = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
		address_t querier;
		entry_t entry;
		if (key.mv_size != sizeof(querier.bytes) || !read_entry(&value, &entry)) {
			return store_damaged(store, "a querier", failure);
		}
		memcpy(querier.bytes, key.mv_data, sizeof(querier.bytes));
		if (querier_directory_count(directory) >= most) {
			(*left_out)++;
		} else if (querier_directory_put(directory, &querier, entry.info) != STATUS_OK) {
			return failure_no_memory(failure, "the querier directory");
		}
	}
	return error_number == MDB_NOTFOUND ? STATUS_OK :
	       store_fail(store, error_number, "cannot read queriers", failure);
}

status_t store_querier_load(const store_t *store, size_t most, querier_directory_t **out,
                            size_t *left_out, failure_t *failure)
{
	*left_out = 0;
	querier_directory_t *directory = querier_directory_create();
	if (directory == NULL) {
		return failure_no_memory(failure, "the querier directory");
	}
	MDB_txn *transaction;
	status_t status = store_begin(store, MDB_RDONLY, &transaction, failure);
	if (status == STATUS_OK) {
		MDB_cursor *cursor;
		int error_number = mdb_cursor_open(transaction, store->queriers, &cursor);
		if (error_number == 0) {
			status = load_all(store, cursor, most, directory, left_out, failure);
			mdb_cursor_close(cursor);
		} else {
			status = store_fail(store, error_number, "cannot read queriers", failure);
		}
		mdb_txn_abort(transaction);
	}
	if (status != STATUS_OK) {
		querier_directory_destroy(directory);
		return status;
	}
	*out = directory;
	return STATUS_OK;
}
