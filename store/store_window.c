/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows and rows in LMDB; the layout is in doc/formats/store.md. */
#include "store/store_window.h"

#include <math.h>
#include <string.h>

#include "common/buffer.h"
#include "common/cursor.h"
#include "common/moment.h"
#include "store/store_internal.h"

/* start 8, seconds 4, family 1, since 8, scope; LMDB takes keys of at most 511 bytes. */
#define WINDOW_KEY_FIXED 21
#define WINDOW_KEY_MAX (WINDOW_KEY_FIXED + STORE_SCOPE_MAX)
/* window 8, address 16 */
#define ROW_KEY_SIZE 24

/* Bits of the byte of marks. */
#define MARK_LITTLE_KNOWN 1
#define MARK_UNVERIFIED   2

bool store_row_is_scan(const store_row_t *row)
{
	return !row->unverified && strcmp(row->class_name, "scan") == 0;
}

static size_t window_key(const store_window_t *window, uint8_t key[WINDOW_KEY_MAX])
{
	uint8_t *at = key_be(key, window->start, 8);
	at = key_be(at, window->length / MICROSECONDS, 4);
	*at++ = (uint8_t)window->family;
	at = key_be(at, window->since, 8);
	size_t size = strlen(window->scope);
	memcpy(at, window->scope, size);
	return WINDOW_KEY_FIXED + size;
}

static void row_key(uint64_t window_id, const address_t *originator, uint8_t key[ROW_KEY_SIZE])
{
	memcpy(key_be(key, window_id, 8), originator->bytes, 16);
}

static void write_window(buffer_t *buffer, const store_window_t *window)
{
	const uint64_t numbers[] = {
		window->id, window->closed, window->updated, window->counts.observations,
		window->counts.suppressed, window->counts.refused, window->originators,
		window->queriers, window->as_numbers, window->countries, window->analyzable,
		window->scanners, window->model,
	};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		buffer_le64(buffer, numbers[i]);
	}
	buffer_double(buffer, window->threshold);
	buffer_double(buffer, window->min_known);
	buffer_double(buffer, window->min_verified);
	buffer_le64(buffer, window->counts.full);
	for (unsigned i = 0; i < QUERY_LABELS; i++) {
		buffer_le64(buffer, window->counts.partial[i]);
	}
}

static bool read_window(const MDB_val *key, const MDB_val *value, store_window_t *window)
{
	*window = (store_window_t) { 0 };
	cursor_t at = cursor_make(key->mv_data, key->mv_size);
	window->start = cursor_be64(&at);
	window->length = cursor_be32(&at) * MICROSECONDS;
	window->family = cursor_u8(&at) != 0 ? FAMILY_IPV6 : FAMILY_IPV4;
	window->since = cursor_be64(&at);
	size_t size = cursor_left(&at);
	if (at.failed || size >= sizeof(window->scope)) {
		return false;
	}
	memcpy(window->scope, at.at, size);

	at = cursor_make(value->mv_data, value->mv_size);
	window->id = cursor_le64(&at);
	window->closed = cursor_le64(&at) != 0;
	uint64_t *const numbers[] = {
		&window->updated, &window->counts.observations, &window->counts.suppressed,
		&window->counts.refused, &window->originators, &window->queriers,
		&window->as_numbers, &window->countries, &window->analyzable, &window->scanners,
		&window->model,
	};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		*numbers[i] = cursor_le64(&at);
	}
	window->threshold = cursor_double(&at);
	/* Earlier versions end here. */
	window->min_known = cursor_left(&at) > 0 ? cursor_double(&at) : NAN;
	window->min_verified = cursor_left(&at) > 0 ? cursor_double(&at) : 0;
	if (cursor_left(&at) > 0) {
		window->counts.full = cursor_le64(&at);
		for (unsigned i = 0; i < QUERY_LABELS; i++) {
			window->counts.partial[i] = cursor_le64(&at);
		}
	}
	return !at.failed;
}

