/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Networks from a MaxMind DB.
 *
 * The file has a binary tree: each node leads by the next bit of an address to another node,
 * to data, or to nothing. IPv4 lies below ::/96; other places of the IPv6 space (mapped
 * addresses, 6to4, Teredo) may lead to that same node, and are left out here. The tree is
 * walked once; a part of it that says the same everywhere is told to the node above, which
 * joins it with its twin or writes down both:
 *
 *            ┌── 0 ── AS 1 ─┐
 *     node ──┤              ├─ same: "AS 1" goes up, else both become entries
 *            └── 1 ── AS 1 ─┘
 */
#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/network_file.h"

/* No single value: parts of it have been written down. */
#define MIXED UINT64_MAX

#define NO_NODE UINT32_MAX

typedef struct {
	network_file_t *file;
	MMDB_s database;
	char keys[NETWORK_PATH_MAX];
	const char *path[NETWORK_KEYS_MAX + 1]; /* keys, and NULL */
	uint32_t ipv4_node;  /* where IPv4 begins in a tree of IPv6; NO_NODE: nowhere */
	uint64_t visits;
	bool found;          /* an entry had the value */
	failure_t *failure;
} walk_t;

static status_t damaged(const walk_t *walk, const char *what)
{
	return failure_set(walk->failure, STATUS_BAD_DATA, "'%s' is damaged: %s", walk->file->path, what);
}

/* The value of an entry's data; 0 if it has none. */
static status_t read_value(walk_t *walk, MMDB_entry_s *entry, uint64_t *value)
{
	MMDB_entry_data_s data;
	uint32_t number = 0;
	*value = 0;
	int code = MMDB_aget_value(entry, &data, walk->path);
	if (code == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR ||
	    code == MMDB_INVALID_LOOKUP_PATH_ERROR || (code == MMDB_SUCCESS && !data.has_data)) {
		return STATUS_OK;
	}
	if (code != MMDB_SUCCESS) {
		return damaged(walk, MMDB_strerror(code));
	}
	bool good = true;
	switch (data.type) {
	case MMDB_DATA_TYPE_UTF8_STRING:
		good = network_value_parse(walk->file->kind, data.utf8_string, data.data_size, &number);
		break;
	case MMDB_DATA_TYPE_UINT16:
		number = data.uint16;
		good = walk->file->kind == NETWORK_AS;
		break;
	case MMDB_DATA_TYPE_UINT32:
		number = data.uint32;
		good = walk->file->kind == NETWORK_AS;
		break;
	default:
		good = false;
		break;
	}
	if (!good) {
		return failure_set(walk->failure, STATUS_BAD_DATA, "'%s': '%s' of an entry is no %s",
		                   walk->file->path, walk->file->keys,
		                   walk->file->kind == NETWORK_AS ? "AS number" : "country of two letters");
	}
	walk->found = walk->found || number != 0;
	*value = number;
	return STATUS_OK;
}

static status_t write_down(walk_t *walk, const address_t *address, unsigned length, uint64_t value)
{
	prefix_t prefix = { *address, (uint8_t)length };
	return value == MIXED || value == 0 ? STATUS_OK :
	       network_file_add(walk->file, &prefix, (uint32_t)value, walk->failure);
}

static status_t walk_node(walk_t *walk, uint32_t node, const address_t *at, unsigned length,
                          uint64_t *value);

static const address_t mapped = { .bytes = { [10] = 0xff, [11] = 0xff } };

static bool is_zero(const address_t *address)
{
	return address->words[0] == 0 && address->words[1] == 0;
}

/* IPv4, seen from the place in the IPv6 space where it lies: entries of its own, nothing there. */
static status_t walk_ipv4(walk_t *walk, uint32_t node)
{
	uint64_t value;
	status_t status = walk_node(walk, node, &mapped, ADDRESS_IPV4_OFFSET, &value);
	return status == STATUS_OK ? write_down(walk, &mapped, ADDRESS_IPV4_OFFSET, value) : status;
}

