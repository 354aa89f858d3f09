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

status_t store_querier_put(store_querier_batch_t *batch, const address_t *querier,
                           const char *name, querier_info_t info, uint64_t learned,
                           failure_t *failure)
{
	buffer_t *buffer = &batch->buffer;
	size_t size = strnlen(name, STORE_NAME_MAX);
	buffer->size = 0;
	buffer_le64(buffer, learned);
	buffer_le32(buffer, info.as_number);
	buffer_le32(buffer, info.country);
	buffer_u8(buffer, info.category);
	buffer_u8(buffer, (uint8_t)size);
	buffer_append(buffer, name, size);
	if (buffer->failed) {
		return failure_no_memory(failure, "the store");
	}
	return store_put(batch->store, batch->transaction, batch->store->queriers, querier->bytes,
	                 sizeof(querier->bytes), buffer->data, buffer->size,
	                 "cannot write a querier", failure);
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

static bool read_info(const MDB_val *value, querier_info_t *info)
{
	cursor_t at = cursor_make(value->mv_data, value->mv_size);
	(void)cursor_le64(&at);
	info->as_number = cursor_le32(&at);
	info->country = (uint16_t)cursor_le32(&at);
	info->category = cursor_u8(&at);
	return !at.failed && (info->category < FEATURE_STATIC || info->category == CATEGORY_UNKNOWN);
}

static status_t load_all(const store_t *store, MDB_cursor *cursor, querier_directory_t *directory,
                         failure_t *failure)
{
	MDB_val key, value;
	int error_number;
	while ((error_number = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
		address_t querier;
		querier_info_t info;
		if (key.mv_size != sizeof(querier.bytes) || !read_info(&value, &info)) {
			return store_damaged(store, "a querier", failure);
		}
		memcpy(querier.bytes, key.mv_data, sizeof(querier.bytes));
		if (querier_directory_put(directory, &querier, info) != STATUS_OK) {
			return failure_no_memory(failure, "the querier directory");
		}
	}
	return error_number == MDB_NOTFOUND ? STATUS_OK :
	       store_fail(store, error_number, "cannot read queriers", failure);
}

status_t store_querier_load(const store_t *store, querier_directory_t **out, failure_t *failure)
{
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
			status = load_all(store, cursor, directory, failure);
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