static void write_row(buffer_t *buffer, const store_row_t *row)
{
	const originator_features_t *features = &row->features;
	size_t size = strnlen(row->class_name, STORE_CLASS_MAX - 1);
	buffer_le64(buffer, features->queriers);
	buffer_le64(buffer, features->queries);
	buffer_le32(buffer, features->sampled);
	buffer_double(buffer, features->known_names);
	buffer_double(buffer, features->known_as);
	buffer_double(buffer, features->known_countries);
	buffer_le64(buffer, row->flagged);
	buffer_double(buffer, row->probability);
	buffer_double(buffer, row->scan_probability);
	for (unsigned i = 0; i < FEATURES; i++) {
		buffer_double(buffer, features->features[i]);
	}
	buffer_u8(buffer, (uint8_t)size);
	buffer_append(buffer, row->class_name, size);
	buffer_u8(buffer, (uint8_t)((row->little_known ? MARK_LITTLE_KNOWN : 0) |
	                            (row->unverified ? MARK_UNVERIFIED : 0)));
	buffer_le64(buffer, features->verified);
}

static bool read_row(const MDB_val *key, const MDB_val *value, store_row_t *row)
{
	*row = (store_row_t) { 0 };
	if (key->mv_size != ROW_KEY_SIZE) {
		return false;
	}
	originator_features_t *features = &row->features;
	memcpy(features->originator.bytes, (const uint8_t *)key->mv_data + 8, 16);
	cursor_t at = cursor_make(value->mv_data, value->mv_size);
	features->queriers = cursor_le64(&at);
	features->queries = cursor_le64(&at);
	features->sampled = cursor_le32(&at);
	features->known_names = (float)cursor_double(&at);
	features->known_as = (float)cursor_double(&at);
	features->known_countries = (float)cursor_double(&at);
	row->flagged = cursor_le64(&at);
	row->probability = cursor_double(&at);
	row->scan_probability = cursor_double(&at);
	for (unsigned i = 0; i < FEATURES; i++) {
		features->features[i] = cursor_double(&at);
	}
	size_t size = cursor_u8(&at);
	const uint8_t *name = cursor_take(&at, size);
	if (name == NULL || size >= sizeof(row->class_name)) {
		return false;
	}
	memcpy(row->class_name, name, size);
	/* Earlier versions end here. */
	uint8_t marks = cursor_left(&at) > 0 ? cursor_u8(&at) : 0;
	row->little_known = (marks & MARK_LITTLE_KNOWN) != 0;
	row->unverified = (marks & MARK_UNVERIFIED) != 0;
	features->verified = cursor_left(&at) > 0 ? cursor_le64(&at) : 0;
	return true;
}

/* The id of a window that is there already, or the next free one. */
static status_t find_id(const store_t *store, MDB_txn *transaction, store_window_t *window,
                        failure_t *failure)
{
	uint8_t bytes[WINDOW_KEY_MAX];
	MDB_val key = { window_key(window, bytes), bytes }, value;
	int error_number = mdb_get(transaction, store->windows, &key, &value);
	if (error_number == 0) {
		store_window_t old;
		if (!read_window(&key, &value, &old)) {
			return store_damaged(store, "a window", failure);
		}
		window->id = old.id;
		return STATUS_OK;
	}
	if (error_number != MDB_NOTFOUND) {
		return store_fail(store, error_number, "cannot read windows", failure);
	}
	uint64_t last;
	status_t status = store_get_number(store, transaction, "last-window", &last, failure);
	if (status != STATUS_OK) {
		return status;
	}
	window->id = last + 1;
	return store_put_number(store, transaction, "last-window", window->id, failure);
}

static status_t put_row(const store_t *store, MDB_txn *transaction, uint64_t window_id,
                        const store_row_t *row, buffer_t *buffer, failure_t *failure)
{
	uint8_t key[ROW_KEY_SIZE];
	row_key(window_id, &row->features.originator, key);
	buffer->size = 0;
	write_row(buffer, row);
	if (buffer->failed) {
		return failure_no_memory(failure, "a row of the store");
	}
	return store_put(store, transaction, store->originators, key, sizeof(key), buffer->data,
	                 buffer->size, "cannot write an originator", failure);
}

