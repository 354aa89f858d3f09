/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of prefixes in LMDB; the layout is in doc/formats/store.md. */
#include "store/store_prefix.h"

#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/cursor.h"
#include "store/store_internal.h"

/* address 16, length 1, queriers 8 */
#define ENTRY_SIZE 25

static void write_list(buffer_t *buffer, const prefix_list_t *list)
{
	buffer_le64(buffer, list->prefixes);
	for (size_t i = 0; i < list->count; i++) {
		const prefix_activity_t *entry = &list->entries[i];
		buffer_append(buffer, entry->prefix.address.bytes, sizeof(entry->prefix.address.bytes));
		buffer_u8(buffer, entry->prefix.length);
		buffer_le64(buffer, entry->queriers);
	}
}

status_t store_prefixes_put(store_t *store, uint64_t window_id, const prefix_list_t *list,
                            failure_t *failure)
{
	uint8_t key[8];
	buffer_t buffer = { 0 };
	MDB_txn *transaction;
	key_be(key, window_id, 8);
	write_list(&buffer, list);
	status_t status = buffer.failed ? failure_no_memory(failure, "a list of prefixes") :
	                  store_begin(store, 0, &transaction, failure);
	if (status == STATUS_OK) {
		status = store_put(store, transaction, store->prefixes, key, sizeof(key), buffer.data,
		                   buffer.size, "cannot write prefixes", failure);
		if (status == STATUS_OK) {
			status = store_commit(store, transaction, failure);
		} else {
			mdb_txn_abort(transaction);
		}
	}
	buffer_clear(&buffer);
	return status;
}

static status_t read_list(const store_t *store, const MDB_val *value, prefix_list_t *list,
                          failure_t *failure)
{
	cursor_t at = cursor_make(value->mv_data, value->mv_size);
	list->prefixes = cursor_le64(&at);
	list->count = cursor_left(&at) / ENTRY_SIZE;
	if (at.failed || cursor_left(&at) % ENTRY_SIZE != 0) {
		return store_damaged(store, "a list of prefixes", failure);
	}
	list->entries = malloc((list->count + 1) * sizeof(*list->entries));
	if (list->entries == NULL) {
		return failure_no_memory(failure, "a list of prefixes");
	}
	for (size_t i = 0; i < list->count; i++) {
		prefix_activity_t *entry = &list->entries[i];
		memcpy(entry->prefix.address.bytes, cursor_take(&at, 16), 16);
		entry->prefix.length = cursor_u8(&at);
		entry->queriers = cursor_le64(&at);
		if (entry->prefix.length > 128) {
			return store_damaged(store, "a list of prefixes", failure);
		}
	}
	return STATUS_OK;
}

status_t store_prefixes_read(const store_t *store, uint64_t window_id, prefix_list_t *list,
                             failure_t *failure)
{
	uint8_t bytes[8];
	MDB_val key = { sizeof(bytes), bytes }, value;
	MDB_txn *transaction;
	*list = (prefix_list_t) { 0 };
	/* A store that nobody has written to since there are such lists. */
	if (store->prefixes == 0) {
		return STATUS_OK;
	}
	key_be(bytes, window_id, 8);
	status_t status = store_begin(store, MDB_RDONLY, &transaction, failure);
	if (status != STATUS_OK) {
		return status;
	}
	int error_number = mdb_get(transaction, store->prefixes, &key, &value);
	if (error_number == 0) {
		status = read_list(store, &value, list, failure);
	} else if (error_number != MDB_NOTFOUND) {
		status = store_fail(store, error_number, "cannot read prefixes", failure);
	}
	mdb_txn_abort(transaction);
	if (status != STATUS_OK) {
		prefix_list_clear(list);
	}
	return status;
}
