/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store: what is written is read back, whole or not at all, by other processes too. */
#include <lmdb.h>
#include <math.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/moment.h"
#include "store/store_prefix.h"
#include "store/store_querier.h"
#include "store/store_window.h"
#include "tests/tap.h"

#define DAY (UINT64_C(86400) * MICROSECONDS)
#define START (19000 * DAY)

static char folder[] = "test_store.XXXXXX";

static void remove_store(void)
{
	char path[64];
	static const char *const names[] = { "data.mdb", "lock.mdb" };
	for (int i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
}

static address_t ipv4(unsigned number)
{
	uint8_t octets[4] = { 10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number };
	return address_from_ipv4(octets);
}

static store_row_t make_row(unsigned number, const char *class_name)
{
	store_row_t row = {
		.features = {
			.originator = ipv4(number), .queriers = 20 + number, .queries = 40 + number, .verified = number,
			.sampled = 20 + number, .known_names = 0.5f, .known_as = 0.25f,
			.known_countries = 1,
		},
		.probability = 0.75, .scan_probability = 0.75, .flagged = START + number,
		.little_known = number % 2 != 0, .unverified = number % 3 == 0,
	};
	for (unsigned i = 0; i < FEATURES; i++) {
		row.features.features[i] = i == 3 ? (double)NAN : number + i / 100.0;
	}
	(void)snprintf(row.class_name, sizeof(row.class_name), "%s", class_name);
	return row;
}

static bool same_row(const store_row_t *a, const store_row_t *b)
{
	bool same = address_equal(&a->features.originator, &b->features.originator) &&
	            a->features.queriers == b->features.queriers &&
	            a->features.queries == b->features.queries &&
	            a->features.sampled == b->features.sampled &&
	            a->features.known_names == b->features.known_names &&
	            a->features.known_as == b->features.known_as &&
	            a->features.known_countries == b->features.known_countries &&
	            a->probability == b->probability && a->flagged == b->flagged &&
	            a->scan_probability == b->scan_probability &&
	            a->little_known == b->little_known && a->unverified == b->unverified &&
	            a->features.verified == b->features.verified &&
	            strcmp(a->class_name, b->class_name) == 0;
	for (unsigned i = 0; i < FEATURES; i++) {
		double x = a->features.features[i], y = b->features.features[i];
		same = same && (x == y || (isnan(x) && isnan(y)));
	}
	return same;
}

typedef struct {
	unsigned count;
	unsigned good;
	unsigned stop_after;
	store_window_t windows[8];
} visit_t;

static bool visit_row(void *context, const store_row_t *row)
{
	visit_t *visit = context;
	store_row_t wanted = make_row(visit->count, "scan");
	visit->good += same_row(row, &wanted);
	return ++visit->count != visit->stop_after;
}

static bool visit_window(void *context, const store_window_t *window)
{
	visit_t *visit = context;
	if (visit->count < 8) {
		visit->windows[visit->count] = *window;
	}
	return ++visit->count != visit->stop_after;
}

static store_window_t make_window(uint64_t start, family_t family, const char *scope)
{
	store_window_t window = {
		.start = start, .since = start, .length = DAY, .family = family, .closed = true, .updated = start + 5,
		.counts = {
			.observations = 1, .suppressed = 2, .refused = 3, .full = 21,
			.partial = { 22, 23, [QUERY_LABELS - 1] = 24 },
		},
		.originators = 4, .queriers = 5, .as_numbers = 6,
		.countries = 7, .analyzable = 8, .scanners = 9, .model = UINT64_MAX - 1,
		.threshold = 0.4, .min_known = 0.6, .min_verified = 0.3,
	};
	(void)snprintf(window.scope, sizeof(window.scope), "%s", scope);
	return window;
}

static void test_windows(store_t *store)
{
	failure_t failure = { 0 };
	store_row_t rows[10];
	for (unsigned i = 0; i < 10; i++) {
		rows[i] = make_row(i, "scan");
	}
	store_window_t window = make_window(START, FAMILY_IPV4, "");
	is_int(store_window_put(store, &window, rows, 10, &failure), STATUS_OK, "window written");
	uint64_t id = window.id;
	ok(id != 0, "it has a number");
	store_window_t other = make_window(START + DAY, FAMILY_IPV6, "2.0.192.in-addr.arpa.");
	(void)store_window_put(store, &other, NULL, 0, &failure);
	ok(other.id != id, "another window, another number");

	visit_t visit = { 0 };
	is_int(store_windows(store, visit_window, &visit, &failure), STATUS_OK, "windows visited");
	is_int(visit.count, 2, "both are there");
	is_int(visit.windows[0].id, other.id, "the latest comes first");
	is_text(visit.windows[0].scope, "2.0.192.in-addr.arpa.", "scope");
	ok(memcmp(&visit.windows[1], &window, sizeof(window)) == 0, "all figures are read back");

	visit = (visit_t) { 0 };
	(void)store_rows(store, id, visit_row, &visit, &failure);
	ok(visit.count == 10 && visit.good == 10, "all rows are read back");
	visit = (visit_t) { .stop_after = 3 };
	(void)store_rows(store, id, visit_row, &visit, &failure);
	is_int(visit.count, 3, "a visitor can stop");
	visit = (visit_t) { 0 };
	(void)store_rows(store, other.id, visit_row, &visit, &failure);
	is_int(visit.count, 0, "a window without rows");

	store_row_t row;
	address_t address = ipv4(7);
	is_int(store_row_get(store, id, &address, &row, &failure), STATUS_OK, "one row");
	ok(same_row(&row, &rows[7]), "it is the right one");
	address = ipv4(11);
	is_int(store_row_get(store, id, &address, &row, &failure), STATUS_END, "no such row");

	store_window_t part = make_window(START, FAMILY_IPV4, "");
	part.since = START + DAY / 2;
	(void)store_window_put(store, &part, rows, 1, &failure);
	ok(part.id != id, "what came after a restart is a part of its own");
	visit = (visit_t) { 0 };
	(void)store_rows(store, id, visit_row, &visit, &failure);
	is_int(visit.count, 10, "and the part before it is still there");

	(void)store_window_put(store, &window, rows, 4, &failure);
	is_int(window.id, id, "the same window keeps its number");
	visit = (visit_t) { 0 };
	(void)store_rows(store, id, visit_row, &visit, &failure);
	is_int(visit.count, 4, "its rows are replaced");

	is_int(store_expire(store, START + DAY + 1, &failure), STATUS_OK, "expired");
	visit = (visit_t) { 0 };
	(void)store_windows(store, visit_window, &visit, &failure);
	is_int(visit.count, 1, "the window that had ended is gone");
	visit = (visit_t) { 0 };
	(void)store_rows(store, id, visit_row, &visit, &failure);
	is_int(visit.count, 0, "and its rows");
}

/* The list of a window goes with it. */
static void test_prefixes(store_t *store)
{
	failure_t failure = { 0 };
	prefix_activity_t entries[] = { { .queriers = 9 }, { .queriers = 5 } };
	(void)prefix_parse("10.0.0.0/8", &entries[0].prefix);
	(void)prefix_parse("2001:db8:1::/48", &entries[1].prefix);
	prefix_list_t list = { entries, 2, 77 }, back;
	store_window_t window = make_window(START - 9 * DAY, FAMILY_IPV4, "");
	(void)store_window_put(store, &window, NULL, 0, &failure);
	is_int(store_prefixes_read(store, window.id, &back, &failure), STATUS_OK, "no prefixes yet");
	is_int(back.count, 0, "none");
	prefix_list_clear(&back);
	is_int(store_prefixes_put(store, window.id, &list, &failure), STATUS_OK, "prefixes written");
	is_int(store_prefixes_read(store, window.id, &back, &failure), STATUS_OK, "and read");
	is_int(back.prefixes, 77, "how many there were");
	is_int(back.count, 2, "both");
	for (unsigned i = 0; i < 2; i++) {
		const prefix_activity_t *entry = &back.entries[i];
		ok(entry->queriers == entries[i].queriers &&
		   entry->prefix.length == entries[i].prefix.length &&
		   address_equal(&entry->prefix.address, &entries[i].prefix.address), "as they were");
	}
	prefix_list_clear(&back);
	is_int(store_expire(store, START - 7 * DAY, &failure), STATUS_OK, "their window expires");
	(void)store_prefixes_read(store, window.id, &back, &failure);
	is_int(back.count, 0, "they are gone with it");
	prefix_list_clear(&back);
}

static void test_queriers(store_t *store)
{
	failure_t failure = { 0 };
	store_querier_batch_t *batch;
	uint64_t version, after;
	querier_directory_t *directory = NULL;
	size_t left_out = 0;
	address_t querier = ipv4(1);
	querier_info_t info = { .category = FEATURE_MAIL, .as_number = 64500, .country = 0x4350 };
	(void)store_querier_version(store, &version, &failure);
	(void)store_querier_begin(store, &batch, &failure);
	(void)store_querier_put(batch, &querier, "mx.example.com", info, START, &failure);
	is_int(store_querier_end(batch, false, &failure), STATUS_OK, "dropped");
	(void)store_querier_version(store, &after, &failure);
	is_int(after, version, "then nothing has changed");

	(void)store_querier_begin(store, &batch, &failure);
	for (unsigned i = 0; i < 1000; i++) {
		querier = ipv4(i);
		info.as_number = i;
		(void)store_querier_put(batch, &querier, i % 2 != 0 ? "mx.example.com" : "", info, START,
		                        &failure);
	}
	is_int(store_querier_end(batch, true, &failure), STATUS_OK, "kept");
	(void)store_querier_version(store, &after, &failure);
	ok(after != version, "a change can be seen");
	is_int(store_querier_load(store, SIZE_MAX, &directory, &left_out, &failure), STATUS_OK, "loaded");
	is_int(querier_directory_count(directory), 1000, "all of them");
	info = querier_directory_get(directory, &querier);
	ok(info.as_number == 999 && info.category == FEATURE_MAIL && info.country == 0x4350,
	   "what was written");
	querier_directory_destroy(directory);
	(void)store_querier_load(store, 990, &directory, &left_out, &failure);
	is_int(querier_directory_count(directory), 990, "no more than are wanted");
	is_int(left_out, 10, "those left out are counted");
	querier_directory_destroy(directory);
}

/* Another process reads while this one has the store open for writing. */
static void test_process(const store_t *writer)
{
	(void)writer;
	pid_t child = fork();
	if (child == 0) {
		/* A fork inherits LMDB's state and must not use it: start anew. */
		execl("/proc/self/exe", "test_store", "read", folder, (char *)NULL);
		_exit(99);
	}
	int status = 0;
	waitpid(child, &status, 0);
	is_int(WEXITSTATUS(status), 2, "another process sees the window and the queriers");
}

/* In the other process: how much of it is there. */
static int read_other(const char *path)
{
	failure_t failure;
	store_t *store;
	querier_directory_t *directory;
	visit_t visit = { 0 };
	size_t left_out;
	int good = 0;
	if (store_open(path, STORE_READ, &store, &failure) != STATUS_OK) {
		return 98;
	}
	good += store_windows(store, visit_window, &visit, &failure) == STATUS_OK && visit.count == 1;
	if (store_querier_load(store, SIZE_MAX, &directory, &left_out, &failure) == STATUS_OK) {
		good += querier_directory_count(directory) == 1000;
		querier_directory_destroy(directory);
	}
	store_close(store);
	return good;
}

static void test_refusals(void)
{
	failure_t failure;
	store_t *store;
	is_int(store_open("/nonexistent/store", STORE_WRITE, &store, &failure), STATUS_SYSTEM,
	       "no folder");
	is_text(failure.sentence, "cannot open store folder '/nonexistent/store': "
	        "No such file or directory", "sentence");
	is_int(store_open("/dev/null", STORE_WRITE, &store, &failure), STATUS_SYSTEM, "no folder but a file");
	is_int(store_open(folder, STORE_READ, &store, &failure), STATUS_SYSTEM, "nothing to read");
	ok(strstr(failure.sentence, "there is no store in this folder") != NULL, "%s",
	   failure.sentence);
	char path[64];
	(void)snprintf(path, sizeof(path), "%s/data.mdb", folder);
	FILE *file = fopen(path, "w");
	for (int i = 0; i < 100000; i++) {
		putc('x', file);
	}
	fclose(file);
	ok(store_open(folder, STORE_READ, &store, &failure) != STATUS_OK, "no store: %s",
	   failure.sentence);
	remove_store();
}

/* A database of another program is left as it is. */
static void test_foreign(void)
{
	MDB_env *environment;
	MDB_txn *transaction;
	MDB_dbi table;
	MDB_val key = { 4, (void *)"zone" }, value = { 5, (void *)"timer" };
	tap_require(mdb_env_create(&environment) == 0 &&
	            mdb_env_open(environment, folder, 0, 0600) == 0 &&
	            mdb_txn_begin(environment, NULL, 0, &transaction) == 0 &&
	            mdb_dbi_open(transaction, NULL, 0, &table) == 0 &&
	            mdb_put(transaction, table, &key, &value, 0) == 0 &&
	            mdb_txn_commit(transaction) == 0, "database made");
	mdb_env_close(environment);
	failure_t failure;
	store_t *store;
	is_int(store_open(folder, STORE_WRITE, &store, &failure), STATUS_BAD_DATA, "not ours to write");
	ok(strstr(failure.sentence, "holds a database that is no store") != NULL, "%s",
	   failure.sentence);
	is_int(store_open(folder, STORE_READ, &store, &failure), STATUS_BAD_DATA, "nor to read");
	remove_store();
}

int main(int argc, char **argv)
{
	if (argc == 3) {
		return read_other(argv[2]);
	}
	failure_t failure = { 0 };
	store_t *store = NULL, *same = NULL;
	tap_require(mkdtemp(folder) != NULL, "temporary folder");
	test_refusals();
	test_foreign();
	tap_require(store_open(folder, STORE_WRITE, &store, &failure) == STATUS_OK, "made %s",
	            failure.sentence);
	is_int(store_open(folder, STORE_WRITE, &same, &failure), STATUS_OK, "opened once more");
	ok(same == store, "it is shared");
	test_windows(store);
	test_prefixes(store);
	store_close(same);
	test_queriers(store);
	test_process(store);
	store_close(store);
	(void)store_open(folder, STORE_READ, &store, &failure);
	store_querier_batch_t *batch;
	is_int(store_querier_begin(store, &batch, &failure), STATUS_CALLER, "open for reading only");
	store_close(store);
	remove_store();
	rmdir(folder);
	return tap_done();
}