/* Removes all rows of a window. */
static status_t remove_rows(const store_t *store, MDB_txn *transaction, uint64_t window_id,
                            failure_t *failure)
{
	MDB_cursor *cursor;
	int error_number = mdb_cursor_open(transaction, store->originators, &cursor);
	if (error_number != 0) {
		return store_fail(store, error_number, "cannot read originators", failure);
	}
	uint8_t first[8];
	key_be(first, window_id, 8);
	MDB_val key = { sizeof(first), first }, value;
	error_number = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
	while (error_number == 0 && key.mv_size >= 8 && memcmp(key.mv_data, first, 8) == 0) {
		error_number = mdb_cursor_del(cursor, 0);
		if (error_number == 0) {
			error_number = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
		}
	}
	mdb_cursor_close(cursor);
	return error_number == 0 || error_number == MDB_NOTFOUND ? STATUS_OK :
	       store_fail(store, error_number, "cannot remove originators", failure);
}

/* The list of prefixes of a window, if there is one. */
static status_t remove_prefixes(const store_t *store, MDB_txn *transaction, uint64_t window_id,
                                failure_t *failure)
{
	uint8_t bytes[8];
	MDB_val key = { sizeof(bytes), bytes };
	key_be(bytes, window_id, 8);
	int error_number = mdb_del(transaction, store->prefixes, &key, NULL);
	return error_number == 0 || error_number == MDB_NOTFOUND ? STATUS_OK :
	       store_fail(store, error_number, "cannot remove prefixes", failure);
}

static status_t put_window(const store_t *store, MDB_txn *transaction, store_window_t *window,
                           const store_row_t *rows, size_t count, failure_t *failure)
{
	status_t status = find_id(store, transaction, window, failure);
	if (status == STATUS_OK) {
		status = remove_rows(store, transaction, window->id, failure);
	}
	buffer_t buffer = { 0 };
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		status = put_row(store, transaction, window->id, &rows[i], &buffer, failure);
	}
	if (status == STATUS_OK) {
		uint8_t key[WINDOW_KEY_MAX];
		buffer.size = 0;
		write_window(&buffer, window);
		status = buffer.failed ? failure_no_memory(failure, "a window of the store") :
		         store_put(store, transaction, store->windows, key, window_key(window, key),
		                   buffer.data, buffer.size, "cannot write a window", failure);
	}
	buffer_clear(&buffer);
	return status;
}

status_t store_window_put(store_t *store, store_window_t *window, const store_row_t *rows,
                          size_t count, failure_t *failure)
{
	MDB_txn *transaction;
	/* A reader that was killed would keep its pages from being used again. */
	(void)mdb_reader_check(store->environment, NULL);
	status_t status = store_begin(store, 0, &transaction, failure);
	if (status != STATUS_OK) {
		return status;
	}
	status = put_window(store, transaction, window, rows, count, failure);
	if (status != STATUS_OK) {
		mdb_txn_abort(transaction);
		return status;
	}
	return store_commit(store, transaction, failure);
}

/* What a walk over a table does with an entry; *more false ends it. */
typedef status_t (*entry_visit_t)(const store_t *store, void *context, const MDB_val *key,
                                  const MDB_val *value, bool *more, failure_t *failure);