/* What a record of a node leads to, at the place `at`/`length`. */
static status_t walk_record(walk_t *walk, uint64_t record, uint8_t type, MMDB_entry_s *entry,
                            const address_t *at, unsigned length, uint64_t *value)
{
	status_t status;
	*value = 0;
	switch (type) {
	case MMDB_RECORD_TYPE_SEARCH_NODE:
		if (length >= 128) {
			return damaged(walk, "its tree is deeper than addresses are long");
		}
		if (record == walk->ipv4_node && !address_is_ipv4(at)) {
			/* Elsewhere than at ::/96 it is the same once more. */
			return length == ADDRESS_IPV4_OFFSET && is_zero(at) ?
			       walk_ipv4(walk, (uint32_t)record) : STATUS_OK;
		}
		return walk_node(walk, (uint32_t)record, at, length, value);
	case MMDB_RECORD_TYPE_EMPTY:
		return STATUS_OK;
	case MMDB_RECORD_TYPE_DATA:
		status = read_value(walk, entry, value);
		/* Data above ::/96 hold for IPv4, too. */
		return status == STATUS_OK && length <= ADDRESS_IPV4_OFFSET && is_zero(at) ?
		       write_down(walk, &mapped, ADDRESS_IPV4_OFFSET, *value) : status;
	default:
		return damaged(walk, "a node leads to nowhere");
	}
}

static status_t walk_node(walk_t *walk, uint32_t node, const address_t *at, unsigned length,
                          uint64_t *value)
{
	MMDB_search_node_s pair;
	uint64_t left, right;
	if (walk->visits++ > walk->database.metadata.node_count) {
		return damaged(walk, "its tree has circles");
	}
	int code = MMDB_read_node(&walk->database, node, &pair);
	if (code != MMDB_SUCCESS) {
		return damaged(walk, MMDB_strerror(code));
	}
	address_t other = *at;
	other.bytes[length / 8] |= (uint8_t)(0x80 >> length % 8);
	status_t status = walk_record(walk, pair.left_record, pair.left_record_type,
	                              &pair.left_record_entry, at, length + 1, &left);
	if (status == STATUS_OK) {
		status = walk_record(walk, pair.right_record, pair.right_record_type,
		                     &pair.right_record_entry, &other, length + 1, &right);
	}
	if (status != STATUS_OK) {
		return status;
	}
	*value = left == right ? left : MIXED;
	if (*value == MIXED) {
		status = write_down(walk, at, length + 1, left);
		status = status == STATUS_OK ? write_down(walk, &other, length + 1, right) : status;
	}
	return status;
}

static uint32_t find_ipv4(const MMDB_s *database)
{
	MMDB_search_node_s pair;
	uint64_t node = 0;
	for (unsigned i = 0; i < ADDRESS_IPV4_OFFSET; i++) {
		if (MMDB_read_node(database, (uint32_t)node, &pair) != MMDB_SUCCESS ||
		    pair.left_record_type != MMDB_RECORD_TYPE_SEARCH_NODE) {
			return NO_NODE;
		}
		node = pair.left_record;
	}
	return (uint32_t)node;
}

static status_t walk_all(walk_t *walk)
{
	static const address_t zero;
	uint64_t value;
	if (walk->database.metadata.ip_version == 4) {
		walk->ipv4_node = NO_NODE;
		return walk_ipv4(walk, 0);
	}
	walk->ipv4_node = find_ipv4(&walk->database);
	status_t status = walk_node(walk, 0, &zero, 0, &value);
	return status == STATUS_OK ? write_down(walk, &zero, 0, value) : status;
}

static void split_keys(walk_t *walk)
{
	size_t count = 0;
	char *rest;
	(void)snprintf(walk->keys, sizeof(walk->keys), "%s", walk->file->keys);
	for (char *key = strtok_r(walk->keys, "/", &rest); key != NULL && count < NETWORK_KEYS_MAX;
	     key = strtok_r(NULL, "/", &rest)) {
		walk->path[count++] = key;
	}
}

status_t network_read_mmdb(network_file_t *file, failure_t *failure)
{
	char name[64];
	walk_t walk = { .file = file, .failure = failure };
	split_keys(&walk);
	/* The library opens by name only. */
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", file->file);
	int code = MMDB_open(name, MMDB_MODE_MMAP, &walk.database);
	if (code == MMDB_OUT_OF_MEMORY_ERROR) {
		return failure_no_memory(failure, file->path);
	}
	if (code != MMDB_SUCCESS) {
		return damaged(&walk, MMDB_strerror(code));
	}
	status_t status = walk_all(&walk);
	if (status == STATUS_OK && !walk.found) {
		status = failure_set(failure, STATUS_BAD_DATA, "'%s': no entry has '%s'", file->path,
		                     file->keys);
	}
	MMDB_close(&walk.database);
	return status;
}