static status_t walk(const store_t *store, MDB_dbi table, MDB_val key, MDB_cursor_op first,
                     MDB_cursor_op next, entry_visit_t visit, void *context, failure_t *failure)
{
	MDB_txn *transaction;
	status_t status = store_begin(store, MDB_RDONLY, &transaction, failure);
	if (status != STATUS_OK) {
		return status;
	}
	MDB_cursor *cursor;
	MDB_val value;
	int error_number = mdb_cursor_open(transaction, table, &cursor);
	if (error_number == 0) {
		bool more = true;
		error_number = mdb_cursor_get(cursor, &key, &value, first);
		while (error_number == 0 && more &&
		       (status = visit(store, context, &key, &value, &more, failure)) == STATUS_OK &&
		       more) {
			error_number = mdb_cursor_get(cursor, &key, &value, next);
		}
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(transaction);
	if (error_number != 0 && error_number != MDB_NOTFOUND) {
		return store_fail(store, error_number, "cannot read", failure);
	}
	return status;
}

typedef struct {
	store_window_visit_t window;
	store_row_visit_t row;
	void *context;
	uint64_t window_id;
} visitor_t;

static status_t visit_window(const store_t *store, void *context, const MDB_val *key,
                             const MDB_val *value, bool *more, failure_t *failure)
{
	visitor_t *visitor = context;
	store_window_t window;
	if (!read_window(key, value, &window)) {
		return store_damaged(store, "a window", failure);
	}
	*more = visitor->window(visitor->context, &window);
	return STATUS_OK;
}

status_t store_windows(const store_t *store, store_window_visit_t visit, void *context,
                       failure_t *failure)
{
	visitor_t visitor = { .window = visit, .context = context };
	return walk(store, store->windows, (MDB_val) { 0 }, MDB_LAST, MDB_PREV, visit_window,
	            &visitor, failure);
}

static status_t visit_row(const store_t *store, void *context, const MDB_val *key,
                          const MDB_val *value, bool *more, failure_t *failure)
{
	visitor_t *visitor = context;
	uint8_t wanted[8];
	key_be(wanted, visitor->window_id, 8);
	if (key->mv_size < 8 || memcmp(key->mv_data, wanted, 8) != 0) {
		*more = false;
		return STATUS_OK;
	}
	store_row_t row;
	if (!read_row(key, value, &row)) {
		return store_damaged(store, "an originator", failure);
	}
	*more = visitor->row(visitor->context, &row);
	return STATUS_OK;
}

status_t store_rows(const store_t *store, uint64_t window_id, store_row_visit_t visit,
                    void *context, failure_t *failure)
{
	visitor_t visitor = { .row = visit, .context = context, .window_id = window_id };
	uint8_t first[8];
	key_be(first, window_id, 8);
	return walk(store, store->originators, (MDB_val) { sizeof(first), first }, MDB_SET_RANGE,
	            MDB_NEXT, visit_row, &visitor, failure);
}

status_t store_row_get(const store_t *store, uint64_t window_id, const address_t *originator,
                       store_row_t *row, failure_t *failure)
{
	uint8_t bytes[ROW_KEY_SIZE];
	row_key(window_id, originator, bytes);
	MDB_val key = { sizeof(bytes), bytes }, value;
	MDB_txn *transaction;
	status_t status = store_begin(store, MDB_RDONLY, &transaction, failure);
	if (status != STATUS_OK) {
		return status;
	}
	int error_number = mdb_get(transaction, store->originators, &key, &value);
	if (error_number == MDB_NOTFOUND) {
		status = STATUS_END;
	} else if (error_number != 0) {
		status = store_fail(store, error_number, "cannot read", failure);
	} else if (!read_row(&key, &value, row)) {
		status = store_damaged(store, "an originator", failure);
	}
	mdb_txn_abort(transaction);
	return status;
}

static status_t expire(const store_t *store, MDB_txn *transaction, uint64_t before,
                       failure_t *failure)
{
	MDB_cursor *cursor;
	MDB_val key, value;
	int error_number = mdb_cursor_open(transaction, store->windows, &cursor);
	if (error_number != 0) {
		return store_fail(store, error_number, "cannot read windows", failure);
	}
	status_t status = STATUS_OK;
	while (status == STATUS_OK && error_number == 0 &&
	       (error_number = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
		store_window_t window;
		if (!read_window(&key, &value, &window)) {
			status = store_damaged(store, "a window", failure);
		} else if (window.start >= before) {
			break;
		} else if (window.start + window.length < before) {
			status = remove_rows(store, transaction, window.id, failure);
			if (status == STATUS_OK) {
				status = remove_prefixes(store, transaction, window.id, failure);
			}
			error_number = mdb_cursor_del(cursor, 0);
		}
	}
	mdb_cursor_close(cursor);
	if (status == STATUS_OK && error_number != 0 && error_number != MDB_NOTFOUND) {
		status = store_fail(store, error_number, "cannot remove a window", failure);
	}
	return status;
}

status_t store_expire(store_t *store, uint64_t before, failure_t *failure)
{
	MDB_txn *transaction;
	status_t status = store_begin(store, 0, &transaction, failure);
	if (status != STATUS_OK) {
		return status;
	}
	status = expire(store, transaction, before, failure);
	if (status != STATUS_OK) {
		mdb_txn_abort(transaction);
		return status;
	}
	return store_commit(store, transaction, failure);
}
